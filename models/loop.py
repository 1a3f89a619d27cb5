"""Closing the loop: what became of one request, in a word."""

from __future__ import annotations

from enum import StrEnum

from models.theme import DeliveryState, ThemeStatus


class LoopState(StrEnum):
    """Where a request that a CSM reported has got to, from heard to answered."""

    WAITING = "waiting"
    PROPOSED = "proposed"
    OPEN = "open"
    BACKLOG = "backlog"
    SHIPPED = "shipped"
    DECLINED = "declined"
    CLOSED = "closed"
    DISMISSED = "dismissed"


def loop_state(
    *, dismissed: bool, status: ThemeStatus | None, delivery: DeliveryState
) -> LoopState:
    """The state of a request whose theme has this status and delivery; None: it has no theme.

    What product said of the theme tells more than where its review stands.
    """
    if dismissed:
        return LoopState.DISMISSED
    if status is None:
        return LoopState.WAITING
    if delivery is not DeliveryState.OPEN:
        return LoopState(delivery.value)
    return LoopState.PROPOSED if status is ThemeStatus.PROPOSED else LoopState.OPEN
