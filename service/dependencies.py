"""What the endpoints are handed: the process's services, the caller, the body, the time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Protocol

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import ClientDisconnect

from models.errors import InvalidInput, TooLarge
from service.flows.keys import authenticate
from service.security import LOCAL, Principal, Right, Role, bearer_key, check_right
from service.settings import Settings
from service.storage.engine import Store
from service.telemetry import Telemetry

# A note of 100,000 code points is 1.2 MB at worst, every one of them escaped as a pair.
MAX_BODY_BYTES = 2 * 1024 * 1024
MAX_BATCH_BYTES = 64 * 1024 * 1024


class BackgroundWork(Protocol):
    """What the health probe asks of the worker in this process."""

    @property
    def status(self) -> Any:
        """What the worker is doing, or why it waits."""
        ...


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that one application was built with."""

    settings: Settings
    store: Store
    telemetry: Telemetry
    clock: Callable[[], datetime]
    # Fixed for the demo, whose sample ends on a known day; None: the day of `clock`.
    fixed_day: date | None
    worker: BackgroundWork | None
    language: Callable[[], Any]

    def today(self) -> date:
        """The organisation's local day: what `quarter` and `as_of` default to."""
        return self.fixed_day or self.settings.calendar.local_day(self.clock())


def services_of(request: Request) -> Services:
    """The services of the application that answers this request."""
    services: Services = request.app.state.services
    return services


ServicesOf = Annotated[Services, Depends(services_of)]

_bearer = HTTPBearer(auto_error=False, description="A key made with `groundswell keys create`.")


def principal_of(
    request: Request,
    services: ServicesOf,
    _documented: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Principal:
    """The caller, by its key; the local administrator when authentication is off.

    Raises:
        Unauthenticated: no key, or one that is unknown or revoked.
    """
    if services.settings.auth == "off":
        return LOCAL
    key = bearer_key(request.headers.get("authorization"))
    holder = authenticate(services.store, key, now=services.clock())
    return Principal(name=holder.name, role=Role(holder.role), csm_id=holder.csm_id)


def may(right: Right) -> Any:
    """A dependency that hands over the caller, or refuses one without this right."""

    def checked(principal: Annotated[Principal, Depends(principal_of)]) -> Principal:
        check_right(principal, right)
        return principal

    return Depends(checked)


@dataclass(frozen=True, slots=True)
class Body:
    """A request body as it came, and its media type in lower case without parameters."""

    data: bytes
    media_type: str


async def _read(request: Request, limit: int) -> Body:
    stated = request.headers.get("content-length", "")
    if stated.isdigit() and int(stated) > limit:
        raise _too_large(limit)
    chunks: list[bytes] = []
    size = 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > limit:
                raise _too_large(limit)
            chunks.append(chunk)
    except ClientDisconnect:
        raise InvalidInput(
            "The body broke off before its end; nothing was stored.", code="body_broke_off"
        ) from None
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return Body(b"".join(chunks), media_type)


def _too_large(limit: int) -> TooLarge:
    return TooLarge(
        f"The body is over {limit // (1024 * 1024)} MB; send it in parts.", code="body_too_large"
    )


async def _one(request: Request) -> Body:
    return await _read(request, MAX_BODY_BYTES)


async def _many(request: Request) -> Body:
    return await _read(request, MAX_BATCH_BYTES)


# The only async code of the web layer: bodies are read on the loop, all else runs in threads.
OneBody = Annotated[Body, Depends(_one)]
BatchBody = Annotated[Body, Depends(_many)]
