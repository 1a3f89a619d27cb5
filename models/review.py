"""Proposals, what may be decided in which state, what may be undone, and the 48 hours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.decisions import (
    AcceptDecision,
    Action,
    ConfirmDecision,
    Decision,
    DeliverDecision,
    DismissDecision,
    EditDecision,
    MergeDecision,
    MoveDecision,
    RejectDecision,
    RenameDecision,
    SeverityDecision,
    SplitDecision,
    parse_decision,
)
from models.errors import Conflict, InvalidInput
from models.theme import ThemeStatus

__all__ = [
    "AcceptDecision",
    "Action",
    "Alternative",
    "ConfirmDecision",
    "Decision",
    "DecisionRecord",
    "DeliverDecision",
    "DismissDecision",
    "EditDecision",
    "MergeDecision",
    "MoveDecision",
    "Proposal",
    "RejectDecision",
    "RenameDecision",
    "SeverityDecision",
    "SplitDecision",
    "built_upon_by",
    "check_merge",
    "check_transition",
    "check_undo",
    "due_at",
    "overdue",
    "parse_decision",
]

REVIEW_TIME = timedelta(hours=48)


def due_at(made_at: datetime) -> datetime:
    """When a proposal made then is due: 48 hours later."""
    return made_at + REVIEW_TIME


def overdue(due: datetime, now: datetime) -> bool:
    """Whether `due` has passed; at the very instant it has not."""
    return now > due


@dataclass(frozen=True, slots=True)
class Alternative:
    """A runner-up: a live item's theme, with confidence 0..1."""

    theme_id: str
    feature_area: str
    customer_need: str
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What the machine suggests for a theme: an item, or a new one.

    `feature_area` and `customer_need` are None where it abstains.
    """

    theme_id: str
    feature_area: str | None
    customer_need: str | None
    is_new: bool
    confidence: float
    alternatives: tuple[Alternative, ...] = ()
    made_at: datetime

    @property
    def due_at(self) -> datetime:
        """48 hours after it was made."""
        return due_at(self.made_at)


_ANY = frozenset(Action)
_ALLOWED: Mapping[ThemeStatus, frozenset[Action]] = {
    ThemeStatus.PROPOSED: _ANY,
    ThemeStatus.ACCEPTED: _ANY - {Action.ACCEPT},
    ThemeStatus.REJECTED: frozenset(),
    ThemeStatus.MERGED: frozenset(),
}
_REFUSALS: Mapping[ThemeStatus, tuple[str, str]] = {
    ThemeStatus.ACCEPTED: (
        "already_accepted",
        "This theme was accepted already; merge it into the other item's theme, or undo.",
    ),
    ThemeStatus.REJECTED: (
        "theme_rejected",
        "This theme was rejected; undo that decision first.",
    ),
    ThemeStatus.MERGED: (
        "theme_merged",
        "This theme was merged into another; decide on the surviving theme.",
    ),
}


def check_transition(status: ThemeStatus, decision: Decision) -> None:
    """The state table. A proposed theme takes every action; an accepted one every action but
    accept; a rejected or merged one none.

    Raises Conflict `already_accepted`, `theme_rejected` or `theme_merged`.
    """
    if decision.action not in _ALLOWED[status]:
        code, message = _REFUSALS[status]
        raise Conflict(message, code=code)


def check_merge(theme_id: str, into: str, into_status: ThemeStatus) -> None:
    """Whether a theme may be merged into another.

    Raises InvalidInput `merge_into_itself`, Conflict `theme_rejected` or `theme_merged`.
    """
    if theme_id == into:
        raise InvalidInput(
            "A theme can't be merged into itself; name another theme.",
            code="merge_into_itself",
            field="into",
        )
    if into_status in (ThemeStatus.REJECTED, ThemeStatus.MERGED):
        code, message = _REFUSALS[into_status]
        raise Conflict(message.replace("This theme", "The target theme"), code=code, field="into")


@dataclass(frozen=True, slots=True)
class DecisionRecord:
    """A decision as kept, for judging an undo.

    Attributes:
        seq: grows with each decision.
        touched: ids of the themes and requests whose rows it changed.
    """

    id: str
    seq: int
    touched: frozenset[str]
    undone_at: datetime | None = None


def built_upon_by(
    record: DecisionRecord, others: Iterable[DecisionRecord]
) -> DecisionRecord | None:
    """The last decision that stands and has built on this one; None where none has."""
    building = [
        other
        for other in others
        if other.seq > record.seq and other.undone_at is None and other.touched & record.touched
    ]
    return max(building, key=lambda other: other.seq, default=None)


def check_undo(record: DecisionRecord, others: Iterable[DecisionRecord]) -> None:
    """Whether a decision can be undone: once, and not from under a later one.

    A later decision that stands and changed one of the same themes or requests has built on
    this one; it has to be undone first. Raises Conflict `already_undone` or `built_upon`.
    """
    if record.undone_at is not None:
        raise Conflict("This decision was undone already.", code="already_undone")
    last = built_upon_by(record, others)
    if last is not None:
        raise Conflict(
            f"Decision {last.id} came later and builds on this one; undo it first.",
            code="built_upon",
        )
