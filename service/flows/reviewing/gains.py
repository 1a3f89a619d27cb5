"""What an answer is expected to set right among this quarter's signals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.evidence import Mention
from models.window import Window
from service.flows.reviewing.chances import Chance
from service.flows.reviewing.stakes import DRAWS, Draws, Levels
from service.flows.theme_rows import mentions_of
from service.storage.requests import RequestRecord
from service.storage.themes import ThemeRecord

# Chances below this are not drawn; so many of a request are.
_LEAST, _DRAWN = 0.02, 6
# A theme that is as unlikely as this to be an item is not thought of as that item.
_UNLIKELY = 0.05
# Of a cluster either answer is as likely.
_EVEN = 0.5


@dataclass(frozen=True, slots=True)
class Open:
    """A request in question: where it is now (None: it waits), and where it may belong.

    `gain` is how far the worth of the signals is expected to move when it is put right.
    """

    record: RequestRecord
    theme_id: str | None
    chance: Chance
    gain: float = 0.0


class Gains:
    """The stakes of one quarter: what is on its themes, and what levels are worth."""

    def __init__(
        self, by_theme: Mapping[str, Sequence[Mention]], window: Window, levels: Levels
    ) -> None:
        self._by_theme = by_theme
        self._window = window
        self._levels = levels
        # What may be on an item: mentions, and in which draws each is.
        self._drawn: dict[str, tuple[list[Mention], list[NDArray[np.bool_]]]] = {}
        self._worth: dict[str, float] = {}

    def of_requests(self, asked: Sequence[Open]) -> dict[str, Open]:
        """The same by request id, each with its gain. Those of other quarters gain nothing."""
        ordered = sorted(asked, key=lambda one: one.record.id)
        inside = [one for one in ordered if one.record.occurred_at in self._window]
        swings = self._swings(inside)
        weighed = {one.record.id: one for one in ordered}
        for one in inside:
            weighed[one.record.id] = replace(one, gain=_gain(one, swings[one.record.id]))
        return weighed

    def of_theme(
        self, theme: ThemeRecord, members: Sequence[RequestRecord], likely: Mapping[str, float]
    ) -> float:
        """What is gained by an answer on a proposed theme that may be one of these items.

        As long as nobody has answered, it is a signal of its own beside that of the item. An
        Unclassified group weighs nothing until it is accepted.
        """
        recent = [record for record in members if record.occurred_at in self._window]
        if not recent:
            return 0.0
        new = mentions_of(theme.id, recent)
        always = [np.ones(DRAWS, dtype=np.bool_)] * len(new)
        own = 0.0
        if theme.origin != "unclassified":
            own = _EVEN * self._levels.worth(new, np.vstack(always))
        return own + sum(
            share * self._change(item, new, always)
            for item, share in likely.items()
            if share >= _UNLIKELY
        )

    def _change(self, item: str, new: Sequence[Mention], always: list[NDArray[np.bool_]]) -> float:
        mentions, drawn = self._drawn.get(item) or self._certain(item)
        after = self._levels.worth([*mentions, *new], np.vstack([*drawn, *always]))
        if item not in self._worth:
            self._worth[item] = self._levels.worth(mentions, np.vstack(drawn)) if mentions else 0.0
        return after - self._worth[item]

    def _certain(self, item: str) -> tuple[list[Mention], list[NDArray[np.bool_]]]:
        held = list(self._by_theme.get(item, ()))
        return held, [np.ones(DRAWS, dtype=np.bool_)] * len(held)

    def _swings(self, asked: Sequence[Open]) -> dict[str, dict[str, float]]:
        """Request id -> theme -> how far the theme's worth hangs on it."""
        swings: dict[str, dict[str, float]] = {one.record.id: {} for one in asked}
        if not asked:
            return swings
        names = sorted({theme for one in asked for theme in one.chance.themes[:_DRAWN]})
        number = {name: n for n, name in enumerate(names)}
        drawn = _draws(asked, number).drawn()
        may_be: dict[str, list[int]] = {}
        for place, one in enumerate(asked):
            for theme, share in zip(one.chance.themes, one.chance.shares, strict=True):
                if theme in number and (share >= _LEAST or theme == one.theme_id):
                    may_be.setdefault(theme, []).append(place)
        in_question = {one.record.id for one in asked}
        for theme, places in sorted(may_be.items()):
            fixed = [m for m in self._by_theme.get(theme, ()) if m.request_id not in in_question]
            open_ones = mentions_of(theme, [asked[place].record for place in places])
            rows = [np.ones(DRAWS, dtype=np.bool_)] * len(fixed)
            rows += [drawn[place] == number[theme] for place in places]
            self._drawn[theme] = ([*fixed, *open_ones], rows)
            found = self._levels.swings([*fixed, *open_ones], np.vstack(rows))[len(fixed) :]
            for place, swing in zip(places, found.tolist(), strict=True):
                swings[asked[place].record.id][theme] = swing
        return swings


def _gain(one: Open, swings: Mapping[str, float]) -> float:
    """Right as it is, nothing is gained; else the signal it leaves and the one it joins are."""
    leaves = swings.get(one.theme_id or "", 0.0)
    moved = 1.0 - one.chance.of(one.theme_id) if one.theme_id else 0.0
    joins = sum(
        share * swings.get(theme, 0.0)
        for theme, share in zip(one.chance.themes, one.chance.shares, strict=True)
        if theme != one.theme_id
    )
    return moved * leaves + joins


def _draws(asked: Sequence[Open], number: Mapping[str, int]) -> Draws:
    items = np.zeros((len(asked), _DRAWN), dtype=np.int64)
    chances = np.zeros((len(asked), _DRAWN))
    for row, one in enumerate(asked):
        for column, (theme, share) in enumerate(
            zip(one.chance.themes[:_DRAWN], one.chance.shares[:_DRAWN], strict=True)
        ):
            items[row, column] = number[theme]
            chances[row, column] = share
    return Draws(items, chances)
