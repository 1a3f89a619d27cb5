"""What a person of CS Ops can say about an item that has no theme yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from models.decisions import MAX_REASON
from models.raw_fields import Raw, as_object, label, missing, one_of, optional_text
from models.taxonomy import ItemPatch, parse_item_patch


class ItemAction(StrEnum):
    """The word in a decision on an item."""

    ADD = "add"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddItem:
    """The item is live: new, or one that was proposed or retired."""

    action: ClassVar[ItemAction] = ItemAction.ADD
    item: ItemPatch
    reason: str | None = None

    @property
    def pair(self) -> tuple[str, str]:
        """Its area and need."""
        return self.item.feature_area, self.item.customer_need


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseItem:
    """The item that somebody proposed is none."""

    action: ClassVar[ItemAction] = ItemAction.REFUSE
    pair: tuple[str, str]
    reason: str | None = None


ItemDecision = AddItem | RefuseItem


def parse_item_decision(raw: object) -> ItemDecision:
    """The one door for a decision on an item. Unknown fields are ignored.

    Raises InvalidInput with field and code: `unknown_action` and the codes of
    `parse_item_patch`.
    """
    record = as_object(raw, "A decision")
    value = record.get("action")
    if value is None:
        raise missing("action")
    words = tuple(ItemAction)
    return _PARSERS[ItemAction(one_of(value, "action", words, code="unknown_action"))](record)


def _add(raw: Raw) -> ItemDecision:
    return AddItem(item=parse_item_patch(raw), reason=_reason(raw))


def _refuse(raw: Raw) -> ItemDecision:
    pair = (label(raw, "feature_area"), label(raw, "customer_need"))
    return RefuseItem(pair=pair, reason=_reason(raw))


def _reason(raw: Raw) -> str | None:
    return optional_text(raw, "reason", limit=MAX_REASON)


_PARSERS: Mapping[ItemAction, Callable[[Raw], ItemDecision]] = {
    ItemAction.ADD: _add,
    ItemAction.REFUSE: _refuse,
}
