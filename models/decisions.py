"""What a person of CS Ops can say about a theme: one frozen dataclass per action."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from models.errors import InvalidInput
from models.raw_fields import (
    Raw,
    as_object,
    identifier,
    identifiers,
    label,
    missing,
    one_of,
    optional_label,
    optional_text,
    text,
)
from models.severity import Severity, parse_severity
from models.taxonomy import parse_item_patch
from models.theme import Delivery, DeliveryState, Priority

MAX_REASON = 10_000


class Action(StrEnum):
    """The word in a decision's `action`."""

    ACCEPT = "accept"
    REJECT = "reject"
    RENAME = "rename"
    MERGE = "merge"
    SPLIT = "split"
    MOVE = "move"
    CONFIRM = "confirm"
    DISMISS = "dismiss"
    SEVERITY = "severity"
    DELIVER = "deliver"
    EDIT = "edit"


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptDecision:
    """The theme is this item, which goes live if it is new."""

    action: ClassVar[Action] = Action.ACCEPT
    feature_area: str
    customer_need: str
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectDecision:
    """The theme is no theme; its members wait."""

    action: ClassVar[Action] = Action.REJECT
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameDecision:
    """The theme's label, from now on a person's."""

    action: ClassVar[Action] = Action.RENAME
    label: str
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeDecision:
    """The theme is the same as another, which survives."""

    action: ClassVar[Action] = Action.MERGE
    into: str
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitDecision:
    """These members are a theme of their own."""

    action: ClassVar[Action] = Action.SPLIT
    requests: tuple[str, ...]
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveDecision:
    """These requests belong to another theme, or to none (`to` is None)."""

    action: ClassVar[Action] = Action.MOVE
    requests: tuple[str, ...]
    to: str | None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmDecision:
    """These requests do belong to the theme."""

    action: ClassVar[Action] = Action.CONFIRM
    requests: tuple[str, ...]
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DismissDecision:
    """These are no requests at all."""

    action: ClassVar[Action] = Action.DISMISS
    requests: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SeverityDecision:
    """These requests are this severe."""

    action: ClassVar[Action] = Action.SEVERITY
    requests: tuple[str, ...]
    severity: Severity
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverDecision:
    """What product does about the theme."""

    action: ClassVar[Action] = Action.DELIVER
    delivery: Delivery

    @property
    def reason(self) -> str | None:
        """The reason given with the state."""
        return self.delivery.reason


@dataclass(frozen=True, slots=True, kw_only=True)
class EditDecision:
    """The words of the theme's item. None keeps a description or examples as they are.

    Another pair is a new name: the theme keeps its id, its requests and its history.
    """

    action: ClassVar[Action] = Action.EDIT
    feature_area: str
    customer_need: str
    description: str | None = None
    examples: tuple[str, ...] | None = None
    reason: str | None = None


Decision = (
    AcceptDecision
    | RejectDecision
    | RenameDecision
    | MergeDecision
    | SplitDecision
    | MoveDecision
    | ConfirmDecision
    | DismissDecision
    | SeverityDecision
    | DeliverDecision
    | EditDecision
)


def parse_decision(raw: object) -> Decision:
    """The one door for a decision. Unknown fields are ignored.

    Raises InvalidInput with field and code: `unknown_action`, `missing_field`, `wrong_type`,
    `empty_field`, `empty_list`, `empty_text`, `unknown_severity`, `unknown_state`,
    `unknown_priority` and the character and length codes of `raw_fields`.
    """
    record = as_object(raw, "A decision")
    value = record.get("action")
    if value is None:
        raise missing("action")
    return _PARSERS[Action(one_of(value, "action", tuple(Action), code="unknown_action"))](record)


def _reason(raw: Raw) -> str | None:
    return optional_text(raw, "reason", limit=MAX_REASON)


def _accept(raw: Raw) -> Decision:
    return AcceptDecision(
        feature_area=label(raw, "feature_area"),
        customer_need=label(raw, "customer_need"),
        reason=_reason(raw),
    )


def _reject(raw: Raw) -> Decision:
    return RejectDecision(reason=text(raw, "reason", limit=MAX_REASON))


def _rename(raw: Raw) -> Decision:
    return RenameDecision(label=label(raw, "label"), reason=_reason(raw))


def _merge(raw: Raw) -> Decision:
    return MergeDecision(into=identifier(raw, "into"), reason=_reason(raw))


def _split(raw: Raw) -> Decision:
    return SplitDecision(requests=identifiers(raw, "requests"), reason=_reason(raw))


def _move(raw: Raw) -> Decision:
    # A forgotten `to` must not take requests off their theme; null says so on purpose.
    if "to" not in raw:
        raise missing("to")
    to = None if raw["to"] is None else identifier(raw, "to")
    return MoveDecision(requests=identifiers(raw, "requests"), to=to, reason=_reason(raw))


def _confirm(raw: Raw) -> Decision:
    return ConfirmDecision(requests=identifiers(raw, "requests"), reason=_reason(raw))


def _dismiss(raw: Raw) -> Decision:
    return DismissDecision(
        requests=identifiers(raw, "requests"), reason=text(raw, "reason", limit=MAX_REASON)
    )


def _severity(raw: Raw) -> Decision:
    return SeverityDecision(
        requests=identifiers(raw, "requests"),
        severity=parse_severity(raw.get("severity")),
        reason=_reason(raw),
    )


_COMPANIONS: Mapping[DeliveryState, tuple[str, ...]] = {
    DeliveryState.OPEN: (),
    DeliveryState.BACKLOG: ("priority", "expected_review"),
    DeliveryState.SHIPPED: ("release_note",),
    DeliveryState.DECLINED: ("reason",),
    DeliveryState.CLOSED: ("reason",),
}


def _deliver(raw: Raw) -> Decision:
    value = raw.get("state")
    if value is None:
        raise missing("state")
    state = DeliveryState(one_of(value, "state", tuple(DeliveryState), code="unknown_state"))
    priority = raw.get("priority")
    if priority is not None:
        priority = one_of(priority, "priority", tuple(Priority), code="unknown_priority")
    delivery = Delivery(
        state=state,
        priority=None if priority is None else Priority(priority),
        expected_review=optional_label(raw, "expected_review"),
        reason=_reason(raw),
        release_note=optional_text(raw, "release_note", limit=MAX_REASON),
    )
    for field in _COMPANIONS[state]:
        if getattr(delivery, field) is None:
            raise InvalidInput(
                f"{field} is missing: a theme set to {state} needs one.",
                code="missing_field",
                field=field,
            )
    return DeliverDecision(delivery=delivery)


def _edit(raw: Raw) -> Decision:
    patch = parse_item_patch(raw)
    return EditDecision(
        feature_area=patch.feature_area,
        customer_need=patch.customer_need,
        description=patch.changes.get("description"),
        examples=patch.changes.get("examples"),
        reason=_reason(raw),
    )


_PARSERS: Mapping[Action, Callable[[Raw], Decision]] = {
    Action.ACCEPT: _accept,
    Action.REJECT: _reject,
    Action.RENAME: _rename,
    Action.MERGE: _merge,
    Action.SPLIT: _split,
    Action.MOVE: _move,
    Action.CONFIRM: _confirm,
    Action.DISMISS: _dismiss,
    Action.SEVERITY: _severity,
    Action.DELIVER: _deliver,
    Action.EDIT: _edit,
}
