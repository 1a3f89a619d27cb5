"""What a person pressed and ticked, as the decision that the API takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from models.errors import InvalidInput
from service.web.deciding.contexts import Typed

# More than any page of ours has.
_MOST_FIELDS = 200
# Between an item's area and its need; keyboards have the second.
_MARK, _TYPED_MARK = "›", ">"


@dataclass(frozen=True, slots=True)
class Fields:
    """A posted form.

    Attributes:
        one: the last value of each field.
        ticked: ids of the requests that are ticked.
        action: what the pressed button does; `target` is what it names after the colon.
    """

    one: Mapping[str, str]
    ticked: Sequence[str]
    action: str
    target: str


@dataclass(frozen=True, slots=True)
class Press:
    """One press of a button: on which theme, as it was seen (empty: however), and what."""

    theme_id: str
    etag: str
    raw: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Names:
    """Names that people type -> theme ids: paths of live items, and names of open themes."""

    items: Mapping[str, str]
    themes: Mapping[str, str]


def read_fields(data: bytes) -> Fields:
    """A form as the browser posts it.

    Raises:
        InvalidInput: `broken_form`, `control_character`.
    """
    fields = form_values(data)
    one = {name: values[-1].strip() for name, values in fields.items()}
    action, _, target = one.get("action", "").partition(":")
    return Fields(one, fields.get("requests", []), action, target)


def typed_in(fields: Fields) -> Typed:
    """What a form held, to show it again."""
    one = fields.one
    return Typed(
        item=one.get("item", ""),
        into=one.get("into", ""),
        label=one.get("label", ""),
        ticked=frozenset(fields.ticked),
    )


def form_values(data: bytes) -> dict[str, list[str]]:
    """The values of each field, as they were typed.

    Raises:
        InvalidInput: `broken_form`, `control_character`.
    """
    try:
        fields = parse_qs(data.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise InvalidInput("The form can't be read; reload the page.", code="broken_form") from None
    if any("\0" in part for name, values in fields.items() for part in (name, *values)):
        # PostgreSQL takes none, not even in what is looked for.
        raise InvalidInput(
            "The form holds a NUL character; leave it out.", code="control_character"
        )
    return fields


def read_press(fields: Fields, names: Names) -> Press:
    """The decision on a theme in a posted form.

    Raises:
        InvalidInput: `nothing_chosen`, `unknown_item`, `unknown_theme`, `unknown_action`.
    """
    action = fields.action
    if action == "typed":
        action = _by_what_is_typed(fields.one)
    if action == "take":
        # The other way round: the theme that is named goes into the one that is looked at.
        into = {"action": "merge", "into": fields.one.get("theme_id", "")}
        return Press(fields.target, "", into)
    raw = _raw(action, fields, names)
    if fields.one.get("reason"):
        raw["reason"] = fields.one["reason"]
    return Press(fields.one.get("theme_id", ""), fields.one.get("etag", ""), raw)


def _raw(action: str, fields: Fields, names: Names) -> dict[str, Any]:
    one, target = fields.one, fields.target
    if action == "accept":
        return {"action": action, **_item(target or one.get("item", ""))}
    if action == "reject":
        return {"action": action, "reason": "not one need"}
    if action == "rename":
        return {"action": action, "label": one.get("label", "")}
    if action == "merge":
        return {"action": action, "into": target or known(one.get("into", ""), names.themes)}
    return on_requests(action, target, fields, names)


def on_requests(action: str, target: str, fields: Fields, names: Names) -> dict[str, Any]:
    """A decision on the requests that are ticked.

    Raises:
        InvalidInput: `nothing_chosen`, `unknown_item`, `unknown_action`.
    """
    if action not in ("split", "move", "hold", "confirm", "dismiss", "severity"):
        raise InvalidInput("The page knows no such button; reload it.", code="unknown_action")
    if not fields.ticked:
        raise InvalidInput(
            "Tick the quotes that this is about first.", code="nothing_chosen", field="requests"
        )
    raw: dict[str, Any] = {"action": action, "requests": list(fields.ticked)}
    if action == "move":
        raw["to"] = target or known(fields.one.get("item", ""), names.themes, "item")
    if action == "hold":
        raw |= {"action": "move", "to": None}
    if action == "severity":
        raw["severity"] = target
    if action == "dismiss":
        raw["reason"] = "not a request"
    return raw


def known(name: str, names: Mapping[str, str], kind: str = "theme") -> str:
    """The theme of a name that was typed.

    Raises:
        InvalidInput: `unknown_item`, `unknown_theme`.
    """
    found = names.get(name.strip()) or names.get(" › ".join(_parts(name)))
    if found is None:
        raise InvalidInput(
            f"There is no {kind} of this name; choose one of those offered as you type.",
            code=f"unknown_{kind}",
            field=kind,
        )
    return found


def _by_what_is_typed(one: Mapping[str, str]) -> str:
    """Enter in a field means the button beside it; a browser alone would press the first one."""
    for field, action in (("into", "merge"), ("label", "rename"), ("item", "accept")):
        if one.get(field):
            return "move" if action == "accept" and one.get("kind") == "requests" else action
    raise InvalidInput("Press one of the buttons.", code="unknown_action")


def _item(path: str) -> dict[str, str]:
    area, need = _parts(path)
    if not area or not need:
        raise InvalidInput(
            f"Write the item as its area, then {_TYPED_MARK}, then its need:"
            " Reporting > Export to PDF.",
            code="unknown_item",
            field="item",
        )
    return {"feature_area": area, "customer_need": need}


def _parts(path: str) -> tuple[str, str]:
    area, _, need = path.partition(_MARK if _MARK in path else _TYPED_MARK)
    return area.strip(), need.strip()
