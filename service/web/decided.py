"""Decisions in words."""

from __future__ import annotations

from collections.abc import Sequence

from service.flows.moved_levels import MovedSignal
from service.flows.theme_names import DecidedName
from service.web.figures import LEVEL_TITLES

# So many other signals are named.
_OTHERS = 3

_VERBS = {
    "accept": "Accepted",
    "reject": "Rejected",
    "retire": "Retired",
    "rename": "Renamed",
    "merge": "Merged",
    "split": "Split off",
    "move": "Moved",
    "confirm": "Confirmed",
    "dismiss": "Dismissed",
    "severity": "Changed the severity",
    "deliver": "Changed the delivery state",
    "edit": "Edited",
    "add": "Made live",
    "refuse": "Refused",
    "add_request": "Added a request",
    "mend_request": "Set the words of a request",
}


def verb(action: str) -> str:
    """What was done, as a word or two."""
    return _VERBS.get(action, action.replace("_", " ").capitalize())


def sentence(found: DecidedName) -> str:
    """What was done, to how many requests, and on which theme."""
    what, label = verb(found.action), found.label
    count = f"{found.requests} request{'' if found.requests == 1 else 's'}"
    if found.action == "merge":
        return f"{what}: {label} into {found.target}"
    if found.action == "accept" and found.target not in ("", label):
        return f"{what} as {found.target}: {label}"
    if found.action == "rename" and found.target not in ("", label):
        return f"{what} to {found.target}: {label}"
    if found.action == "deliver" and found.target:
        return f"Delivery is now {found.target}: {label}"
    if found.action == "move" and not found.target:
        return f"Kept off every item: {count}"
    if found.action == "move":
        return f"{what}: {count} to {found.target}"
    if found.action == "split":
        return f"{what}: {count} from {label}"
    if found.action == "dismiss":
        return f"{what} as not a request: {count}"
    if found.requests:
        return f"{what}: {count} on {label}"
    return f"{what}: {label}" if label else what


def also_moved(moved: Sequence[MovedSignal]) -> tuple[tuple[str, str, str], ...]:
    """The name of each signal that was moved besides, its address, and how it moved."""
    told = [(one.label, f"/board/{one.theme_id}", _step(one)) for one in moved[:_OTHERS]]
    left = len(moved) - len(told)
    return (*told, (f"and {left} more", "", "")) if left else tuple(told)


def _step(moved: MovedSignal) -> str:
    start = LEVEL_TITLES[moved.before]
    if moved.after is None:
        return f"is off the board, where it was {start}"
    rose = moved.after.rank < moved.before.rank
    return f"{'rose' if rose else 'fell'} from {start} to {LEVEL_TITLES[moved.after]}"
