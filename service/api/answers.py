"""How endpoints answer: our JSON, ETags, and what the OpenAPI page says of errors."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from fastapi import Request
from starlette.responses import Response

from service.api.schemas_read import ErrorAnswer
from service.rendering import to_json

_ERRORS = {
    400: "The body is not well formed.",
    401: "No valid key was shown.",
    403: "The key's role may not do this.",
    404: "Nothing is known under this id.",
    408: "The body came too slowly; nothing was stored.",
    409: "The thing changed, or its state does not allow this; nothing was changed.",
    413: "The body is too large.",
    415: "The body is compressed.",
    422: "The input can't be accepted; the sentence says how to mend it.",
    429: "The key asks too often, or too many wrong keys were shown; Retry-After says when.",
    500: "Something failed on our side; it is logged under the request_id.",
    503: "The store is busy or full, or too many notes wait; try again after Retry-After seconds.",
}
READ_ERRORS = (401, 403, 422, 503)
WRITE_ERRORS = (400, 401, 403, 413, 422, 503)


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` entry of these error statuses.

    What asks for a key (401) counts its uses too, and what measures a body (413) times it and
    takes no compressed one.
    """
    implied = {429} if 401 in statuses else set()
    implied |= {408, 415} if 413 in statuses else set()
    return {
        status: {"model": ErrorAnswer, "description": _ERRORS[status]}
        for status in sorted({*statuses, *implied})
    }


def answer(
    value: object,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    no_store: bool = False,
) -> Response:
    """A JSON answer; `no_store` for what must never be shown from a cache."""
    cache = {"Cache-Control": "no-store"} if no_store else {}
    return Response(
        to_json(value),
        status_code=status,
        media_type="application/json",
        headers={**cache, **(headers or {})},
    )


def make_etag(*parts: object) -> str:
    """A strong entity tag of these parts, which must tell every representation apart."""
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = str(part).encode()
        digest.update(len(data).to_bytes(8, "little"))
        digest.update(data)
    return f'"{digest.hexdigest()}"'


def validators(etag: str) -> dict[str, str]:
    """Headers of an answer that may be kept by the caller alone, and asked for again."""
    return {
        "ETag": etag,
        "Cache-Control": "private, no-cache",
        "Vary": "Accept, Authorization",
    }


def is_current(request: Request, etag: str) -> bool:
    """True when `If-None-Match` names this tag (weakly compared, RFC 9110, 13.1.2)."""
    shown = request.headers.get("if-none-match", "")
    tags = {tag.strip().removeprefix("W/") for tag in shown.split(",")}
    return "*" in tags or etag in tags


def not_modified(etag: str) -> Response:
    """304: what the caller has is what we would answer."""
    return Response(status_code=304, headers=validators(etag))


def tagged_answer(request: Request, value: object, *, version: str = "") -> Response:
    """A JSON answer under the ETag of its own bytes, or 304 when the caller has them.

    `version` is the word by which a write may be made conditional. It stands before the dot,
    so that this ETag is understood in If-Match too: see `version_of`.
    """
    body = to_json(value)
    etag = make_etag(body)
    if version:
        etag = f'"{version}.{etag[1:]}'
    if is_current(request, etag):
        return not_modified(etag)
    return Response(body, media_type="application/json", headers=validators(etag))


def version_of(if_match: str | None) -> str | None:
    """An If-Match header with each tag cut to its version."""
    if if_match is None:
        return None
    tags = [tag.strip().removeprefix("W/").strip('"') for tag in if_match.split(",")]
    return ", ".join(tag.partition(".")[0] for tag in tags)
