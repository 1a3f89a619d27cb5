"""What the simulator shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.web.contexts import Empty


@dataclass(frozen=True, slots=True)
class Slider:
    """One number of the policy. `value` is as it was typed; `in_force` the one that holds now.

    most: where the slider ends; a larger number can be typed.
    """

    name: str
    title: str
    unit: str
    value: str
    in_force: str
    least: str
    most: str
    step: str
    refused: str


@dataclass(frozen=True, slots=True)
class LevelCount:
    """How many themes of a quarter are at a level, now and under what is tried."""

    level: str
    title: str
    now: int
    then: int


@dataclass(frozen=True, slots=True)
class Bar:
    """One piece of a stacked column, in the chart's own units."""

    level: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class QuarterColumns:
    """One quarter: its counts, its two columns, and where its name stands."""

    quarter: str
    counts: Sequence[LevelCount]
    bars: Sequence[Bar]
    middle: float
    words: str


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A theme that would be judged otherwise; days within its quarter, or a dash."""

    quarter: str
    label: str
    link: str
    receipt_link: str
    accounts: int
    now: str
    now_title: str
    then: str
    then_title: str
    recognised_now: str
    recognised_then: str
    signal_now: str
    signal_then: str


@dataclass(frozen=True, slots=True)
class ChangeList:
    """Changes of one kind; `more` are not shown."""

    title: str
    count: int
    rows: Sequence[ChangeRow]
    more: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorPage:
    """A policy that is tried over four quarters.

    settings: the lines that put it in force; none where it is in force.
    """

    quarter: str
    policy: str
    policies: Sequence[str]
    policy_in_force: str
    sliders: Sequence[Slider]
    refused: str
    same: bool
    summary: Sequence[str]
    quarters: Sequence[QuarterColumns]
    lists: Sequence[ChangeList]
    settings: Sequence[str]
    reset_link: str
    empty: Empty | None
