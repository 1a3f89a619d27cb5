"""The door for decisions on items."""

from __future__ import annotations

from typing import Any

import pytest

from models.errors import InvalidInput
from models.item_decisions import AddItem, RefuseItem, parse_item_decision

PAIR = {"feature_area": "Area", "customer_need": "Need"}


def test_what_is_said_of_a_new_item() -> None:
    found = parse_item_decision({"action": "add", **PAIR, "examples": ["one"], "reason": "asked"})
    assert isinstance(found, AddItem)
    assert (found.pair, found.reason) == (("Area", "Need"), "asked")
    assert found.item.changes == {"examples": ("one",)}


def test_what_is_said_of_one_that_is_refused() -> None:
    assert parse_item_decision({"action": "refuse", **PAIR}) == RefuseItem(pair=("Area", "Need"))


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("add", "wrong_type"),
        (PAIR, "missing_field"),
        ({"action": "accept", **PAIR}, "unknown_action"),
        ({"action": "add", "feature_area": "Area"}, "missing_field"),
        ({"action": "refuse", **PAIR, "customer_need": " "}, "empty_field"),
    ],
)
def test_what_cannot_be_read_is_refused(raw: Any, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_item_decision(raw)
    assert refused.value.code == code
