"""What decisions teach: where people put some requests corrects where all others would go.

Each request that a person placed is a lesson: a vector, and the item it is on, or none of them.
What the untaught judgement got wrong there is its residual; a kernel over the vectors carries
the residuals on to requests that resemble the lesson, as corrections of the log-odds: one
Newton step of kernel logistic regression with the untaught judgement as its prior mean (Zhu,
Hastie 2005). So a decision that the machine expected changes little, few decisions change
little, and what resembles no lesson is judged as before. Nothing is iterated and nothing
remembered: the same lessons teach the same, in any order, and a lesson taken back is gone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float32]

NO_ITEM: Final = ""
"""The truth of a lesson that says: on none of the items."""

# By products left out, 20 to 120 lessons on a product: 4 to 16, 0.05 to 0.5 differ little.
REACH: Final = 8.0
CURVATURE: Final = 0.1

MOST: Final = 1_500
"""Of more lessons than this, those count of which the untaught judgement was most wrong."""

LEAST: Final = 1e-6
"""No share is less than this before corrections."""


@dataclass(frozen=True, slots=True)
class Lessons:
    """Requests that people placed.

    Attributes:
        vectors: (m, d) float32 unit rows.
        truths: the theme of the item that each is on, or `NO_ITEM`.
        weights: (m,) float32 above 0: how far each is to be trusted; 1 for a person's own word
            on this request.
    """

    vectors: Rows
    truths: Sequence[str]
    weights: Rows

    def __len__(self) -> int:
        return len(self.truths)

    @classmethod
    def joined(cls, parts: Sequence[Lessons]) -> Lessons:
        """All lessons of several, those of width 0 left out."""
        full = [part for part in parts if len(part)]
        if not full:
            return NO_LESSONS
        return cls(
            np.vstack([part.vectors for part in full]),
            [truth for part in full for truth in part.truths],
            np.concatenate([part.weights for part in full]).astype(np.float32),
        )


NO_LESSONS: Final = Lessons(np.zeros((0, 0), np.float32), (), np.zeros(0, np.float32))


@dataclass(frozen=True, slots=True)
class Taught:
    """What was learned.

    Attributes:
        vectors: (m, d) rows of the lessons.
        steps: (m, items + 1) float64: how each lesson moves the log-odds; 'none' comes last.
        background: cosine at and below which two requests have nothing to do with each other.
    """

    vectors: Rows
    steps: NDArray[np.float64]
    background: float

    def corrections(self, vectors: Rows) -> NDArray[np.float64]:
        """What is added to the log-odds of requests (n, d): (n, items + 1)."""
        return likeness(vectors, self.vectors, self.background) @ self.steps


def learn(
    lessons: Lessons, theme_ids: Sequence[str], confidences: Rows, background: float
) -> Taught | None:
    """Learn from lessons; None where there are none.

    Args:
        lessons: with a truth that is no item's theme they are left out.
        theme_ids: the items, in the order of the columns.
        confidences: (m, items) what the untaught judgement says of the lessons.
        background: see `Taught`.
    """
    place = {theme: column for column, theme in enumerate(theme_ids)}
    place[NO_ITEM] = len(theme_ids)
    known = [n for n, truth in enumerate(lessons.truths) if truth in place]
    if not known:
        return None
    said = _with_none(confidences[known])
    residuals = -said
    residuals[np.arange(len(known)), [place[lessons.truths[n]] for n in known]] += 1.0
    weights = lessons.weights[known].astype(np.float64)
    vectors = lessons.vectors[known]
    order = _telling(vectors, residuals, weights)
    vectors, residuals, weights = vectors[order], residuals[order], weights[order]
    system = CURVATURE * likeness(vectors, vectors, background) + np.diag(1.0 / weights)
    steps = np.asarray(np.linalg.solve(system, residuals), dtype=np.float64)
    return Taught(vectors, steps, background)


def corrected(confidences: Rows, corrections: NDArray[np.float64]) -> Rows:
    """Confidences (n, items) after corrections (n, items + 1) of their log-odds; float32."""
    odds = np.log(_with_none(confidences)) + corrections
    odds -= odds.max(axis=1, keepdims=True)
    weights = np.exp(odds)
    shares = weights / weights.sum(axis=1, keepdims=True)
    return np.asarray(shares[:, :-1], dtype=np.float32)


def likeness(left: Rows, right: Rows, background: float) -> NDArray[np.float64]:
    """How much a lesson has to say on a request, (n, m): 0 at the background, `REACH` when equal.

    Linear in the cosine between, which on products left out was ahead of narrower kernels.
    """
    cosines = np.asarray(left @ right.T, dtype=np.float64)
    return REACH * np.clip((cosines - background) / scale_above(background), 0.0, 1.0)


def scale_above(background: float) -> float:
    """By how much a cosine lies above the background where two requests are equal."""
    return max(1.0 - background, 0.05)


def _telling(
    vectors: Rows, residuals: NDArray[np.float64], weights: NDArray[np.float64]
) -> list[int]:
    """The lessons that count, in an order that does not depend on the one they came in."""
    surprise = np.abs(residuals).sum(axis=1) * weights
    keys = [(-round(float(s), 6), row.tobytes()) for s, row in zip(surprise, vectors, strict=True)]
    return sorted(range(len(keys)), key=keys.__getitem__)[:MOST]


def _with_none(confidences: Rows) -> NDArray[np.float64]:
    """Shares of each item and, last, of none of them: (n, items + 1), none of them 0."""
    shares = np.asarray(confidences, dtype=np.float64)
    none = 1.0 - shares.sum(axis=1, keepdims=True)
    whole = np.maximum(np.hstack([shares, none]), LEAST)
    return np.asarray(whole / whole.sum(axis=1, keepdims=True))
