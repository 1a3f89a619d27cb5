"""Notes that a thin event has named and whose text must still be fetched from the vendor."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    case,
    delete,
    func,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from service.storage.operating_tables import pending_fetches as fetches


@dataclass(frozen=True, slots=True)
class PendingFetch:
    """A claimed fetch. Its outcome counts only while `event_at` is still the last event's."""

    source: str
    external_id: str
    event_at: datetime
    attempts: int


def put(
    connection: Connection, source: str, events: Mapping[str, datetime], *, now: datetime
) -> None:
    """Ask for these notes, external id -> time of the event.

    An event no newer than the one that waits changes nothing; a newer one has the note fetched
    again at once, however often that failed before.
    """
    if not events:
        return
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    rows = [
        {"source": source, "external_id": key, "event_at": at, "fetch_after": now}
        for key, at in sorted(events.items())
    ]
    new = dialect.insert(fetches)
    fresh = {
        "event_at": new.excluded.event_at,
        "attempts": 0,
        "fetch_after": new.excluded.fetch_after,
        "claimed_until": None,
        "error": None,
    }
    statement = new.on_conflict_do_update(
        index_elements=[fetches.c.source, fetches.c.external_id],
        set_=fresh,
        where=fetches.c.event_at < new.excluded.event_at,
    )
    connection.execute(statement, rows)


def drop(connection: Connection, source: str, external_ids: Collection[str]) -> None:
    """Ask for these no longer."""
    connection.execute(
        delete(fetches).where(
            fetches.c.source == source, fetches.c.external_id.in_(sorted(external_ids))
        )
    )


def any_due(
    connection: Connection, sources: Collection[str], *, now: datetime, most_attempts: int
) -> bool:
    """Whether a claim would find something."""
    due = select(fetches.c.source).where(_due(sources, now, most_attempts)).limit(1)
    return connection.scalar(due) is not None


def claim(
    connection: Connection,
    sources: Collection[str],
    *,
    now: datetime,
    until: datetime,
    most_attempts: int,
    limit: int,
) -> list[PendingFetch]:
    """Take up to `limit` that are due, oldest first, until the instant `until`."""
    rows = connection.execute(
        select(fetches.c.source, fetches.c.external_id, fetches.c.event_at, fetches.c.attempts)
        .where(_due(sources, now, most_attempts))
        .order_by(fetches.c.fetch_after, fetches.c.external_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    claimed = [PendingFetch(*row) for row in rows]
    keys = [(one.source, one.external_id) for one in claimed]
    pair = tuple_(fetches.c.source, fetches.c.external_id)
    connection.execute(update(fetches).where(pair.in_(keys)).values(claimed_until=until))
    return claimed


def settle(connection: Connection, fetch: PendingFetch) -> bool:
    """Take a fetched note off the list; False where a newer event came meanwhile."""
    return connection.execute(delete(fetches).where(_same(fetch))).rowcount == 1


def put_off(
    connection: Connection, fetch: PendingFetch, *, until: datetime, error: str, attempts: int
) -> None:
    """Try again after `until`, and say by a code why not now."""
    connection.execute(
        update(fetches)
        .where(_same(fetch))
        .values(fetch_after=until, claimed_until=None, error=error, attempts=attempts)
    )


def counts(connection: Connection, *, most_attempts: int) -> list[tuple[tuple[str, str], int]]:
    """How many wait and how many were given up, by (source, state)."""
    state = case((fetches.c.attempts >= most_attempts, "given_up"), else_="waiting")
    rows = connection.execute(
        select(fetches.c.source, state, func.count()).group_by(fetches.c.source, state)
    )
    return sorted(((source, word), number) for source, word, number in rows)


def _due(sources: Collection[str], now: datetime, most_attempts: int) -> ColumnElement[bool]:
    return and_(
        fetches.c.source.in_(sorted(sources)),
        fetches.c.fetch_after <= now,
        fetches.c.attempts < most_attempts,
        or_(fetches.c.claimed_until.is_(None), fetches.c.claimed_until <= now),
    )


def _same(fetch: PendingFetch) -> ColumnElement[bool]:
    return and_(
        fetches.c.source == fetch.source,
        fetches.c.external_id == fetch.external_id,
        fetches.c.event_at == fetch.event_at,
    )
