"""What the page of process metrics shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.web.contexts import Empty


@dataclass(frozen=True, slots=True)
class Column:
    """One quarter of a small chart: its place and size as SVG attributes, '' where unknown."""

    quarter: str
    shown: str
    x: str
    y: str
    height: str
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricCard:
    """One metric.

    Attributes:
        status: the API's word; `verdict` says it in a sentence's words.
        target_lines: heights in the chart at which the target lies.
        to_see: where one goes to see what is behind it; '' where nowhere.
        words: the chart, for those who can't see it.
    """

    title: str
    meaning: str
    value: str
    status: str
    verdict: str
    target: str
    points_at: str
    to_see: str
    to_see_link: str
    columns: Sequence[Column]
    target_lines: Sequence[str]
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessPage:
    """The five metrics of a quarter, and of the three before it."""

    quarter: str
    as_of: str
    policy: str
    so_far: bool
    on_target: int
    known: int
    cards: Sequence[MetricCard]
    previous_quarter: str
    previous_link: str
    next_quarter: str
    next_link: str
    empty: Empty | None
