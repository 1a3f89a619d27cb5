"""What became of a request, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Row = Mapping[str, Any]

STATES = {
    "waiting": "Waiting",
    "proposed": "In review",
    "open": "Open",
    "backlog": "In the backlog",
    "shipped": "Shipped",
    "declined": "Declined",
    "closed": "Closed",
    "dismissed": "Dismissed",
}
_DECIDED = {
    "accept": "accepted as a need of the taxonomy",
    "merge": "joined with a theme that said the same",
    "move": "put here by a person",
    "confirm": "confirmed",
    "split": "split off into a theme of its own",
    "dismiss": "dismissed as no request",
}


def what_became(row: Row) -> str:
    """Where the request has got to, with what product said."""
    theme = row["theme"]
    delivery = theme["delivery"] if theme else {}
    state = row["state"]
    if state == "waiting":
        area = row["unclassified_area"]
        near = f" The nearest area is {area}." if area else ""
        return f"It fits no need of the taxonomy yet and waits for others like it.{near}"
    if state == "dismissed":
        return "CS Ops decided that it is no request, so it counts nowhere."
    if state == "proposed":
        return "It is in a theme that CS Ops has yet to review."
    if state == "open":
        return "It counts. Product has not yet said what will come of it."
    since = f" on {theme['delivered_at'][:10]}" if theme["delivered_at"] else ""
    if state == "backlog":
        priority = f" as {delivery['priority']}" if delivery["priority"] else ""
        review = delivery["expected_review"]
        when = f"Expected review: {review}." if review else "No review is set."
        return f"Product put it into the backlog{priority}{since}. {when}"
    said = delivery["release_note"] if state == "shipped" else delivery["reason"]
    return f"Product {state} it{since}{_colon(said or delivery['reason'])}"


def _colon(said: str | None) -> str:
    if not said:
        return "."
    return f": {said}{'' if said[-1] in '.!?' else '.'}"


def others(theme: Row) -> str:
    """Who reported the same."""
    csms, accounts = theme["reported_by"]["csms"], theme["reported_by"]["accounts"]
    heard = f"{accounts:,} {'account' if accounts == 1 else 'accounts'}"
    if csms <= 1:
        return f"No other CSM has reported it; {heard} in all."
    return f"{csms:,} CSMs have reported it, from {heard}."


def change(decided: Row) -> str:
    """One decision, dated."""
    day, action = decided["at"][:10], decided["action"]
    if action == "deliver":
        done = _delivered(decided["delivery"])
    elif action == "severity":
        done = f"severity set to {decided['severity']}"
    else:
        done = _DECIDED[action]
    reason = decided["reason"] if action == "dismiss" else None
    return f"{day}: {done}{f' ({reason})' if reason else ''}"


def _delivered(delivery: Row) -> str:
    if delivery["state"] == "open":
        return "reopened"
    priority = f" as {delivery['priority']}" if delivery["priority"] else ""
    return f"{STATES[delivery['state']].lower()}{priority}"
