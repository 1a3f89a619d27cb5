"""What the map and its selections show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.web.contexts import Done, Empty


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """What has a mark of its own: `key` is a theme's id, a level, `other` or `waiting`.

    `mark` is the number of its shape and colour.
    """

    key: str
    name: str
    mark: str
    requests: int


@dataclass(frozen=True, slots=True)
class MapRow:
    """One theme below the map."""

    theme_id: str
    label: str
    link: str
    feature_area: str
    level: str
    level_title: str
    status: str
    requests: int
    accounts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MapPage:
    """The map of one quarter.

    colour: `theme` or `level`; colours: each with its link.
    points_link: where the script finds the points.
    may_decide: whether a selection can be acted on by this person.
    """

    quarter: str
    previous_quarter: str
    previous_link: str
    next_quarter: str
    next_link: str
    here: str
    colour: str
    colours: Sequence[tuple[str, str, str]]
    points_link: str
    legend: Sequence[LegendEntry]
    rows: Sequence[MapRow]
    requests: int
    waiting: int
    may_decide: bool
    done: Done | None
    refused: str
    empty: Empty | None


@dataclass(frozen=True, slots=True)
class ChosenPart:
    """The chosen requests of one theme; of none, where `theme_id` is empty.

    `whole` says that they are all it has; `more` how many have no quote here; `typed` is what
    was typed for it before a refusal.
    """

    theme_id: str
    label: str
    link: str
    etag: str
    whole: bool
    count: int
    quotes: Sequence[str]
    more: int
    typed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectionPage:
    """What was chosen on the map, before anything is done with it.

    everything: every chosen id; gone: how many of them are no longer there.
    themes: the parts that can be merged; left_out: how many parts are not shown.
    names: of the items and themes that they can be moved to.
    """

    quarter: str
    colour: str
    back: str
    count: int
    gone: int
    everything: str
    parts: Sequence[ChosenPart]
    themes: Sequence[ChosenPart]
    left_out: int
    names: Sequence[str]
    refused: str
