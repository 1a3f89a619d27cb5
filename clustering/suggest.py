"""A theme -> ranked taxonomy items, with a margin, or honestly 'none of these'."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustering.assign import ItemIndex
from clustering.doubt import Said
from clustering.params import DEFAULT_PARAMS, ClusteringParams

Rows = NDArray[np.float32]

_ALTERNATIVES = 5


@dataclass(frozen=True, slots=True)
class RankedItem:
    """An item's theme and the confidence, 0..1, that this is the one."""

    theme_id: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the machine would answer for a theme or a waiting request.

    Attributes:
        best: the first item when it is sure enough, else None.
        is_new: True when no item is sure enough, so a new one is suggested.
        confidence: of the answer given: of `best`, or that it is none of the items.
        alternatives: the ranked items, best first, `best` left out.
        area: the feature area of the first ranked item, sure or not; None without items.
    """

    best: RankedItem | None
    is_new: bool
    confidence: float
    alternatives: Sequence[RankedItem]
    area: str | None


def suggest_requests(
    vectors: Rows,
    index: ItemIndex,
    params: ClusteringParams = DEFAULT_PARAMS,
    said: Sequence[Said] | None = None,
) -> list[Suggestion]:
    """A suggestion for each single request, rows (n, d); `said` is what the re-ranker said."""
    return [_suggestion(row, index, params.assign_line) for row in index.judged(vectors, said)]


def suggest_theme(
    members: Rows, index: ItemIndex, params: ClusteringParams = DEFAULT_PARAMS
) -> Suggestion:
    """A suggestion for a theme from all its members' rows (m, d), m >= 1."""
    return _suggestion(index.judge_together(members), index, params.suggest_line)


def _suggestion(row: Rows, index: ItemIndex, line: float) -> Suggestion:
    order = np.argsort(-row, kind="stable")[: _ALTERNATIVES + 1]
    ranked = [RankedItem(index.theme_ids[j], float(row[j])) for j in order]
    if not ranked:
        return Suggestion(None, True, 1.0, (), None)
    first, area = ranked[0], index.areas[ranked[0].theme_id]
    if first.confidence >= line:
        return Suggestion(first, False, first.confidence, tuple(ranked[1:]), area)
    unlike = float(max(0.0, 1.0 - row.sum()))
    return Suggestion(None, True, unlike, tuple(ranked[:_ALTERNATIVES]), area)
