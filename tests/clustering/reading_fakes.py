"""A reader with made-up weights and vectors: quick, and it says something about every note."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from clustering.clause_network import Floats
from clustering.cues import cue_dimension
from clustering.reading import Reader, ReaderWeights
from clustering.segmentation import Break

DIMENSION = 8
_HIDDEN, _RECURRENT = 6, 4


class HashedEncoder:
    """Rows that depend on the text alone."""

    fingerprint = "hashed"
    dimension = DIMENSION

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = np.zeros((len(texts), DIMENSION), dtype=np.float32)
        for place, text in enumerate(texts):
            digest = hashlib.blake2b(text.encode("utf-8"), digest_size=DIMENSION).digest()
            rows[place] = np.frombuffer(digest, dtype=np.uint8).astype(np.float32) - 127.5
            rows[place] /= np.linalg.norm(rows[place])
        return rows


def random_member(seed: int, labels: int = 3, *, pooled: bool = False) -> dict[str, Floats]:
    """Weights of one ensemble member, large enough that labels of all kinds come out."""
    draw = np.random.default_rng(seed)
    width = (2 * _RECURRENT + _HIDDEN) * (2 if pooled else 1)
    shapes: dict[str, tuple[int, ...]] = {
        "vectors": (DIMENSION, _HIDDEN),
        "cues": (cue_dimension(), _HIDDEN),
        "terms": (0, _HIDDEN),
        "bias": (_HIDDEN,),
        "output": (width, labels),
        "output_bias": (labels,),
        "transitions": (len(Break), 3, 3),
    }
    for direction in ("forward", "backward"):
        shapes[f"{direction}.input"] = (_HIDDEN, 3 * _RECURRENT)
        shapes[f"{direction}.hidden"] = (_RECURRENT, 3 * _RECURRENT)
        shapes[f"{direction}.input_bias"] = (3 * _RECURRENT,)
        shapes[f"{direction}.hidden_bias"] = (3 * _RECURRENT,)
    return {name: draw.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}


def make_reader(seed: int = 0) -> Reader:
    """A reader of two random members."""
    spans = [random_member(seed), random_member(seed + 1)]
    severities = [random_member(seed + 2, pooled=True)]
    centre = np.zeros(DIMENSION, dtype=np.float32)
    return Reader(HashedEncoder(), ReaderWeights({}, spans, severities, centre))
