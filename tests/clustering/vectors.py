"""Seeded rows on the unit sphere, in tight groups, for tests that need no encoder."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float32]


def unit(rows: NDArray[np.floating]) -> Rows:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def groups(sizes: Sequence[int], *, seed: int = 0, width: int = 48, spread: float = 0.05) -> Rows:
    """Rows in groups of these sizes, group by group, about directions drawn at random."""
    chance = np.random.default_rng(seed)
    centres = unit(chance.normal(size=(len(sizes), width)))
    rows = np.repeat(centres, sizes, axis=0)
    return unit(rows + spread * chance.normal(size=rows.shape))


def numbers(sizes: Sequence[int]) -> list[int]:
    """The group of each row of `groups(sizes)`."""
    return [group for group, size in enumerate(sizes) for _ in range(size)]
