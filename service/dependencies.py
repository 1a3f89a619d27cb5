"""What the endpoints are handed: the process's services, the caller, the body, the time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Protocol

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import ClientDisconnect

from models.errors import InvalidInput, TooLarge, TooSlow, Unauthenticated, Unsupported
from service.cross_site import refuse_cross_site
from service.flows.keys import authenticate
from service.flows.receive_together import IntakeLine
from service.flows.sessions import authenticate_session
from service.limits import Limits
from service.masking import Sight
from service.security import LOCAL, Principal, Right, Role, address_of, bearer_key, check_right
from service.session_seal import SESSION_COOKIE, SessionSeal
from service.settings import Settings
from service.sign_on import SignOn
from service.storage.api_keys import StoredKey
from service.storage.engine import Store
from service.telemetry import Telemetry

# A note of 100,000 code points is 1.2 MB at worst, every one of them escaped as a pair.
MAX_BODY_BYTES = 2 * 1024 * 1024
MAX_BATCH_BYTES = 64 * 1024 * 1024
# A hundred of Salesforce's notifications with its longest descriptions.
MAX_DELIVERY_BYTES = 8 * 1024 * 1024
MAX_FORM_BYTES = 64 * 1024
# A body may come as slowly as this on the whole, once its first `body_timeout` is over.
SLOWEST_BYTES = 16 * 1024


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
    limits: Limits
    # Made on first use: it may have to be kept in the store.
    session_seal: Callable[[], SessionSeal]
    intake: IntakeLine
    sign_on: SignOn | None

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
    """The caller, by its key or its session; the local administrator when auth is off.

    Raises:
        Unauthenticated: no key, or one that is unknown, expired or revoked.
        Forbidden: `cross_site`, for a write in a session that another site's page asked for.
        TooMany: `rate_limited`, `too_many_failures`.
    """
    if services.settings.auth == "off":
        return LOCAL
    shown = request.cookies.get(SESSION_COOKIE)
    if shown is not None and "authorization" not in request.headers:
        refuse_cross_site(request.method, request.headers)
        who = holder_of_session(services, shown)
    else:
        who = _holder_of_key(request, services)
    services.limits.count_request(who.key_id, services.clock().timestamp())
    return who


def _holder_of_key(request: Request, services: Services) -> Principal:
    key = bearer_key(request.headers.get("authorization"))
    try:
        holder = authenticate(services.store, key, now=services.clock())
    except Unauthenticated:
        # A right key is never refused for the wrong ones of others behind the same address.
        services.limits.count_wrong_key(caller_address(request), services.clock().timestamp())
        raise
    return _principal(holder)


def holder_of_session(services: Services, shown: str) -> Principal:
    """Who is signed in by this cookie; its key is checked anew at each request.

    Raises:
        Unauthenticated: `session_over`, `revoked_key`, `expired_key`.
    """
    now = services.clock()
    key_id = services.session_seal().open(shown, now=now)
    return _principal(authenticate_session(services.store, key_id, now=now), signed_in=True)


def caller_address(request: Request) -> str:
    """Where the request comes from; behind a trusted proxy, where the proxy says."""
    return address_of(request.client.host if request.client else None)


def is_https(request: Request, services: Services) -> bool:
    """Whether browsers reach us by https; a proxy may have taken it off."""
    public = services.settings.public_url or ""
    return request.url.scheme == "https" or public.startswith("https:")


def _principal(holder: StoredKey, *, signed_in: bool = False) -> Principal:
    return Principal(
        name=holder.name,
        role=Role(holder.role),
        csm_id=holder.csm_id,
        key_id=holder.id,
        signed_in=signed_in,
    )


def may(right: Right) -> Any:
    """A dependency that hands over the caller, or refuses one without this right."""

    def checked(principal: Annotated[Principal, Depends(principal_of)]) -> Principal:
        check_right(principal, right)
        return principal

    return Depends(checked)


def room_in_queue(services: ServicesOf) -> None:
    """A dependency that refuses a note while too many wait to be read.

    Raises:
        Unavailable: `queue_full`.
    """
    services.limits.queue.enter()


# Behind the caller's right and before the body: a refusal is cheap, and tells strangers nothing.
Room = Annotated[None, Depends(room_in_queue)]


def sight_of(services: ServicesOf, who: Annotated[Principal, Depends(principal_of)]) -> Sight:
    """What the caller may see of what customers said."""
    return Sight(
        services.settings.quote_mask,
        reads_all=who.role in (Role.CS_OPS, Role.ADMIN),
        own_csm_id=who.csm_id,
    )


SightOf = Annotated[Sight, Depends(sight_of)]


@dataclass(frozen=True, slots=True)
class Body:
    """A request body as it came, and its media type in lower case without parameters."""

    data: bytes
    media_type: str


async def paced(request: Request, limit: int) -> AsyncGenerator[bytes]:
    """The body as it comes, while it comes at a fair pace: what has come buys time for the rest.

    Raises:
        TooLarge: `body_too_large`.
        TooSlow: `body_too_slow`.
        Unsupported: `content_encoding_unsupported`.
        InvalidInput: `body_broke_off`.
    """
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        # A few bytes can unpack to gigabytes, and no sender that we know of packs its bodies.
        raise Unsupported(
            "The body is compressed (Content-Encoding); send it as it is.",
            code="content_encoding_unsupported",
        )
    stated = request.headers.get("content-length", "")
    if stated.isdigit() and int(stated) > limit:
        raise _too_large(limit)
    clock = asyncio.get_running_loop().time
    until = clock() + services_of(request).settings.body_timeout
    stream = request.stream()
    come = 0
    while (chunk := await _next(stream, until + come / SLOWEST_BYTES - clock())) is not None:
        come += len(chunk)
        if come > limit:
            raise _too_large(limit)
        yield chunk


async def _next(stream: AsyncGenerator[bytes], patience: float) -> bytes | None:
    try:
        async with asyncio.timeout(patience):
            return await anext(stream, None)
    except ClientDisconnect:
        raise InvalidInput(
            "The body broke off before its end; nothing was stored.", code="body_broke_off"
        ) from None
    except TimeoutError:
        raise TooSlow(
            f"The body came more slowly than {SLOWEST_BYTES // 1024} KB a second; nothing was"
            " stored.",
            code="body_too_slow",
        ) from None


async def _read(request: Request, limit: int) -> Body:
    data = bytearray()
    async for chunk in paced(request, limit):
        data += chunk
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return Body(bytes(data), media_type)


def _too_large(limit: int) -> TooLarge:
    return TooLarge(
        f"The body is over {limit // 1024:,} KB; send it in parts.", code="body_too_large"
    )


async def _one(request: Request) -> Body:
    return await _read(request, MAX_BODY_BYTES)


async def _many(request: Request) -> Body:
    return await _read(request, MAX_BATCH_BYTES)


async def _delivery(request: Request) -> Body:
    return await _read(request, MAX_DELIVERY_BYTES)


async def _form(request: Request) -> Body:
    return await _read(request, MAX_FORM_BYTES)


# The only async code of the web layer: bodies are read on the loop, all else runs in threads.
OneBody = Annotated[Body, Depends(_one)]
BatchBody = Annotated[Body, Depends(_many)]
DeliveryBody = Annotated[Body, Depends(_delivery)]
FormBody = Annotated[Body, Depends(_form)]
