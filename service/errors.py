"""From a refusal to an HTTP answer: one error shape, whatever went wrong and wherever.

{"error": {"code": ..., "message": ..., "field": ...|null, "request_id": ...}}
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from models.errors import (
    Conflict,
    Forbidden,
    GroundswellError,
    InvalidInput,
    NotFound,
    TooLarge,
    TooMany,
    TooSlow,
    Unauthenticated,
    Unavailable,
    Unsupported,
)
from service.rendering import to_json

# Asked for in the answer to a busy or full store.
RETRY_AFTER_SECONDS = 5

# What can't even be decoded is a malformed message (400); the rest of bad input is 422.
MALFORMED_CODES = frozenset({"broken_form", "broken_json", "broken_utf8", "broken_xml"})

_STATUS: Mapping[type[GroundswellError], int] = {
    InvalidInput: 422,
    TooLarge: 413,
    Unsupported: 415,
    NotFound: 404,
    Conflict: 409,
    Unauthenticated: 401,
    Forbidden: 403,
    TooSlow: 408,
    TooMany: 429,
    Unavailable: 503,
}

_ROUTING = {
    404: ("not_found", "There is nothing at this address; /docs lists what there is."),
    405: ("method_not_allowed", "This address does not take that method; see the Allow header."),
}


def status_of(error: GroundswellError) -> int:
    """The HTTP status of a domain error."""
    if error.code in MALFORMED_CODES:
        return 400
    for kind in type(error).__mro__:
        if kind in _STATUS:
            return _STATUS[kind]
    return 500


def headers_of(error: GroundswellError) -> dict[str, str]:
    """Headers that go with a domain error: what to show on 401, when to return on 429 and 503."""
    if isinstance(error, Unauthenticated):
        return {"WWW-Authenticate": "Bearer"}
    if isinstance(error, TooMany):
        return {"Retry-After": str(error.retry_after)}
    if isinstance(error, TooSlow):
        return {"Connection": "close"}
    if isinstance(error, Unavailable):
        return {"Retry-After": str(RETRY_AFTER_SECONDS)}
    return {}


def error_body(
    code: str, message: str, *, field: str | None = None, request_id: str | None = None
) -> dict[str, Any]:
    """The one error shape."""
    return {"error": {"code": code, "message": message, "field": field, "request_id": request_id}}


def error_response(
    status: int,
    code: str,
    message: str,
    *,
    field: str | None = None,
    request_id: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """An answer in the one error shape; never kept by a cache."""
    body = to_json(error_body(code, message, field=field, request_id=request_id))
    return Response(
        body,
        status_code=status,
        media_type="application/json",
        headers={"Cache-Control": "no-store", **(headers or {})},
    )


def request_id_of(request: Request) -> str | None:
    """The id under which this request is logged and answered."""
    return request.scope.get("state", {}).get("request_id")


def refusal(request: Request, error: GroundswellError) -> Response:
    """The answer to a domain error."""
    return error_response(
        status_of(error),
        error.code,
        error.message,
        field=error.field,
        request_id=request_id_of(request),
        headers=headers_of(error),
    )


def routing_refusal(request: Request, error: HTTPException) -> Response:
    """The answer where no route took the request."""
    phrase = HTTPStatus(error.status_code).phrase
    code, message = _ROUTING.get(
        error.status_code, (phrase.lower().replace(" ", "_"), f"{phrase}.")
    )
    return error_response(
        error.status_code,
        code,
        message,
        request_id=request_id_of(request),
        headers=error.headers,
    )


def validation_error(error: RequestValidationError) -> InvalidInput:
    """A query, header or path value that does not fit its declaration, as our own error."""
    first = error.errors()[0]
    location = [str(part) for part in first["loc"] if part not in ("query", "path", "header")]
    name = location[0] if location else None
    sentence = str(first["msg"]).removeprefix("Value error, ").rstrip(".")
    return InvalidInput(
        f"{name or 'The request'}: {sentence[:1].lower()}{sentence[1:]}.",
        code="invalid_parameter",
        field=name,
    )


def install_error_handlers(app: FastAPI) -> None:
    """Answer domain errors, routing errors and FastAPI's own in the one shape."""

    def domain(request: Request, error: Exception) -> Response:
        assert isinstance(error, GroundswellError)
        return refusal(request, error)

    def routing(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return routing_refusal(request, error)

    def validation(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return refusal(request, validation_error(error))

    app.add_exception_handler(GroundswellError, domain)
    app.add_exception_handler(HTTPException, routing)
    app.add_exception_handler(RequestValidationError, validation)
