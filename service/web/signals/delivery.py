"""What product does about a signal: its steps so far, and the forms that say the next one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.theme import Priority
from service.web.deciding.forms import Fields, Names, Press
from service.web.signals.receipt_contexts import DeliveryForm, Step

Row = Mapping[str, Any]
_FIELDS = ("priority", "expected_review", "reason", "release_note")
_TITLES = {
    "open": "Opened again",
    "backlog": "Put in the backlog",
    "shipped": "Shipped",
    "declined": "Declined",
    "closed": "Closed",
}


def delivery_text(delivery: Row) -> str:
    """What was said with a delivery state; empty where nothing was."""
    review = delivery.get("expected_review")
    said = (
        f"expected review: {review}" if review else "",
        delivery.get("release_note") or "",
        delivery.get("reason") or "",
    )
    return " · ".join(part for part in said if part)


def steps(story: Row) -> list[Step]:
    """From the first report to what was delivered, oldest first."""
    return [_step(row, story) for row in story["milestones"]]


def _step(row: Row, story: Row) -> Step:
    kind, day = row["kind"], row["on"]
    if kind == "delivery":
        state = row["delivery"].get("state", "open")
        heading = _TITLES.get(state, state)
        if state == "backlog":
            heading = f"{heading} as {row['delivery'].get('priority')}"
        said = delivery_text(row["delivery"])
        return Step(day, f"{heading} by {row['actor']}", said, f"delivery {state}")
    titles = {
        "first_reported": "First reported",
        "recognised": "Recognised",
        "last_reported": f"Last heard in {story['quarter']}",
        "accepted": f"Accepted by {row['actor']}",
    }
    texts = {"recognised": f"with what was heard in {story['quarter']} it reached Candidate"}
    return Step(day, titles[kind], texts.get(kind, ""), kind)


def delivery_form(story: Row, here: str, state: str, typed: Mapping[str, str]) -> DeliveryForm:
    """The forms as they are first shown, or with what was typed and refused."""
    path, _, query = here.partition("?")
    current = story["delivery"]
    offered = {
        "priority": current["priority"] or story["suggested_priority"],
        "expected_review": current["expected_review"] or "",
        "release_note": "",
        "reason": "",
    }
    return DeliveryForm(
        action=f"{path}/delivery?{query}",
        etag=story["etag"],
        state=state,
        typed={**offered, **{name: value for name, value in typed.items() if name in _FIELDS}},
        priorities=[priority.value for priority in Priority],
    )


def read_delivery(theme_id: str, fields: Fields, _names: Names) -> Press:
    """What was posted, as the decision that the API takes."""
    said = {name: fields.one[name] for name in _FIELDS if fields.one.get(name)}
    raw = {"action": "deliver", "state": fields.one.get("state", ""), **said}
    return Press(theme_id, fields.one.get("etag", ""), raw)
