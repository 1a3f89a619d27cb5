"""Requests seen by the known needs they resemble, beside what they mean.

Wishes are much the same in all business software: an export, a permission, a report that is too
slow. Two customers who tell different stories of one wish stand about as near to the same needs
of other products, though not to one another. So a row is continued by how it stands to such
needs, the landmarks: its likeness to each, sharpened, so that the nearest few count (as random
features do in Rahimi and Recht 2007, with places that mean something).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float32]

LANDMARKS: Final = Path(__file__).parent / "weights" / "landmarks.safetensors"
ENCODER: Final = "encoder"

# How much faster than its cosine a landmark's share grows, as an exponent; and what the product
# of two rows' shares counts beside that of their meanings. Chosen on two of six folds of the
# packs; 0.15 to 0.25 and 7 to 10 do as well.
SHARPNESS: Final = 8.0
WEIGHT: Final = 0.2
# Of the landmarks' shares: as many as lose nothing (64 lose next to nothing).
MOST_AXES: Final = 128

_CHUNK = 1024


@dataclass(frozen=True, slots=True)
class Landmarks:
    """What known needs mean, (k, d) float32 unit rows, and the axes of their shares, (k, m)."""

    needs: Rows
    axes: Rows

    def beside(self, meant: Rows) -> Rows:
        """What n texts mean, (n, d) unit rows, and how they stand: float32 unit rows (n, d + m).

        Equal rows give equal rows, bit for bit, whatever the others are and in any order.
        """
        distinct, place = np.unique(meant, axis=0, return_inverse=True)
        found = np.empty((len(distinct), meant.shape[1] + self.axes.shape[1]), dtype=np.float32)
        width = meant.shape[1]
        found[:, :width] = distinct
        for start in range(0, len(distinct), _CHUNK):
            part = slice(start, start + _CHUNK)
            stands = _shares(distinct[part], self.needs) @ self.axes
            found[part, width:] = np.float32(WEIGHT**0.5) * stands
        found /= np.maximum(np.linalg.norm(found, axis=1, keepdims=True), np.float32(1e-9))
        return found[place.reshape(-1)]

    def tensors(self) -> dict[str, NDArray[np.float16]]:
        """Both tables as they are kept in a file."""
        return {"needs": self.needs.astype(np.float16), "axes": self.axes.astype(np.float16)}


def landmarks_of(needs: Rows) -> Landmarks:
    """The landmarks that these needs make, (k >= 1, d) unit rows of what they mean."""
    _, _, axes = np.linalg.svd(_shares(needs, needs), full_matrices=False)
    return Landmarks(needs, np.ascontiguousarray(axes[:MOST_AXES].T))


def load_landmarks(encoder: str, path: Path = LANDMARKS) -> Landmarks | None:
    """The landmarks in this file if they are for the encoder of this fingerprint, else None."""
    from safetensors import safe_open

    with safe_open(path, framework="numpy") as file:
        about: Mapping[str, str] = file.metadata() or {}
        if about.get(ENCODER) != encoder:
            return None
        needs, axes = (file.get_tensor(name).astype(np.float32) for name in ("needs", "axes"))
    return Landmarks(needs, axes)


def _shares(meant: Rows, needs: Rows) -> Rows:
    """How much each need has of each row: float32 (n, k), rows of length one."""
    near = np.float32(SHARPNESS) * (meant @ needs.T)
    shares = np.exp(near - near.max(axis=1, keepdims=True))
    return np.asarray(shares / np.linalg.norm(shares, axis=1, keepdims=True), dtype=np.float32)
