"""A quick look at many requests: whose place among the items is plain without judging it closely.

A decision can move any request, and moves few. So all are judged here in single precision, from
similarities that are kept from one decision to the next, and only where the answer could be
another than the one on record is a request judged as `ItemIndex.judged` does it. The two differ
by 4e-5 where there is most to learn from; what lies within `MARGIN` of a line is not plain.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from clustering.learning import LEAST, REACH, Taught, scale_above
from clustering.lens import Lens

Rows = NDArray[np.float32]
Places = NDArray[np.intp]

MARGIN: Final = 1e-3

_AT_ONCE: Final = 1_024


@dataclass(frozen=True, slots=True)
class Glance:
    """What n requests look like.

    Attributes:
        first: (n,) the column of the best item.
        confidence: (n,) float32, in that item.
        second: (n,) float32, in the best of the others; below 0 where there is only one item.
        untaught: (n,) float32, in the best item before anything that people taught.
    """

    first: Places
    confidence: Rows
    second: Rows
    untaught: Rows


def pieces(count: int) -> Iterator[slice]:
    """Consecutive rows, so many at once as stay in the processor's cache."""
    for start in range(0, count, _AT_ONCE):
        yield slice(start, min(start + _AT_ONCE, count))


def glance(
    lens: Lens, taught: Taught | None, vectors: Rows, scores: Rows, columns: Places
) -> Glance:
    """Look at requests (n, d) by their similarities (n, any), of which these are the items'."""
    count = len(vectors)
    first = np.zeros(count, dtype=np.intp)
    confidence, second, untaught = (np.zeros(count, dtype=np.float32) for _ in range(3))
    steps = None if taught is None else taught.steps.astype(np.float32)
    for piece in pieces(count):
        shares = lens.probabilities(np.take(scores[piece], columns, axis=1))
        untaught[piece] = shares.max(axis=1)
        if taught is not None and steps is not None:
            seen = lens.meaning(vectors[piece])
            shares = _corrected(shares, _likeness(seen, taught) @ steps)
        every = np.arange(len(shares))
        best = shares.argmax(axis=1)
        first[piece] = best
        confidence[piece] = shares[every, best]
        shares[every, best] = -1.0
        second[piece] = shares.max(axis=1)
    return Glance(first, confidence, second, untaught)


def _likeness(seen: Rows, taught: Taught) -> Rows:
    near = seen @ taught.vectors.T
    near -= np.float32(taught.background)
    near *= np.float32(1.0 / scale_above(taught.background))
    np.clip(near, 0.0, 1.0, out=near)
    near *= np.float32(REACH)
    return near


def _corrected(shares: Rows, corrections: Rows) -> Rows:
    """As `learning.corrected`, without the logarithm: what is added there is a factor here."""
    none = np.maximum(1.0 - shares.sum(axis=1), LEAST)
    np.maximum(shares, np.float32(LEAST), out=shares)
    corrections -= corrections.max(axis=1, keepdims=True)
    weights = np.exp(corrections, out=corrections)
    shares *= weights[:, :-1]
    shares /= (shares.sum(axis=1) + none * weights[:, -1])[:, None]
    return shares
