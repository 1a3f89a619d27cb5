"""The state table, undo, and the 48 hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from models.decisions import Action, parse_decision
from models.errors import Conflict, InvalidInput
from models.review import (
    DecisionRecord,
    Proposal,
    check_merge,
    check_transition,
    check_undo,
    due_at,
    overdue,
)
from models.theme import ThemeStatus

MADE = datetime(2026, 3, 1, 12, tzinfo=UTC)
DECISIONS = {
    Action.ACCEPT: {"feature_area": "A", "customer_need": "N"},
    Action.REJECT: {"reason": "no"},
    Action.RENAME: {"label": "L"},
    Action.MERGE: {"into": "t2"},
    Action.SPLIT: {"requests": ["r"]},
    Action.MOVE: {"requests": ["r"], "to": None},
    Action.CONFIRM: {"requests": ["r"]},
    Action.DISMISS: {"requests": ["r"], "reason": "no"},
    Action.SEVERITY: {"requests": ["r"], "severity": "minor"},
    Action.DELIVER: {"state": "open"},
    Action.EDIT: {"feature_area": "A", "customer_need": "N"},
}


def allowed(status: ThemeStatus, action: Action) -> str | None:
    """None where allowed, else the refusal's code."""
    try:
        check_transition(status, parse_decision({"action": action.value, **DECISIONS[action]}))
    except Conflict as refusal:
        return refusal.code
    return None


@pytest.mark.parametrize("action", list(Action))
def test_the_state_table(action: Action) -> None:
    assert allowed(ThemeStatus.PROPOSED, action) is None
    expected = "already_accepted" if action is Action.ACCEPT else None
    assert allowed(ThemeStatus.ACCEPTED, action) == expected
    assert allowed(ThemeStatus.REJECTED, action) == "theme_rejected"
    assert allowed(ThemeStatus.MERGED, action) == "theme_merged"


def test_a_theme_is_not_merged_into_itself() -> None:
    with pytest.raises(InvalidInput) as caught:
        check_merge("t1", "t1", ThemeStatus.ACCEPTED)
    assert (caught.value.code, caught.value.field) == ("merge_into_itself", "into")


@pytest.mark.parametrize(
    ("status", "code"),
    [(ThemeStatus.REJECTED, "theme_rejected"), (ThemeStatus.MERGED, "theme_merged")],
)
def test_a_theme_is_not_merged_into_one_that_is_gone(status: ThemeStatus, code: str) -> None:
    with pytest.raises(Conflict) as caught:
        check_merge("t1", "t2", status)
    assert caught.value.code == code
    assert "target" in caught.value.message


@pytest.mark.parametrize("status", [ThemeStatus.PROPOSED, ThemeStatus.ACCEPTED])
def test_a_theme_is_merged_into_any_that_stands(status: ThemeStatus) -> None:
    check_merge("t1", "t2", status)


def record(seq: int, *touched: str, undone: bool = False) -> DecisionRecord:
    return DecisionRecord(f"d{seq}", seq, frozenset(touched), MADE if undone else None)


def test_the_last_decision_can_be_undone() -> None:
    check_undo(record(2, "t1"), [record(1, "t1"), record(2, "t1")])


def test_a_decision_is_undone_once() -> None:
    with pytest.raises(Conflict) as caught:
        check_undo(record(1, "t1", undone=True), [])
    assert caught.value.code == "already_undone"


def test_what_a_later_decision_built_on_is_not_undone_from_under_it() -> None:
    later = [record(2, "t1", "r1"), record(3, "r1")]
    with pytest.raises(Conflict) as caught:
        check_undo(record(1, "r1"), later)
    assert caught.value.code == "built_upon"
    assert "d3" in caught.value.message


def test_later_decisions_on_other_things_or_undone_ones_are_no_obstacle() -> None:
    check_undo(record(1, "t1"), [record(2, "t2"), record(3, "t1", undone=True)])


def test_a_proposal_is_due_48_hours_after_it_was_made() -> None:
    proposal = Proposal(
        theme_id="t",
        feature_area=None,
        customer_need=None,
        is_new=True,
        confidence=0.4,
        made_at=MADE,
    )
    assert proposal.due_at == due_at(MADE) == MADE + timedelta(hours=48)


def test_overdue_begins_after_the_due_instant() -> None:
    due = due_at(MADE)
    assert not overdue(due, due)
    assert overdue(due, due + timedelta(microseconds=1))
