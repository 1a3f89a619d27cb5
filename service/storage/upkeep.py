"""When the store's own chores are due, so that however many workers there are one does each."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from service.storage.operating_tables import upkeep


def due_at(connection: Connection, chore: str) -> datetime | None:
    """When the chore is due; None where it was never done."""
    found: datetime | None = connection.scalar(
        select(upkeep.c.due_at).where(upkeep.c.chore == chore)
    )
    return found


def set_due(connection: Connection, chore: str, at: datetime) -> None:
    """Have the chore done next at this time."""
    this = upkeep.c.chore == chore
    changed = connection.execute(upkeep.update().where(this).values(due_at=at)).rowcount
    if not changed:
        connection.execute(upkeep.insert().values(chore=chore, due_at=at))
