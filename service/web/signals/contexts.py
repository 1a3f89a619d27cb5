"""What the pages of signals show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.web.contexts import Empty


@dataclass(frozen=True, slots=True)
class LevelTally:
    """How many themes are at a level, and the link that shows them alone."""

    name: str
    title: str
    meaning: str
    count: int
    link: str


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One theme on the board. `share` is 0..1, or None where it is not known."""

    level: str
    level_title: str
    label: str
    link: str
    feature_area: str | None
    accounts: int
    arr: float | None
    share: float | None
    at_risk: int
    csms: int
    severity: str
    trend: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardPage:
    """The signals of one quarter."""

    quarter: str
    as_of: str
    as_of_given: bool
    policy: str
    policies: Sequence[str]
    level: str
    status: str
    filtered: bool
    total_arr: float | None
    calibrated_accounts: int | None
    levels: Sequence[LevelTally]
    rows: Sequence[BoardRow]
    more_link: str
    previous_quarter: str
    previous_link: str
    next_quarter: str
    next_link: str
    empty: Empty | None


@dataclass(frozen=True, slots=True)
class ConditionRow:
    """One condition, in words."""

    name: str
    value: str
    threshold: str
    met: str
    margin: str


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One account behind a signal."""

    name: str
    segment: str
    arr: float | None
    share: float | None
    at_risk: bool
    why: str
    requests: int


@dataclass(frozen=True, slots=True)
class Quote:
    """One request in the customer's words."""

    text: str
    severity: str
    account: str
    csm: str
    day: str
    is_copy: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptPage:
    """Why one theme is at its level."""

    label: str
    feature_area: str | None
    customer_need: str | None
    quarter: str
    as_of: str
    policy: str
    level: str
    level_title: str
    status: str
    board_link: str
    figures: Sequence[tuple[str, str]]
    conditions: Sequence[ConditionRow]
    tips: Sequence[str]
    accounts: Sequence[AccountRow]
    quotes: Sequence[Quote]
