"""The audit trail: who did what to what, and when. It never holds anything of a note's text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from service.storage.operating_tables import audit


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One row of the trail; `seq` grows with time."""

    seq: int
    at: datetime
    actor: str
    action: str
    target: str
    details: Mapping[str, object]


def record(
    connection: Connection,
    *,
    at: datetime,
    actor: str,
    action: str,
    target: str,
    details: Mapping[str, object] | None = None,
) -> None:
    """Add a row, in the transaction of what it tells of."""
    row = {"at": at, "actor": actor, "action": action, "target": target}
    connection.execute(insert(audit).values(**row, details=dict(details or {})))


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEntry:
    """A row to be added."""

    at: datetime
    actor: str
    action: str
    target: str
    details: Mapping[str, object]


def record_many(connection: Connection, entries: Sequence[NewEntry]) -> None:
    """Add these rows, in their order, in the transaction of what they tell of."""
    if entries:
        rows = [{name: getattr(entry, name) for name in NewEntry.__slots__} for entry in entries]
        connection.execute(insert(audit), rows)


def page(
    connection: Connection, *, before: int | None, limit: int, actor: str | None = None
) -> list[AuditEntry]:
    """The newest rows first, those with a `seq` below `before` when it is given."""
    statement = select(audit).order_by(audit.c.seq.desc()).limit(limit)
    if before is not None:
        statement = statement.where(audit.c.seq < before)
    if actor is not None:
        statement = statement.where(audit.c.actor == actor)
    return [AuditEntry(**row._mapping) for row in connection.execute(statement)]


def last_seq(connection: Connection) -> int:
    """The number of the newest row; 0 where there is none."""
    return int(connection.scalar(select(func.max(audit.c.seq))) or 0)


def holds_since(connection: Connection, seq: int, actions: Sequence[str]) -> bool:
    """Whether a row after that one tells of one of these actions."""
    found = select(audit.c.seq).where(audit.c.seq > seq, audit.c.action.in_(actions)).limit(1)
    return connection.scalar(found) is not None
