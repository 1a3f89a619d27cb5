"""What a person did on the review page, as the decision that the API takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from models.errors import InvalidInput
from service.web.review.page import PATH


@dataclass(frozen=True, slots=True)
class ReviewForm:
    """One press of a button: on which theme, as it was seen, and what."""

    theme_id: str
    etag: str
    after: str
    raw: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Names:
    """Names that people type -> theme ids: paths of live items, and names of open themes."""

    items: Mapping[str, str]
    themes: Mapping[str, str]


def read_form(data: bytes, names: Names) -> ReviewForm:
    """The decision in a posted form.

    Raises:
        InvalidInput: `broken_form`, `nothing_chosen`, `unknown_item`, `unknown_theme`,
            `unknown_action`.
    """
    try:
        fields = parse_qs(data.decode(), keep_blank_values=True, max_num_fields=200)
    except (UnicodeDecodeError, ValueError):
        raise InvalidInput("The form can't be read; reload the page.", code="broken_form") from None
    one = {name: values[-1].strip() for name, values in fields.items()}
    action, _, target = one.get("action", "").partition(":")
    if action == "typed":
        action = _by_what_is_typed(one)
    raw = _raw(action, target, one, fields.get("requests", []), names)
    if one.get("reason"):
        raw["reason"] = one["reason"]
    return ReviewForm(one.get("theme_id", ""), one.get("etag", ""), one.get("after", ""), raw)


def _raw(
    action: str, target: str, one: Mapping[str, str], requests: Sequence[str], names: Names
) -> dict[str, Any]:
    if action == "accept":
        return {"action": action, **_item(target or one.get("item", ""))}
    if action == "reject":
        return {"action": action, "reason": "not one need"}
    if action == "rename":
        return {"action": action, "label": one.get("label", "")}
    if action == "merge":
        return {"action": action, "into": _known(one.get("into", ""), names.themes, "theme")}
    if action not in ("split", "move", "confirm", "dismiss", "severity"):
        raise InvalidInput("The page knows no such button; reload it.", code="unknown_action")
    if not requests:
        raise InvalidInput(
            "Tick the quotes that this is about first.", code="nothing_chosen", field="requests"
        )
    raw: dict[str, Any] = {"action": action, "requests": list(requests)}
    if action == "move":
        raw["to"] = target or _known(one.get("item", ""), names.items, "item")
    if action == "severity":
        raw["severity"] = target
    if action == "dismiss":
        raw["reason"] = "not a request"
    return raw


def _by_what_is_typed(one: Mapping[str, str]) -> str:
    """Enter in a field means the button beside it; a browser alone would press the first one."""
    for field, action in (("into", "merge"), ("label", "rename"), ("item", "accept")):
        if one.get(field):
            return "move" if action == "accept" and one.get("kind") == "requests" else action
    raise InvalidInput("Press one of the buttons.", code="unknown_action")


def _item(path: str) -> dict[str, str]:
    area, _, need = path.partition(PATH.strip())
    if not area.strip() or not need.strip():
        raise InvalidInput(
            f"Write the item as its area, then {PATH.strip()} and its need.",
            code="unknown_item",
            field="item",
        )
    return {"feature_area": area.strip(), "customer_need": need.strip()}


def _known(name: str, known: Mapping[str, str], kind: str) -> str:
    found = known.get(name.strip())
    if found is None:
        raise InvalidInput(
            f"There is no {kind} of this name; choose one of those offered as you type.",
            code=f"unknown_{kind}",
            field=kind,
        )
    return found
