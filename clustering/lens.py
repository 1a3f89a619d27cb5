"""What an encoder's similarities mean: a calibration, and for the plain encoder a linear map.

The plain encoder holds a story ('the aisle had 197, the screen says 212') far from the need
it is about. A map x -> x + x M, learned on other products' notes, brings the two nearer. The
adapted encoder has learned that itself and needs no map. Both are known by their fingerprint;
any other encoder is taken as it is.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from clustering.adapter import REQUESTS, about_updates, adapted_fingerprint
from clustering.landmarks import Landmarks, load_landmarks

Rows = NDArray[np.float32]

WEIGHTS: Final = Path(__file__).parent / "weights" / "lens.safetensors"


@dataclass(frozen=True, slots=True)
class Calibration:
    """How similarities to the items of one taxonomy become probabilities.

    A request's similarities are standardised over the items, `PRIOR_ITEMS` items of the
    usual `mean` and `deviation` counted in, so that a taxonomy of one or two can be judged
    as well; then softmax with `slope`, against a 'none of these' of logit `none`. That logit
    falls by `lift` for each usual deviation that the best similarity lies above the usual
    mean: a request that resembles nothing much may still resemble one item most.
    """

    mean: float
    deviation: float
    slope: float
    none: float
    lift: float = 0.0

    def as_json(self) -> str:
        """The figures, for the metadata of a file of weights."""
        return json.dumps({name: getattr(self, name) for name in self.__slots__})


ADAPTED_WIDTH: Final = 384
PRIOR_ITEMS: Final = 5.0

# Fitted for the plain bundled encoder by clustering.training.train_lens; other
# encoders differ in mean and deviation, which their own taxonomy soon outweighs.
PLAIN: Final = Calibration(mean=0.133, deviation=0.110, slope=2.1, none=4.4)


@dataclass(frozen=True, slots=True)
class Lens:
    """A map of shape (d, d), or None for 'as it is', with its calibration.

    `width` is how many columns of a row say what a text means, None for all; the others say
    how it is worded. `landmarks` are known needs that requests are also seen by, None for an
    encoder that none are known for.
    """

    matrix: Rows | None
    calibration: Calibration
    width: int | None = None
    landmarks: Landmarks | None = None

    def apply(self, rows: Rows) -> Rows:
        """Unit rows (n, d) as seen through the lens: float32 unit rows (n, d)."""
        if self.matrix is None or not len(rows):
            return rows
        seen = rows + rows @ self.matrix
        norms = np.maximum(np.linalg.norm(seen, axis=1, keepdims=True), 1e-9)
        return np.asarray(seen / norms, dtype=np.float32)

    def meaning(self, rows: Rows) -> Rows:
        """What the texts mean, however they are worded: float32 unit rows (n, width or d).

        What a decision teaches of other requests goes by this; a request is held against an
        item by the whole row.
        """
        return self.meaning_part(self.apply(rows))

    def likeness(self, rows: Rows) -> Rows:
        """The rows by which requests are grouped: what they mean, and how they stand to landmarks.

        Float32 unit rows, as `meaning` where there are no landmarks.
        """
        meant = self.meaning(rows)
        if self.landmarks is None or not len(meant):
            return meant
        return self.landmarks.beside(meant)

    def meaning_part(self, seen: Rows) -> Rows:
        """The same of rows that `apply` has been through already."""
        if self.width is None or not len(seen):
            return seen
        part = seen[:, : self.width]
        norms = np.maximum(np.linalg.norm(part, axis=1, keepdims=True), 1e-9)
        return np.asarray(part / norms, dtype=np.float32)

    def probabilities(self, scores: Rows) -> Rows:
        """Calibrated probability, float32 (n, items), of each item; rows sum to at most 1."""
        if not scores.size:
            return scores
        return calibrated(scores, self.calibration)


def calibrated(scores: Rows, calibration: Calibration) -> Rows:
    """Softmax over items and 'none', from similarities (n, items >= 1); float32."""
    count = scores.shape[1] + PRIOR_ITEMS
    prior = calibration
    mean = (scores.sum(axis=1) + PRIOR_ITEMS * prior.mean) / count
    spread = ((scores - mean[:, None]) ** 2).sum(axis=1) + PRIOR_ITEMS * prior.deviation**2
    standard = (scores - mean[:, None]) / np.sqrt(spread / count)[:, None]
    logits = np.clip(prior.slope * standard, -50.0, 50.0)
    weights = np.exp(logits)
    best = (scores.max(axis=1, keepdims=True) - prior.mean) / prior.deviation
    total = weights.sum(axis=1, keepdims=True) + np.exp(prior.none - prior.lift * best)
    return np.asarray(weights / total, dtype=np.float32)


@cache
def lens_for(fingerprint: str) -> Lens:
    """How this encoder's rows are looked at and judged; as they are for one we don't know."""
    from safetensors import safe_open

    about = about_updates(REQUESTS)
    if fingerprint == adapted_fingerprint(about["encoder"], about):
        calibration = Calibration(**json.loads(about["calibration"]))
        return Lens(None, calibration, ADAPTED_WIDTH, load_landmarks(fingerprint))
    with safe_open(WEIGHTS, framework="numpy") as weights:
        about = weights.metadata() or {}
        if about.get("encoder") != fingerprint:
            return Lens(None, PLAIN)
        matrix = np.asarray(weights.get_tensor("matrix"), dtype=np.float32)
    return Lens(matrix, Calibration(**json.loads(about["calibration"])))
