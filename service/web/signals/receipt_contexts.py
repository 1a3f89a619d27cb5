"""What the receipt of a signal shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.web.contexts import Done
from service.web.signals.contexts import Chart, Mix


@dataclass(frozen=True, slots=True)
class ConditionRow:
    """One condition, in words; `met` is yes, no or unknown."""

    name: str
    value: str
    threshold: str
    met: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRow:
    """One account behind a signal. `arr_then` is its ARR when it reported, where that differs."""

    name: str
    segment: str
    arr: float | None
    arr_then: float | None
    share: float | None
    renewal: str
    at_risk: bool
    why: str
    requests: int
    severity: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """One request in the customer's words, with what stands around it in its note.

    note_link: where it stands; empty for a person who may not read notes.
    """

    before: str
    text: str
    after: str
    more_before: bool
    more_after: bool
    severity: str
    account: str
    csm: str
    day: str
    is_copy: bool
    note_link: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step from the first report to delivery."""

    day: str
    title: str
    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class DeliveryForm:
    """What the forms of delivery hold: the state last tried, and what was typed for it."""

    action: str
    etag: str
    state: str
    typed: Mapping[str, str]
    priorities: Sequence[str]


@dataclass(frozen=True, slots=True)
class Pages:
    """Which part of a long list is shown, and where the rest is."""

    text: str
    back_link: str
    more_link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptPage:
    """Why one theme is at its level.

    path: its place in the taxonomy.
    sentences: why it is at its level, what priority that suggests, and how likely it is chance.
    without_largest: what it would be without its largest account; empty where that isn't known.
    delivery_form: for those who may say what product does.
    may_undo: whether the person may take decisions back.
    """

    here: str
    label: str
    path: str
    quarter: str
    as_of: str
    policy: str
    level: str
    level_title: str
    status: str
    delivery: str
    delivery_text: str
    board_link: str
    theme_link: str
    merged: bool
    done: Done | None
    may_undo: bool
    refused: str
    figures: Sequence[tuple[str, str]]
    months: Chart
    trend: str
    severity: str
    mix: Mix
    sentences: Sequence[str]
    conditions: Sequence[ConditionRow]
    without_largest: str
    accounts: Sequence[AccountRow]
    account_pages: Pages | None
    quotes: Sequence[Quote]
    quote_pages: Pages | None
    steps: Sequence[Step]
    delivery_form: DeliveryForm | None
