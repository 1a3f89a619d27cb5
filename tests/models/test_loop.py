"""What became of a request, in a word."""

from __future__ import annotations

import pytest

from models.loop import LoopState, loop_state
from models.theme import DeliveryState, ThemeStatus


@pytest.mark.parametrize(
    ("dismissed", "status", "delivery", "state"),
    [
        (False, None, "open", "waiting"),
        (True, None, "open", "dismissed"),
        (False, "proposed", "open", "proposed"),
        (False, "accepted", "open", "open"),
        (False, "accepted", "backlog", "backlog"),
        (False, "proposed", "shipped", "shipped"),
        (False, "accepted", "declined", "declined"),
        (False, "accepted", "closed", "closed"),
    ],
)
def test_what_product_said_tells_more_than_the_review(
    dismissed: bool, status: str | None, delivery: str, state: str
) -> None:
    found = loop_state(
        dismissed=dismissed,
        status=None if status is None else ThemeStatus(status),
        delivery=DeliveryState(delivery),
    )
    assert found is LoopState(state)
