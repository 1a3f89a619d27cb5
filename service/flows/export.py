"""Everything of a kind, row by row, for a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TypeVar

from service.flows.pages import Page
from service.flows.request_rows import RequestRow
from service.flows.requests import RequestFilters, list_requests
from service.flows.theme_rows import ThemeRow
from service.flows.themes import list_themes
from service.masking import PUBLIC, Sight
from service.storage.engine import Store

T = TypeVar("T")

_AT_ONCE = 1_000


def export_requests(store: Store, *, sight: Sight = PUBLIC) -> Iterator[RequestRow]:
    """Every request that is not dismissed, newest first."""
    nothing_left_out = RequestFilters()
    return _every(
        lambda cursor: list_requests(
            store, nothing_left_out, cursor=cursor, limit=_AT_ONCE, sight=sight
        )
    )


def export_themes(store: Store, *, now: datetime, sight: Sight = PUBLIC) -> Iterator[ThemeRow]:
    """Every theme that has not faded, by id; `now` dates what is overdue."""
    return _every(
        lambda cursor: list_themes(store, now=now, cursor=cursor, limit=_AT_ONCE, sight=sight)
    )


def _every(page_at: Callable[[str], Page[T]]) -> Iterator[T]:
    cursor = ""
    while True:
        page = page_at(cursor)
        yield from page.data
        cursor = page.next_cursor
        if not cursor:
            return
