"""Fragments of one theme -> the theme: how many clusters there are is left to the rows.

HDBSCAN follows density down to its crumbs, and a large theme falls into several. So its
clusters are joined as Ward (1963) would, the cheapest pair first, and of all the steps on the
way the one is kept whose clusters are told apart best: by the mean silhouette (Rousseeuw
1987), taken from the means of clusters as Hruschka et al. (2004) do. No line has to be set,
which would hold for one encoder, one size and one kind of text only.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float32]
Labels = NDArray[np.int64]
Joins = list[tuple[int, int]]

_CUTS = 100
_SAMPLE = 10_000
_CHUNK = 512


def gathered(rows: Rows, labels: Labels, most: int) -> Labels:
    """Join the clusters of unit rows (n, d) to as many as are told apart best, at least two.

    Labels are 0.., negative ones wait and stay as they are. Beyond the `most` largest
    clusters, the small ones are left alone, for all pairs have to be held in memory.
    """
    count = int(labels.max(initial=-1)) + 1
    if count < 3:
        return labels
    sizes = np.bincount(labels[labels >= 0], minlength=count).astype(np.float64)
    sums = np.zeros((count, rows.shape[1]))
    np.add.at(sums, labels[labels >= 0], rows[labels >= 0])
    chosen = np.sort(np.argsort(-sizes, kind="stable")[:most])
    joins = ward_joins(sums[chosen] / sizes[chosen, None], sizes[chosen])
    place = np.full(count, -1, dtype=np.int64)
    place[chosen] = np.arange(len(chosen))
    own = np.where(labels >= 0, place[labels], -1)
    members = np.flatnonzero(own >= 0)
    members = members[:: -(-len(members) // _SAMPLE)]
    keep = _best_cut(rows[members], own[members], sums[chosen], sizes[chosen], joins)
    answer = np.arange(count)
    answer[chosen] = chosen[_after(joins, keep, len(chosen))]
    _, answer = np.unique(answer, return_inverse=True)
    return np.where(labels >= 0, answer[labels], labels).astype(np.int64)


def ward_joins(means: NDArray[np.float64], sizes: NDArray[np.float64]) -> Joins:
    """The order in which groups are joined, down to one, each pair as (what stays, what goes).

    `means` (groups, d) and `sizes` (groups,): a join costs what it adds to the sum of squared
    distances from the means; costs of what is joined follow by the rule of Lance and Williams.
    """
    norms = (means**2).sum(axis=1)
    weight = sizes[:, None] * sizes / (sizes[:, None] + sizes)
    cost = weight * np.maximum(norms[:, None] + norms - 2.0 * means @ means.T, 0.0)
    np.fill_diagonal(cost, np.inf)
    size = sizes.copy()
    nearest = cost.argmin(axis=1)
    least = cost[np.arange(len(cost)), nearest]
    joins: Joins = []
    for _ in range(len(cost) - 1):
        one = int(least.argmin())
        other = int(nearest[one])
        stays, goes = min(one, other), max(one, other)
        fresh = (size[stays] + size) * cost[stays] + (size[goes] + size) * cost[goes]
        fresh = (fresh - size * cost[stays, goes]) / (size[stays] + size[goes] + size)
        fresh[[stays, goes]] = np.inf
        cost[stays] = cost[:, stays] = fresh
        cost[goes] = cost[:, goes] = np.inf
        size[stays] += size[goes]
        joins.append((stays, goes))
        lost = np.flatnonzero(np.isin(nearest, (stays, goes)) & np.isfinite(least))
        closer = fresh < least
        nearest[closer], least[closer] = stays, fresh[closer]
        least[goes] = np.inf
        for row in {stays, *lost.tolist()} - {goes}:
            nearest[row] = cost[row].argmin()
            least[row] = cost[row, nearest[row]]
    return joins


def _best_cut(
    rows: Rows,
    own: Labels,
    sums: NDArray[np.float64],
    sizes: NDArray[np.float64],
    joins: Joins,
) -> int:
    """How many of the joins to do, so that the mean silhouette of the rows is greatest."""
    count = len(sizes)
    steps = np.unique(np.geomspace(2, count, _CUTS).round().astype(np.int64))
    order = _leaves(joins, count)
    place = np.empty(count, dtype=np.int64)
    place[order] = np.arange(count)
    cuts = [_after(joins, count - step, count)[order] for step in steps.tolist()]
    starts = [np.flatnonzero(np.r_[True, np.diff(cut) != 0]) for cut in cuts]
    total = np.zeros(len(cuts))
    for begin in range(0, len(rows), _CHUNK):
        part = slice(begin, begin + _CHUNK)
        near = rows[part].astype(np.float64) @ sums[order].T
        here = np.arange(len(near))
        for number, start in enumerate(starts):
            width = np.add.reduceat(sizes[order], start)
            mine = np.searchsorted(start, place[own[part]], side="right") - 1
            likeness = np.add.reduceat(near, start, axis=1)
            inside = 1.0 - (likeness[here, mine] - 1.0) / np.maximum(width[mine] - 1.0, 1.0)
            likeness /= width
            likeness[here, mine] = -np.inf
            outside = 1.0 - likeness.max(axis=1)
            span = np.maximum(np.maximum(inside, outside), 1e-12)
            total[number] += ((outside - inside) / span).sum()
    # Of equal silhouettes the one with more clusters: what is apart for no reason can be joined.
    best = len(total) - 1 - int(total[::-1].argmax())
    return count - int(steps[best])


def _after(joins: Joins, done: int, count: int) -> Labels:
    """For each of `count` groups, the group it is part of after so many joins."""
    part = np.arange(count)
    for stays, goes in reversed(joins[:done]):
        part[goes] = stays
    for group in range(count):
        while part[group] != part[part[group]]:
            part[group] = part[part[group]]
    return part


def _leaves(joins: Joins, count: int) -> Labels:
    """The groups in an order in which every cut of the tree is a cut of a row."""
    parts = {group: [group] for group in range(count)}
    for stays, goes in joins:
        parts[stays] += parts.pop(goes)
    return np.array(parts[joins[-1][0]], dtype=np.int64)
