"""Erase what is older than notes are to be kept; figures that were issued stay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from models.errors import InvalidInput
from service.flows.forget import forget_notes, forget_observations
from service.storage import audit, notes, observations, upkeep
from service.storage.engine import Store

CHORE = "retention"
EVERY = timedelta(days=1)
# As many notes to a transaction: a writer waits no longer than this takes.
AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Outdated:
    """How many notes and pre-reads occurred before the day from which they are kept."""

    before: datetime
    notes: int
    observations: int


def outdated(store: Store, days: int, *, now: datetime) -> Outdated:
    """What is older than so many days, and would be erased.

    Raises:
        InvalidInput: `bad_retention` for less than one day.
    """
    moment = _from_when(days, now)
    with store.read() as connection:
        return Outdated(
            moment,
            notes.count_older_than(connection, moment),
            observations.count_older_than(connection, moment),
        )


def retention_is_due(store: Store, *, now: datetime) -> bool:
    """Whether a day has passed since the last time that nothing old was left."""
    with store.read() as connection:
        at = upkeep.due_at(connection, CHORE)
    return at is None or at <= now


def erase_outdated(
    store: Store, days: int, *, now: datetime, actor: str, limit: int = AT_ONCE
) -> int:
    """Erase up to `limit` notes and as many pre-reads; 0 when nothing old is left.

    It is due again a day after it has come to 0. Each batch is a transaction: killed in the
    middle, the next call goes on.

    Raises:
        InvalidInput: `bad_retention` for less than one day.
        Unavailable: the store is busy, full or down; nothing of the batch is erased.
    """
    moment = _from_when(days, now)
    with store.write() as connection:
        gone = notes.older_than(connection, moment, limit=limit)
        said = observations.older_than(connection, moment, limit=limit)
        if gone:
            forget_notes(connection, gone, now=now)
        if said:
            forget_observations(connection, said)
        if gone or said:
            audit.record(
                connection,
                at=now,
                actor=actor,
                action="retention.erased",
                target="notes",
                details={"days": days, "notes": len(gone), "observations": len(said)},
            )
        else:
            upkeep.set_due(connection, CHORE, now + EVERY)
    if gone or said:
        store.scrub()
    return len(gone) + len(said)


def _from_when(days: int, now: datetime) -> datetime:
    if days < 1:
        raise InvalidInput(
            "Notes are kept for a day at least; give a number of days from 1.",
            code="bad_retention",
            field="days",
        )
    return now - timedelta(days=days)
