"""Which question is asked: the first behind a place in the queue, or one that is named."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from service.flows.reviewing.keeping import Place, Queue, kept_queue, last_queue
from service.flows.reviewing.still_open import (
    OpenQuestion,
    could_be_open,
    entries_behind,
    entry_named,
    first_open,
)
from service.flows.theme_names import DecidedName, names_of
from service.storage import decisions, themes
from service.storage.engine import Store

ENDS_THEME = ("accept", "reject", "merge")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What is open.

    Attributes:
        queue, is_current: as of `last_queue`.
        first: the one to ask; None where it, or all, is answered.
        others: the first of the others behind the place, in order.
        in_order: whether `first` comes before all of these.
        last: where the last one stands that may be open.
    """

    queue: Queue
    is_current: bool
    first: OpenQuestion | None
    others: Sequence[OpenQuestion]
    in_order: bool
    last: Place | None


@dataclass(frozen=True, slots=True)
class NotAsked:
    """Why a question that was named is not asked.

    Attributes:
        theme_id: what it was about; empty where there is no such theme.
        decision, actor, at: the last decision that stands and answered it; None and '' where it
            was settled without one.
    """

    theme_id: str
    decision: DecidedName | None = None
    actor: str = ""
    at: datetime | None = None


def look(
    store: Store,
    connection: Connection,
    asked: Hashable,
    work_out: Callable[[], Queue],
    *,
    after: Place | None,
    wanted: str,
    most: int,
) -> Found:
    """The question `wanted`, or for '' the first behind `after`; and up to `most` others.

    The queue may be older than the store; before it is said that nothing is open, it is worked
    out anew.
    """
    queue, is_current = last_queue(store, connection, asked, work_out)
    found = _among(connection, queue, is_current, after, wanted, most)
    if found.first is not None or is_current:
        return found
    if wanted and not could_be_open(connection, wanted):
        return found
    queue = kept_queue(store, connection, asked, work_out)
    return _among(connection, queue, True, after, wanted, most)


def _among(
    connection: Connection,
    queue: Queue,
    is_current: bool,
    after: Place | None,
    wanted: str,
    most: int,
) -> Found:
    entries = entries_behind(after, queue, is_current)
    there = first_open(connection, entries, most + 1)
    first = there[0] if there else None
    if wanted:
        named = entry_named(entries_behind(None, queue, is_current), wanted)
        first = next(iter(first_open(connection, [named], 1)), None) if named else None
    return Found(
        queue=queue,
        is_current=is_current,
        first=first,
        others=[one for one in there if first is None or one.place != first.place][:most],
        in_order=first is not None and bool(there) and there[0].place == first.place,
        last=entries[-1][0] if entries else None,
    )


def why_not_asked(connection: Connection, wanted: str) -> NotAsked:
    """What became of a question that is open no longer, by its name."""
    theme_id, _, request_id = wanted.partition(".")
    if not themes.get_many(connection, [theme_id]):
        return NotAsked("")
    answers = [
        made
        for made in decisions.of_themes(connection, [theme_id])
        if made.undone_at is None
        and (
            request_id in (made.payload.get("requests") or ())
            if request_id
            else made.action in ENDS_THEME
        )
    ]
    if not answers:
        return NotAsked(theme_id)
    (name,) = names_of(connection, answers[-1:])
    return NotAsked(theme_id, name, answers[-1].actor, answers[-1].made_at)
