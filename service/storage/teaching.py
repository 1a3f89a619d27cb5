"""What people said of requests, as lessons, and the requests that a machine alone has placed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection, and_, or_, select, text

from service.storage.batches import in_batches
from service.storage.tables import BY_PERSON, requests, themes


@dataclass(frozen=True, slots=True)
class Taught:
    """One request that people placed.

    `theme_id` is where it is, None where it was moved to nothing or dismissed; `bound` where a
    decision on a group put it there, not one on the request itself.
    """

    vector_key: str
    theme_id: str | None
    bound: bool


def taught(connection: Connection) -> list[Taught]:
    """Every request on which a person's decision stands, in the order of keys and themes."""
    rows = connection.execute(
        select(requests.c.vector_key, requests.c.theme_id, requests.c.bound)
        .distinct()
        .where(text(f"({BY_PERSON})"), requests.c.text_key != "")
    )
    found = [Taught(row.vector_key, row.theme_id, row.bound) for row in rows]
    return sorted(found, key=lambda one: (one.vector_key, one.theme_id or "", one.bound))


class MachinePlaced(NamedTuple):
    """One request that a machine put on an item, or that waits for one, without its words."""

    id: str
    vector_key: str
    theme_id: str | None
    confidence: float | None
    language: str | None


def placed_by_machine(
    connection: Connection, among: Collection[str] | None = None
) -> list[MachinePlaced]:
    """Requests that a machine put on an item, and those that wait for one; in no order.

    What a decision on a group put on an item is no longer the machine's alone. `among` leaves
    out all other requests.
    """
    alone = and_(requests.c.assigned_by == "model", requests.c.bound.is_(False))
    statement = (
        select(
            requests.c.id,
            requests.c.vector_key,
            requests.c.theme_id,
            requests.c.confidence,
            requests.c.language,
        )
        .outerjoin(themes, themes.c.id == requests.c.theme_id)
        .where(
            requests.c.dismissed.is_(False),
            requests.c.held.is_(False),
            requests.c.text_key != "",
            or_(requests.c.theme_id.is_(None), and_(alone, themes.c.status == "accepted")),
        )
    )
    if among is None:
        # All at once: a store's 50,000 are fetched one by one in three times as long.
        return [MachinePlaced._make(row) for row in connection.execute(statement).all()]
    return [
        MachinePlaced._make(row)
        for batch in in_batches(sorted(among))
        for row in connection.execute(statement.where(requests.c.id.in_(batch)))
    ]
