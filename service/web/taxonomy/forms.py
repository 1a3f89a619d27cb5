"""What a person does with the taxonomy, as the decision that a flow takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.errors import InvalidInput
from service.web.deciding.forms import known, read_fields
from service.web.taxonomy.contexts import ItemForm

# What is done with an item that has no theme; everything else is decided on a theme.
_OF_ITEMS = ("add", "refuse")
_FIELDS = ("action", "item_id", "theme_id", "etag", "quarter", "area", "need", "description",
           "examples", "examples_as_shown", "into", "reason")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Press:
    """One press of a button.

    Attributes:
        fields: the form as it was posted, to be posted again after a preview.
        raw: the decision; on a theme, or (`of_item`) on an item that has none yet.
        etag: what it was decided on, as it was seen; empty: however it is.
    """

    fields: Mapping[str, str]
    raw: Mapping[str, Any]
    of_item: bool
    theme_id: str
    etag: str

    @property
    def action(self) -> str:
        """What the button does."""
        return self.fields["action"]


def posted(data: bytes) -> dict[str, str]:
    """The fields of a form that the taxonomy's pages post.

    Raises:
        InvalidInput: `broken_form`.
    """
    one = read_fields(data).one
    return {name: one.get(name, "").replace("\r\n", "\n") for name in _FIELDS}


def typed(fields: Mapping[str, str]) -> ItemForm:
    """What was typed, to be shown again."""
    return ItemForm(
        fields["area"], fields["need"], fields["description"], fields["examples"], fields["into"]
    )


def read_press(fields: Mapping[str, str], items: Mapping[str, str]) -> Press:
    """The decision in these fields; `items` are paths of live items -> their themes.

    Raises:
        InvalidInput: `unknown_action`, `unknown_item`.
    """
    action = fields["action"]
    make = _RAW.get(action)
    if make is None:
        raise InvalidInput("The page knows no such button; reload it.", code="unknown_action")
    raw = make(fields, items)
    if fields["reason"]:
        raw["reason"] = fields["reason"]
    return Press(fields, raw, action in _OF_ITEMS, fields["theme_id"], fields["etag"])


def one_a_line(examples: Sequence[str]) -> str:
    """Examples as a text field holds them."""
    return "\n".join(" ".join(example.split()) for example in examples)


def _pair(fields: Mapping[str, str]) -> dict[str, Any]:
    return {"feature_area": fields["area"], "customer_need": fields["need"]}


def _words(fields: Mapping[str, str]) -> dict[str, Any]:
    raw: dict[str, Any] = {**_pair(fields), "description": fields["description"]}
    # An example may hold line ends, which a field of lines can't show: left alone, it stays.
    if fields["examples"] != fields["examples_as_shown"]:
        raw["examples"] = [line for line in fields["examples"].splitlines() if line.strip()]
    return raw


def _merge(fields: Mapping[str, str], items: Mapping[str, str]) -> dict[str, Any]:
    return {"action": "merge", "into": known(fields["into"], items, "item")}


_RAW = {
    "add": lambda fields, _: {"action": "add", **_words(fields)},
    "refuse": lambda fields, _: {"action": "refuse", **_pair(fields)},
    "edit": lambda fields, _: {"action": "edit", **_words(fields)},
    "merge": _merge,
    "retire": lambda *_: {"action": "reject", "reason": "retired from the taxonomy"},
    "accept": lambda fields, _: {"action": "accept", **_pair(fields)},
    "reject": lambda *_: {"action": "reject", "reason": "not one need"},
}
