"""List requests, and take what CS Ops adds to or mends in the reader's work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from models.errors import InvalidInput
from models.window import Window
from service.flows.pages import Page, decode_cursor, encode_cursor
from service.flows.request_rows import RequestRow, request_rows
from service.flows.spans import add_request, mend_request
from service.masking import PUBLIC, Sight
from service.storage import requests, themes
from service.storage.engine import Store
from service.storage.requests import Position, RequestConditions, RequestRecord

__all__ = ["RequestFilters", "add_request", "list_requests", "mend_request"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFilters:
    """Conditions of `GET /requests`; None leaves one out.

    `theme_id` follows merges; `window` is the quarter as a span of time; `tagged` is whether
    the request is on a live item; `language` is ISO 639-1; `q` is looked for in the text,
    whatever its case.
    """

    theme_id: str | None = None
    note_id: str | None = None
    source: str | None = None
    external_id: str | None = None
    window: Window | None = None
    tagged: bool | None = None
    language: str | None = None
    q: str | None = None


def list_requests(
    store: Store,
    filters: RequestFilters,
    *,
    cursor: str = "",
    limit: int = 100,
    sight: Sight = PUBLIC,
) -> Page[RequestRow]:
    """Requests newest first; dismissed ones are left out.

    Raises:
        InvalidInput: `bad_cursor`.
    """
    place = decode_cursor(cursor, int, str)
    after = None if place is None else position_at(int(place[0]), str(place[1]))
    with store.read() as connection:
        conditions = _conditions(connection, filters)
        records = requests.page(connection, conditions, after=after, limit=limit + 1)
        shown = records[:limit]
        rows = request_rows(store, connection, shown, sight)
    more = len(records) > limit
    last = shown[-1] if more and shown else None
    return Page(rows, encode_cursor(*place_of(last)) if last else "")


def place_of(last: RequestRecord) -> tuple[int, str]:
    """Where a page, newest first, ended: what its cursor holds."""
    return (last.occurred_at - _EPOCH) // timedelta(microseconds=1), last.id


def position_at(micros: int, request_id: str) -> Position:
    """The position that `place_of` told.

    Raises:
        InvalidInput: `bad_cursor` for what is no instant.
    """
    try:
        return Position(_EPOCH + timedelta(microseconds=micros), request_id)
    except OverflowError:
        raise InvalidInput(
            "cursor is not one that this list answered; leave it out to start over.",
            code="bad_cursor",
            field="cursor",
        ) from None


def _conditions(connection: Connection, filters: RequestFilters) -> RequestConditions:
    theme_ids = None
    if filters.theme_id is not None:
        theme_ids = [themes.survivor(connection, filters.theme_id)]
    return RequestConditions(
        theme_ids=theme_ids,
        note_id=filters.note_id,
        source=filters.source,
        external_id=filters.external_id,
        start=filters.window.start if filters.window else None,
        end=filters.window.end if filters.window else None,
        tagged=filters.tagged,
        language=filters.language,
        words=filters.q,
    )
