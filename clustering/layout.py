"""Where each request stands on the map: themes as islands, like near like, in the plane.

Themes are placed by their centroids, and requests within their theme's island, both by a few
steps of metric multidimensional scaling (de Leeuw's majorisation, SMACOF, 1977) from a start
that follows the rows smoothly. Nothing is drawn by chance: the same rows give the same picture
in any order, and a few more of them move it little. t-SNE and UMAP show neighbours somewhat
better, but move as a whole when rows come in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float32]
Matrix = NDArray[np.float64]
Labels = NDArray[np.int64]

# Of more islands, or requests on one, than this, so many are scaled and the rest stand by the
# nearest of those.
_MOST_ISLANDS = 1_000
_MOST = 250
# More steps fit the distances no better, and let rows change places.
_STEPS = 8
_PUSHES = 150
_NEAREST = 5
# The share of the picture that islands cover, and the gap between them in parts of a radius.
_COVER = 0.3
_GAP = 1.12
_TINY = 1e-9


@dataclass(frozen=True, slots=True)
class Layout:
    """A picture within the unit square.

    Attributes:
        positions: (n, 2) float32, in the order of the rows given.
        centres: (groups, 2) float32, the middle of each group's island.
        radii: (groups,) float32, of the islands; 0 for a group without rows.
    """

    positions: NDArray[np.float32]
    centres: NDArray[np.float32]
    radii: NDArray[np.float32]


def laid_out(rows: Rows, groups: Labels, keys: Sequence[str], *, seed: int = 0) -> Layout:
    """Place unit rows (n, d) float32 of groups 0.. (n,) int64; negative ones are on none.

    `keys` (n distinct texts) name the rows, so that their order says nothing. `seed` turns
    the picture and changes nothing else. Up to some 500 groups and 20,000 rows of 384
    dimensions take seconds.
    """
    order = np.argsort(np.asarray(keys, dtype=str), kind="stable")
    own, given = groups[order], rows[order].astype(np.float64)
    count = int(groups.max(initial=-1)) + 1
    sizes = np.bincount(own[own >= 0], minlength=count).astype(np.float64)
    middles = _centroids(given, own, sizes)
    there = np.flatnonzero(sizes)
    ranks = _ranks([keys[place] for place in order])
    # A theme of many requests says more of where the axes lie than one of a few.
    weighing = middles[there] * np.sqrt(sizes[there])[:, None]
    axes = _axes(weighing if len(there) > 2 else given, seed)
    centres, radii = np.zeros((count, 2)), np.zeros(count)
    radii[there] = np.sqrt(_COVER / np.pi * sizes[there] / max(len(given), 1))
    centres[there] = _islands(middles[there], radii[there], axes)
    placed = np.zeros((len(given), 2))
    for group in there:
        members = np.flatnonzero(own == group)
        inside = _scaled(given[members], axes, ranks[members])
        placed[members] = centres[group] + _in_disc(inside) * radii[group]
    alone = np.flatnonzero(own < 0)
    placed[alone] = _between(given[alone], middles[there], centres[there], axes)
    placed += _jitter(ranks, len(given))
    return _in_square(placed, centres, radii, np.argsort(order, kind="stable"))


def _centroids(rows: Matrix, own: Labels, sizes: Matrix) -> Matrix:
    sums = np.zeros((len(sizes), rows.shape[1]))
    np.add.at(sums, own[own >= 0], rows[own >= 0])
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    return np.asarray(sums / np.maximum(lengths, _TINY), dtype=np.float64)


def _ranks(keys: Sequence[str]) -> NDArray[np.uint64]:
    """A number for each key, as if by chance and always the same."""
    digests = b"".join(blake2b(key.encode(), digest_size=8).digest() for key in keys)
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)


def _axes(rows: Matrix, seed: int) -> Matrix:
    """Two directions (d, 2) along which the rows differ, as one fixed pair is drawn to them.

    The exact principal axes change signs, or places, with one more row where their lengths are
    close, as those of requests are. One step towards them from a fixed pair can't: it follows
    the rows smoothly (Procrustes keeps the pair's order and sides).
    """
    fixed = np.random.default_rng(seed).standard_normal((rows.shape[1], 2))
    centred = rows - rows.mean(axis=0) if len(rows) >= 3 else np.eye(rows.shape[1])
    left, _, right = np.linalg.svd(centred.T @ (centred @ fixed), full_matrices=False)
    return np.asarray(left @ right, dtype=np.float64)


def _islands(middles: Matrix, radii: Matrix, axes: Matrix) -> Matrix:
    """The middles of the islands: by likeness, then apart until none lies on another."""
    names = _ranks([str(place) for place in range(len(middles))])
    spread = _scaled(middles, axes, names, _MOST_ISLANDS)
    if len(middles) < 2:
        return spread
    centres = spread / max(float(np.abs(spread).max()), _TINY) * 0.5
    need = (radii[:, None] + radii) * _GAP
    for _ in range(_PUSHES):
        far = _distances(centres) + _TINY
        short = np.maximum(need - far, 0.0)
        np.fill_diagonal(short, 0.0)
        if short.max() < 1e-4:
            break
        # Each of a pair steps back by a part of what the two lie over each other; of one that
        # many lie over, less for each, or it would be thrown out of the picture.
        crowd = np.maximum((short > 0).sum(axis=1), 1) ** 0.5
        push = short * 0.4 / far / crowd[:, None]
        centres = centres + push.sum(axis=1)[:, None] * centres - push @ centres
    return centres


def _scaled(rows: Matrix, axes: Matrix, ranks: NDArray[np.uint64], most: int = _MOST) -> Matrix:
    """Rows in the plane with their distances as well kept as can be."""
    start = (rows - rows.mean(axis=0)) @ axes if len(rows) else np.zeros((0, 2))
    if len(rows) < 3:
        return start
    if len(rows) <= most:
        return _majorised(rows, start)
    # Those of the smallest ranks: a row that comes in seldom takes another's place.
    marks = np.sort(np.argsort(ranks, kind="stable")[:most])
    placed = _majorised(rows[marks], start[marks])
    return _by_nearest(rows, rows[marks], placed)


def _majorised(rows: Matrix, start: Matrix) -> Matrix:
    """SMACOF on the distances between rows, those of like rows counting most."""
    wanted = np.sqrt(np.maximum(2.0 - 2.0 * rows @ rows.T, 0.0))
    weights = 1.0 / np.maximum(wanted, 0.1) ** 2
    np.fill_diagonal(weights, 0.0)
    laplacian = np.diag(weights.sum(axis=1)) - weights
    inverse = np.linalg.inv(laplacian + 1.0 / len(rows)) - 1.0 / len(rows)
    pull = weights * wanted
    placed = start * (wanted.mean() / max(float(_distances(start).mean()), _TINY))
    for _ in range(_STEPS):
        ratio = pull / np.maximum(_distances(placed), _TINY)
        np.fill_diagonal(ratio, 0.0)
        placed = inverse @ (ratio.sum(axis=1)[:, None] * placed - ratio @ placed)
    return np.asarray(placed, dtype=np.float64)


def _distances(placed: Matrix) -> Matrix:
    across = placed[:, :1] - placed[:, 0]
    along = placed[:, 1:] - placed[:, 1]
    return np.asarray(np.sqrt(across * across + along * along), dtype=np.float64)


def _by_nearest(rows: Matrix, marks: Matrix, placed: Matrix) -> Matrix:
    """Each row among its nearest marks, nearer to the more alike; a mark where it stands."""
    found = np.empty((len(rows), 2))
    for first in range(0, len(rows), 2_000):
        chunk = slice(first, first + 2_000)
        far = np.sqrt(np.maximum(2.0 - 2.0 * rows[chunk] @ marks.T, 0.0))
        few = min(_NEAREST, len(marks))
        near = np.argpartition(far, few - 1, axis=1)[:, :few]
        weights = 1.0 / np.maximum(np.take_along_axis(far, near, axis=1), 1e-3) ** 4
        weights /= weights.sum(axis=1, keepdims=True)
        found[chunk] = (placed[near] * weights[:, :, None]).sum(axis=1)
    return found


def _in_disc(placed: Matrix) -> Matrix:
    """Centred, and within the unit disc: most of them evenly, the outermost drawn in."""
    centred = placed - placed.mean(axis=0)
    far = np.linalg.norm(centred, axis=1)
    usual = float(np.sqrt((far**2).mean())) * np.sqrt(2.0)
    if usual < _TINY:
        return np.zeros_like(centred)
    scaled = far / usual
    return np.asarray(
        centred * (np.tanh(scaled) / np.maximum(scaled, _TINY) / usual)[:, None], dtype=np.float64
    )


def _between(rows: Matrix, middles: Matrix, centres: Matrix, axes: Matrix) -> Matrix:
    """Rows of no group, among the islands that they are most like."""
    if not len(rows):
        return np.zeros((0, 2))
    if len(middles) < 3:
        return _in_disc(_scaled(rows, axes, _ranks([str(n) for n in range(len(rows))]))) * 0.5
    return _by_nearest(rows, middles, centres)


def _jitter(ranks: NDArray[np.uint64], count: int) -> Matrix:
    """A step aside, so that copies of one text can be told apart."""
    turn = (ranks % np.uint64(3600)).astype(np.float64) * (np.pi / 1800)
    far = ((ranks // np.uint64(3600)) % np.uint64(1000)).astype(np.float64) / 1000
    step = 0.25 * np.sqrt(_COVER / np.pi / max(count, 1)) * np.sqrt(far)
    return np.stack([np.cos(turn) * step, np.sin(turn) * step], axis=1)


def _in_square(placed: Matrix, centres: Matrix, radii: Matrix, back: NDArray[np.intp]) -> Layout:
    there = radii > 0
    low, high = np.zeros(2), np.ones(2)
    edges = [placed, centres[there] - radii[there, None], centres[there] + radii[there, None]]
    whole = np.concatenate(edges)
    if len(whole):
        low, high = whole.min(axis=0), whole.max(axis=0)
    size = max(float((high - low).max()), _TINY)
    shift = 0.5 - (low + high) / 2 / size
    return Layout(
        (placed / size + shift)[back].astype(np.float32),
        (centres / size + shift).astype(np.float32),
        (radii / size).astype(np.float32),
    )
