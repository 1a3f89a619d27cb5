"""What the machine proposes for a theme: one current row at most, older ones for the record."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from service.storage.batches import in_batches
from service.storage.tables import proposals


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalRecord:
    """One proposal as stored; `alternatives` are objects of theme id and confidence."""

    id: str
    theme_id: str
    feature_area: str | None
    customer_need: str | None
    is_new: bool
    confidence: float
    alternatives: Sequence[Mapping[str, Any]]
    made_at: datetime
    due_at: datetime
    current: bool = True

    def under(self, proposal_id: str) -> ProposalRecord:
        """The same, with another id."""
        return replace(self, id=proposal_id)

    def says_the_same(self, other: ProposalRecord) -> bool:
        """Whether both propose one item, or both a new one, however sure or worded."""
        if self.is_new or other.is_new:
            return self.is_new and other.is_new
        mine = (self.feature_area, self.customer_need)
        return mine == (other.feature_area, other.customer_need)


def current(
    connection: Connection, theme_ids: Collection[str] | None = None
) -> dict[str, ProposalRecord]:
    """The current proposal of each theme that has one; of all themes when none are named."""
    statement = select(proposals).where(proposals.c.current.is_(True))
    if theme_ids is None:
        rows = list(connection.execute(statement))
    else:
        rows = [
            row
            for batch in in_batches(sorted(theme_ids))
            for row in connection.execute(statement.where(proposals.c.theme_id.in_(batch)))
        ]
    return {row.theme_id: ProposalRecord(**row._mapping) for row in rows}


def retire(connection: Connection, ids: Collection[str]) -> None:
    """These proposals are no longer the current ones of their themes."""
    for batch in in_batches(sorted(ids)):
        connection.execute(update(proposals).where(proposals.c.id.in_(batch)).values(current=False))


def revise(connection: Connection, renewed: Sequence[ProposalRecord]) -> None:
    """New words, confidence and alternatives for proposals that still say the same."""
    names = ("feature_area", "customer_need", "confidence", "alternatives")
    if renewed:
        connection.execute(
            update(proposals)
            .where(proposals.c.id == bindparam("this"))
            .values({name: bindparam(f"new_{name}") for name in names}),
            [
                {"this": proposal.id} | {f"new_{name}": row_of(proposal)[name] for name in names}
                for proposal in renewed
            ],
        )


def add(connection: Connection, new: Sequence[ProposalRecord]) -> None:
    """Store new current proposals; the old ones of their themes must be retired before."""
    if new:
        connection.execute(insert(proposals), [row_of(proposal) for proposal in new])


def row_of(proposal: ProposalRecord) -> dict[str, Any]:
    """The proposal as a row of its table."""
    return {column.name: getattr(proposal, column.name) for column in proposals.columns} | {
        "alternatives": list(proposal.alternatives)
    }
