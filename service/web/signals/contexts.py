"""What the board shows."""

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
    current: bool


@dataclass(frozen=True, slots=True)
class Linked:
    """A name, and where it leads."""

    name: str
    link: str


@dataclass(frozen=True, slots=True)
class Lead:
    """What is P1 and why to care: `opening`, the themes' names, then `rest`."""

    opening: str
    themes: Sequence[Linked]
    rest: str


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter that is chosen from a list: (value, word) each; `chosen` is '' for all."""

    name: str
    title: str
    options: Sequence[tuple[str, str]]
    chosen: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Columns of a small chart, and the same in words."""

    values: Sequence[int]
    words: str


@dataclass(frozen=True, slots=True)
class Mix:
    """Requests by severity, worst first: (severity, count), and the same in words."""

    parts: Sequence[tuple[str, int]]
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardRow:
    """One theme on the board. `share` is 0..1, or None where it is not known."""

    level: str
    level_title: str
    label: str
    link: str
    path: str
    accounts: int
    arr: float | None
    share: float | None
    at_risk: int
    csms: int
    severity: str
    mix: Mix
    trend: str
    months: Chart
    status: str
    delivery: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardPage:
    """The signals of one quarter.

    reading: what is said of notes that are still being read; empty where none are.
    kept: what the form carries along besides its own fields.
    """

    quarter: str
    as_of: str
    policy: str
    policies: Sequence[str]
    filters: Sequence[Filter]
    kept: Sequence[tuple[str, str]]
    clear_link: str
    total_arr: float | None
    calibrated_accounts: int | None
    lead: Lead | None
    reading: str
    levels: Sequence[LevelTally]
    rows: Sequence[BoardRow]
    passing: int
    first_link: str
    more_link: str
    csv_link: str
    previous_quarter: str
    previous_link: str
    next_quarter: str
    next_link: str
    empty: Empty | None
