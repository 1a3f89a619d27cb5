"""Which requests are in doubt, and what a second reading of them changes.

The encoder reads a request and an item apart from one another; the re-ranker (see `rerank`)
reads the two together, which is slower and sees more. So it reads only where the encoder is in
doubt, at most one request in three, and there only the best few items. Nothing here runs a
model: its scores are given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float32]

Said = Mapping[str, float]
"""Theme id of an item -> the re-ranker's score of the request with that item."""

SAID_NOTHING: Final[Said] = {}

READ_ITEMS: Final = 8
ONE_IN: Final = 3


@dataclass(frozen=True, slots=True)
class Blend:
    """How the two readings are weighed, fitted on products that neither was learned on.

    Attributes:
        line: a request is in doubt while its best item's confidence lies below this.
        encoder: weight of the logarithm of the encoder's confidence in an item.
        pair: weight of the re-ranker's score.
    """

    line: float
    encoder: float
    pair: float


# Fitted by clustering.training.train_reranker on products left out.
BLEND: Final = Blend(line=0.5, encoder=0.8, pair=0.2)


def in_doubt(confidences: Rows, blend: Blend = BLEND) -> NDArray[np.bool_]:
    """Whether each request is in doubt, (n,), by its row of confidences (n, items)."""
    if not confidences.size:
        return np.zeros(len(confidences), dtype=np.bool_)
    return np.asarray(confidences.max(axis=1) < blend.line)


def most_doubtful(confidences: Mapping[str, float], most: int, blend: Blend = BLEND) -> list[str]:
    """The names of at most `most` requests in doubt, by the confidence of their best item.

    The most doubtful first, ties by name: no matter in which order they are given.
    """
    below = [name for name, confidence in confidences.items() if confidence < blend.line]
    return sorted(below, key=lambda name: (confidences[name], name))[: max(most, 0)]


def blended(
    confidences: Rows, theme_ids: Sequence[str], said: Sequence[Said], blend: Blend = BLEND
) -> Rows:
    """Confidences (n, items) after the second reading, float32; as they were where none is.

    `theme_ids` names the columns and `said` has one entry for each row. The scored items share
    anew what they had together: how likely it is that none of the items fits stays the
    encoder's to say, whose calibration has seen more of such requests. An item without a score
    keeps its own confidence, and so does one that isn't among the `READ_ITEMS` best, so that
    what was read in the past makes no difference. Requests that are not in doubt (any longer)
    keep theirs.
    """
    place = {theme_id: column for column, theme_id in enumerate(theme_ids)}
    answer = np.array(confidences, dtype=np.float32)
    for row in np.flatnonzero(in_doubt(confidences, blend)).tolist():
        scores = {place[theme]: score for theme, score in said[row].items() if theme in place}
        best = np.argsort(-confidences[row], kind="stable")[:READ_ITEMS].tolist()
        scores = {column: scores[column] for column in best if column in scores}
        if scores:
            columns = sorted(scores)
            answer[row, columns] = _shares(
                confidences[row], columns, np.array([scores[c] for c in columns]), blend
            )
    return answer


def _shares(row: Rows, columns: Sequence[int], scores: NDArray[np.float64], blend: Blend) -> Rows:
    own = np.maximum(row[columns].astype(np.float64), 1e-9)
    logits = blend.encoder * np.log(own) + blend.pair * scores
    weights = np.exp(logits - logits.max())
    return np.asarray(own.sum() * weights / weights.sum(), dtype=np.float32)
