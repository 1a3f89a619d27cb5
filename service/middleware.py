"""Around every request: its id, its log line and count, safe headers, and the last net.

Plain ASGI, so that it also sees what fails outside the routes and adds no task per request.
"""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import MutableMapping
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.cross_site import SAFE_METHODS, is_cross_site
from service.errors import error_response
from service.security import is_loopback
from service.telemetry import Telemetry, log_failure

log = logging.getLogger("groundswell.http")

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_SAFE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer, under which browsers send our own forms with `Origin: null`.
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


class RequestContext:
    """Gives each request an id, and answers 500 in the one shape when all else failed."""

    def __init__(self, app: ASGIApp, *, telemetry: Telemetry) -> None:
        self._app = app
        self._telemetry = telemetry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        shown = Headers(scope=scope).get("x-request-id", "")
        request_id = shown if _REQUEST_ID.fullmatch(shown) else uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        began = time.perf_counter()
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request_id
                for name, value in _SAFE_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            if _holds_nul(scope):
                answer = error_response(
                    422,
                    "control_character",
                    "The address holds a NUL character (%00); leave it out.",
                    request_id=request_id,
                )
                await answer(scope, receive, send_with_headers)
            else:
                await self._app(scope, receive, send_with_headers)
        except Exception as error:
            log_failure(error, where=_route(scope), request_id=request_id)
            if status:  # The answer has begun; all that is left is to cut it off.
                raise ConnectionAbortedError(request_id) from None
            answer = error_response(
                500,
                "internal_error",
                "Something failed on our side; it is logged under this request_id.",
                request_id=request_id,
            )
            await answer(scope, receive, send_with_headers)
        finally:
            self._record(scope, status, time.perf_counter() - began, request_id)

    def _record(self, scope: Scope, status: int, seconds: float, request_id: str) -> None:
        method, route = _method(scope), _route(scope)
        self._telemetry.count(method, route, status, seconds)
        if not route.startswith("/health"):
            log.info(
                "%s %s %d %.0fms request_id=%s", method, route, status, seconds * 1000, request_id
            )


def _holds_nul(scope: Scope) -> bool:
    # No id and no text of ours holds one, and PostgreSQL takes none, not even to look for.
    return "\0" in scope["path"] or b"%00" in scope["query_string"]


def _method(scope: MutableMapping[str, Any]) -> str:
    method = str(scope["method"])
    return method if method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"} else "OTHER"


def _route(scope: MutableMapping[str, Any]) -> str:
    """The template of the route taken: bounded in number, and free of ids and query."""
    return str(getattr(scope.get("route"), "path", "unmatched"))


class LocalOnly:
    """With authentication off, keeps other web sites in the same browser out.

    Without keys the only credential is being on this machine, and a page of another site
    that is open in the user's browser is on it too. So a request that writes must not come
    from another site, and when serving on loopback the Host must be loopback (against DNS
    rebinding).
    """

    def __init__(self, app: ASGIApp, *, loopback_hosts_only: bool) -> None:
        self._app = app
        self._loopback_hosts_only = loopback_hosts_only

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            problem = self._problem(Headers(scope=scope), str(scope["method"]))
            if problem:
                request_id = scope.get("state", {}).get("request_id")
                answer = error_response(403, *problem, request_id=request_id)
                await answer(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _problem(self, headers: Headers, method: str) -> tuple[str, str] | None:
        host = headers.get("host", "")
        if self._loopback_hosts_only and not is_loopback(_without_port(host)):
            return (
                "host_not_local",
                "Authentication is off, so only localhost and 127.0.0.1 are answered here.",
            )
        if method not in SAFE_METHODS and is_cross_site(headers):
            return "cross_site", "Authentication is off, so other web sites may not write here."
        return None


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]
