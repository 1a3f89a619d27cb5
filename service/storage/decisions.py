"""The record of decisions, and what tells a run that people decided meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from service.storage.batches import in_batches
from service.storage.tables import (
    decisions,
    forbidden_groups,
    runs,
    separations,
    taxonomy_items,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRecord:
    """One decision as stored. `replaced` is what `ledger.Ledger` wrote down."""

    id: str
    seq: int
    theme_id: str | None
    note_id: str | None
    action: str
    payload: Mapping[str, Any]
    replaced: Mapping[str, Any]
    actor: str
    reason: str | None
    made_at: datetime
    undone_at: datetime | None = None
    undone_by: str | None = None


def add(connection: Connection, decision: DecisionRecord) -> None:
    """Keep a decision; its seq comes from `next_seq` in the same write."""
    row = {column.name: getattr(decision, column.name) for column in decisions.columns}
    connection.execute(insert(decisions), [row])


def next_seq(connection: Connection) -> int:
    """The number of the decision to be written: one more than the last."""
    return int(connection.scalar(select(func.max(decisions.c.seq))) or 0) + 1


def get(connection: Connection, decision_id: str) -> DecisionRecord | None:
    """The decision with this id, undone or not."""
    row = connection.execute(select(decisions).where(decisions.c.id == decision_id)).first()
    return None if row is None else DecisionRecord(**row._mapping)


def after(connection: Connection, seq: int) -> list[DecisionRecord]:
    """Decisions made after that one and not undone, oldest first."""
    statement = (
        select(decisions)
        .where(decisions.c.seq > seq, decisions.c.undone_at.is_(None))
        .order_by(decisions.c.seq)
    )
    return [DecisionRecord(**row._mapping) for row in connection.execute(statement)]


def count_by(connection: Connection, actor: str, since: datetime) -> int:
    """How many standing decisions this person has made since then."""
    statement = select(func.count()).where(
        decisions.c.actor == actor,
        decisions.c.made_at >= since,
        decisions.c.undone_at.is_(None),
    )
    return int(connection.scalar(statement) or 0)


def of_themes(connection: Connection, theme_ids: Iterable[str]) -> list[DecisionRecord]:
    """Decisions made on these themes, undone ones too, oldest first."""
    found = [
        DecisionRecord(**row._mapping)
        for batch in in_batches(sorted(set(theme_ids)))
        for row in connection.execute(select(decisions).where(decisions.c.theme_id.in_(batch)))
    ]
    return sorted(found, key=lambda decision: decision.seq)


def mark_undone(connection: Connection, decision_id: str, *, now: datetime, actor: str) -> None:
    """The decision stands no longer."""
    connection.execute(
        update(decisions)
        .where(decisions.c.id == decision_id)
        .values(undone_at=now, undone_by=actor)
    )


def forbidden(connection: Connection) -> dict[str, set[str]]:
    """Rejected theme -> the requests that never again form that same group."""
    found: dict[str, set[str]] = {}
    for row in connection.execute(select(forbidden_groups)):
        found.setdefault(row.theme_id, set()).add(row.request_id)
    return found


def separated(connection: Connection) -> frozenset[tuple[str, str]]:
    """Pairs of themes, each pair sorted, that no machine joins."""
    return frozenset(
        (min(row.theme_a, row.theme_b), max(row.theme_a, row.theme_b))
        for row in connection.execute(select(separations))
    )


@dataclass(frozen=True, slots=True)
class BindingState:
    """Equal before and after when nothing that binds a machine has changed between."""

    last_decision: int
    undone: int
    items: tuple[tuple[str, str | None, str], ...]
    last_run: int


def binding_state(connection: Connection) -> BindingState:
    """What decisions and taxonomy a computation is based on."""
    undone = select(func.count()).where(decisions.c.undone_at.is_not(None))
    items = select(
        taxonomy_items.c.id, taxonomy_items.c.theme_id, taxonomy_items.c.status
    ).order_by(taxonomy_items.c.id)
    return BindingState(
        last_decision=int(connection.scalar(select(func.max(decisions.c.seq))) or 0),
        undone=int(connection.scalar(undone) or 0),
        items=tuple((row.id, row.theme_id, row.status) for row in connection.execute(items)),
        last_run=int(connection.scalar(select(func.max(runs.c.seq))) or 0),
    )
