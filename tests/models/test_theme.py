"""Delivery as JSON, and who answers for a merged theme."""

from __future__ import annotations

from models.theme import Delivery, DeliveryState, Priority, survivor


def test_delivery_goes_through_json_and_back() -> None:
    delivery = Delivery(DeliveryState.BACKLOG, Priority.P2, "Q3 planning")
    assert delivery.as_dict() == {
        "state": "backlog",
        "priority": "P2",
        "expected_review": "Q3 planning",
        "reason": None,
        "release_note": None,
    }
    assert Delivery.from_dict(delivery.as_dict()) == delivery


def test_a_theme_that_nobody_delivered_is_open() -> None:
    assert Delivery.from_dict({}) == Delivery(DeliveryState.OPEN)


def test_the_end_of_the_chain_answers() -> None:
    assert survivor("a", {"a": "b", "b": "c"}) == "c"
    assert survivor("c", {"a": "b", "b": "c"}) == "c"


def test_a_loop_ends() -> None:
    assert survivor("a", {"a": "b", "b": "a"}) == "b"
