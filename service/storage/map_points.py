"""What the map needs of each request of a span of time, and nothing more."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from models.window import Window
from service.storage.batches import in_batches
from service.storage.tables import requests, themes


@dataclass(frozen=True, slots=True)
class MapRow:
    """One request: its id, the open theme that it is on (None: none), and whose vector it has."""

    request_id: str
    theme_id: str | None
    vector_key: str


def in_window(connection: Connection, window: Window, *, most: int) -> list[MapRow]:
    """Requests of the window that are not dismissed, by id; of more than `most` the newest."""
    open_themes = frozenset(
        connection.scalars(
            select(themes.c.id).where(
                themes.c.status.in_(("proposed", "accepted")), themes.c.faded_at.is_(None)
            )
        )
    )
    statement = (
        select(requests.c.id, requests.c.theme_id, requests.c.vector_key)
        .where(
            requests.c.occurred_at >= window.start,
            requests.c.occurred_at < window.end,
            requests.c.dismissed.is_(False),
        )
        .order_by(requests.c.occurred_at.desc(), requests.c.id)
        .limit(most)
    )
    rows = [
        MapRow(request_id, theme_id if theme_id in open_themes else None, key)
        for request_id, theme_id, key in connection.execute(statement)
    ]
    return sorted(rows, key=lambda row: row.request_id)


def counts(connection: Connection, window: Window) -> dict[str | None, int]:
    """Theme -> its requests in the window, dismissed ones left out; None: those on no theme."""
    statement = (
        select(requests.c.theme_id, func.count())
        .where(
            requests.c.occurred_at >= window.start,
            requests.c.occurred_at < window.end,
            requests.c.dismissed.is_(False),
        )
        .group_by(requests.c.theme_id)
    )
    return {row[0]: row[1] for row in connection.execute(statement)}


def sizes(connection: Connection, theme_ids: Collection[str]) -> dict[str, int]:
    """Theme -> its requests of whatever time, dismissed ones left out."""
    found = dict.fromkeys(theme_ids, 0)
    for batch in in_batches(sorted(theme_ids)):
        statement = (
            select(requests.c.theme_id, func.count())
            .where(requests.c.theme_id.in_(batch), requests.c.dismissed.is_(False))
            .group_by(requests.c.theme_id)
        )
        found |= {row[0]: row[1] for row in connection.execute(statement)}
    return found
