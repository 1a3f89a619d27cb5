"""The door for decisions."""

from __future__ import annotations

from typing import Any

import pytest

from models.decisions import (
    AcceptDecision,
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
from models.errors import InvalidInput
from models.severity import Severity
from models.theme import Delivery, DeliveryState, Priority

BACKLOG = {
    "action": "deliver",
    "state": "backlog",
    "priority": "P2",
    "expected_review": "Q3 planning",
    "reason": None,
    "release_note": None,
}


@pytest.mark.parametrize(
    ("raw", "decision"),
    [
        (
            {"action": "accept", "feature_area": "A", "customer_need": "N"},
            AcceptDecision(feature_area="A", customer_need="N"),
        ),
        ({"action": "reject", "reason": "chatter"}, RejectDecision(reason="chatter")),
        ({"action": "rename", "label": " Exports "}, RenameDecision(label="Exports")),
        ({"action": "merge", "into": "t_1"}, MergeDecision(into="t_1")),
        ({"action": "split", "requests": ["r1", "r2"]}, SplitDecision(requests=("r1", "r2"))),
        (
            {"action": "move", "requests": ["r1"], "to": "t_2", "reason": "fits"},
            MoveDecision(requests=("r1",), to="t_2", reason="fits"),
        ),
        (
            {"action": "move", "requests": ["r1"], "to": None},
            MoveDecision(requests=("r1",), to=None),
        ),
        (
            {"action": "edit", "feature_area": " A ", "customer_need": "N"},
            EditDecision(feature_area="A", customer_need="N"),
        ),
        (
            {
                "action": "edit",
                "feature_area": "A",
                "customer_need": "N",
                "description": "",
                "examples": ["one"],
            },
            EditDecision(feature_area="A", customer_need="N", description="", examples=("one",)),
        ),
        ({"action": "confirm", "requests": ["r1", "r1"]}, ConfirmDecision(requests=("r1",))),
        (
            {"action": "dismiss", "requests": ["r1"], "reason": "small talk"},
            DismissDecision(requests=("r1",), reason="small talk"),
        ),
        (
            {"action": "severity", "requests": ["r1"], "severity": "minor"},
            SeverityDecision(requests=("r1",), severity=Severity.MINOR),
        ),
        (
            BACKLOG,
            DeliverDecision(delivery=Delivery(DeliveryState.BACKLOG, Priority.P2, "Q3 planning")),
        ),
        (
            {"action": "deliver", "state": "shipped", "release_note": "Now in Settings."},
            DeliverDecision(
                delivery=Delivery(DeliveryState.SHIPPED, release_note="Now in Settings.")
            ),
        ),
        (
            {"action": "deliver", "state": "declined", "reason": "too narrow"},
            DeliverDecision(delivery=Delivery(DeliveryState.DECLINED, reason="too narrow")),
        ),
        ({"action": "deliver", "state": "open"}, DeliverDecision(delivery=Delivery())),
    ],
)
def test_each_action_of_the_contract_is_read(raw: dict[str, Any], decision: Decision) -> None:
    found = parse_decision(raw)
    assert found == decision
    assert found.action == raw["action"]


@pytest.mark.parametrize(
    ("raw", "code", "field"),
    [
        ({}, "missing_field", "action"),
        ({"action": "approve"}, "unknown_action", "action"),
        ({"action": 5}, "wrong_type", "action"),
        ({"action": "accept", "feature_area": "A"}, "missing_field", "customer_need"),
        ({"action": "accept", "feature_area": "", "customer_need": "N"}, "empty_field", None),
        ({"action": "reject"}, "missing_field", "reason"),
        ({"action": "reject", "reason": " "}, "empty_text", "reason"),
        ({"action": "rename", "label": "x" * 256}, "text_too_long", "label"),
        ({"action": "merge"}, "missing_field", "into"),
        ({"action": "split"}, "missing_field", "requests"),
        ({"action": "split", "requests": []}, "empty_list", "requests"),
        ({"action": "split", "requests": "r1"}, "wrong_type", "requests"),
        ({"action": "split", "requests": [1]}, "wrong_type", "requests"),
        ({"action": "split", "requests": ["r"] * 10_001}, "too_many", "requests"),
        ({"action": "move", "requests": ["r1"]}, "missing_field", "to"),
        ({"action": "dismiss", "requests": ["r1"]}, "missing_field", "reason"),
        ({"action": "severity", "requests": ["r1"]}, "missing_field", "severity"),
        (
            {"action": "severity", "requests": ["r1"], "severity": "bad"},
            "unknown_severity",
            "severity",
        ),
        ({"action": "deliver"}, "missing_field", "state"),
        ({"action": "deliver", "state": "done"}, "unknown_state", "state"),
        ({**BACKLOG, "priority": "P5"}, "unknown_priority", "priority"),
        ({**BACKLOG, "priority": 2}, "wrong_type", "priority"),
        ({**BACKLOG, "priority": None}, "missing_field", "priority"),
        ({**BACKLOG, "expected_review": None}, "missing_field", "expected_review"),
        ({"action": "deliver", "state": "shipped"}, "missing_field", "release_note"),
        ({"action": "deliver", "state": "declined"}, "missing_field", "reason"),
        ({"action": "deliver", "state": "closed", "reason": ""}, "missing_field", "reason"),
        ([], "wrong_type", None),
    ],
)
def test_a_bad_decision_is_refused(raw: object, code: str, field: str | None) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_decision(raw)
    assert caught.value.code == code
    if field:
        assert caught.value.field == field
