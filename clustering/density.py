"""HDBSCAN -> labels and strengths: from 5 to 100,000 rows, the same for rows in any order.

HDBSCAN on raw sentence vectors fails twice: large collections chain together or fall to
noise, and themes of two or three drown in either. So the rows are first drawn towards their
near neighbours (which empties the valleys between themes), HDBSCAN (McInnes, Healy, Astels
2017) finds the groups, waiting rows as near to one as its own members are join it, groups
that don't hold together against the background of all similarities are split, and the
fragments of one theme are gathered.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustering.gathering import gathered
from clustering.neighbours import (
    Background,
    background_of,
    centred,
    diffused,
    neighbour_distances,
)
from clustering.params import DEFAULT_PARAMS, ClusteringParams

Rows = NDArray[np.float32]
Labels = NDArray[np.int64]

WAITING = -1

_CHUNK = 2048


@dataclass(frozen=True, slots=True)
class Clusters:
    """A clustering of n rows.

    Attributes:
        labels: int64 (n,), 0.. by each cluster's first row in canonical order; -1 waits.
        strengths: float32 (n,), 0..1, how near a row is to its cluster's mean, the mean
            similarity of all rows being 0; 0 where it waits.
    """

    labels: Labels
    strengths: Rows


def cluster(vectors: Rows, params: ClusteringParams = DEFAULT_PARAMS) -> Clusters:
    """Cluster float32 unit rows (n, d). Equal rows share a label; below `min_requests`, none.

    Rows are sorted by their values first, so their order can't matter, and equal rows are
    fitted once: they're a cluster by themselves where nothing else is near.
    """
    if len(vectors) < params.min_requests:
        return Clusters(_all_waiting(len(vectors)), np.zeros(len(vectors), np.float32))
    distinct, place, count = np.unique(vectors, axis=0, return_inverse=True, return_counts=True)
    place = place.reshape(-1)
    rows = centred(distinct, params)
    background = background_of(rows)
    labels = _fit(rows, background, params)
    repeated = np.flatnonzero((labels == WAITING) & (count >= params.min_cluster_size))
    labels[repeated] = labels.max(initial=WAITING) + 1 + np.arange(len(repeated))
    labels = _numbered(labels)
    return Clusters(labels[place], _strengths(rows, labels, background)[place])


def _fit(rows: Rows, background: Background, params: ClusteringParams) -> Labels:
    """Labels of distinct centred rows (n, d)."""
    if len(rows) < 3:
        return _all_waiting(len(rows))
    drawn = diffused(rows, background, params)
    least = max(params.min_cluster_size, round(float(np.sqrt(len(rows))) / params.size_divisor))
    labels = _hdbscan(drawn, least, params, "eom")
    if _has_loose_giant(rows, labels, background.line(params.split_deviations)):
        labels = _hdbscan(drawn, least, params, "leaf")
    labels = _adopted(drawn, labels, params.adopt_quantile)
    left = np.flatnonzero(labels == WAITING)
    if least > params.min_cluster_size and len(left) >= params.min_requests:
        small = _hdbscan(drawn[left], params.min_cluster_size, params, "leaf")
        labels[left] = np.where(small >= 0, small + labels.max(initial=WAITING) + 1, WAITING)
    labels = _split(rows, labels, background.line(params.split_deviations), params)
    labels = gathered(drawn, labels, params.max_split_rows)
    return _merged(rows, labels, background.line(params.merge_deviations), params)


def _hdbscan(rows: Rows, least: int, params: ClusteringParams, method: str) -> Labels:
    """HDBSCAN of unit rows (n, d): exact, or on the graph of neighbours where rows are many."""
    from hdbscan import HDBSCAN

    if len(rows) <= least:
        return _all_waiting(len(rows))
    many = len(rows) > params.max_exact_rows
    model = HDBSCAN(
        min_cluster_size=least,
        min_samples=min(params.min_samples, len(rows) - 1),
        cluster_selection_method=method,
        metric="precomputed" if many else "euclidean",
        core_dist_n_jobs=1,
    )
    if many:
        table = neighbour_distances(rows, params.graph_neighbours)
    else:
        table = _principal(rows, params.max_dimensions).astype(np.float64)
    return np.asarray(model.fit_predict(table), dtype=np.int64)


def _has_loose_giant(rows: Rows, labels: Labels, line: float) -> bool:
    """Whether one cluster has most rows though they're no more alike than unrelated ones.

    Excess of mass falls for 'all but a few outliers' where the outliers are far enough away.
    """
    sizes = np.bincount(labels[labels >= 0], minlength=1)
    size = int(sizes.max())
    if 2 * size <= len(rows) or size < 2:
        return False
    total = rows[labels == sizes.argmax()].sum(axis=0, dtype=np.float64)
    return bool((total @ total - size) / (size * (size - 1)) < line)


def _adopted(rows: Rows, labels: Labels, quantile: float) -> Labels:
    """Waiting rows join the nearest cluster when as near as its own farthest members."""
    clusters, own = np.unique(labels[labels >= 0], return_inverse=True)
    if not len(clusters):
        return labels
    means = _means(rows[labels >= 0], own, len(clusters))
    inside = (rows[labels >= 0] * means[own]).sum(axis=1)
    lines = np.array([np.quantile(part, quantile) for part in _parts(inside, own)])
    joined = labels.copy()
    waiting = np.flatnonzero(labels == WAITING)
    for start in range(0, len(waiting), _CHUNK):
        chosen = waiting[start : start + _CHUNK]
        similarity = rows[chosen] @ means.T
        best = similarity.argmax(axis=1)
        near = similarity[np.arange(len(chosen)), best] >= lines[best]
        joined[chosen[near]] = clusters[best[near]]
    return joined


def _split(rows: Rows, labels: Labels, line: float, params: ClusteringParams) -> Labels:
    """Cut each cluster by average linkage where its parts are less alike than the line.

    Clusters above `max_split_rows` are left as they are: their linkage would take too much
    memory, and only very large collections have them.
    """
    from scipy.cluster.hierarchy import fcluster, linkage

    answer = _all_waiting(len(labels))
    fresh = 0
    order = np.argsort(labels, kind="stable")
    order = order[labels[order] >= 0]
    bounds = np.flatnonzero(np.diff(labels[order])) + 1
    for members in np.split(order, bounds):
        parts = np.zeros(len(members), dtype=np.int64)
        if 1 < len(members) <= params.max_split_rows:
            upper = np.triu_indices(len(members), 1)
            distances = 1.0 - (rows[members] @ rows[members].T)[upper]
            tree = linkage(np.clip(distances, 0.0, 2.0).astype(np.float64), "average")
            parts = fcluster(tree, max(1.0 - line, 0.0), "distance").astype(np.int64) - 1
        sizes = np.bincount(parts)
        for part in np.flatnonzero(sizes >= params.min_cluster_size):
            answer[members[parts == part]] = fresh
            fresh += 1
    return answer


def _merged(rows: Rows, labels: Labels, line: float, params: ClusteringParams) -> Labels:
    """Join clusters whose rows are alike on average, as the parts of an only theme are.

    HDBSCAN never answers 'all of this is one'. Above `max_split_rows` clusters, none is joined.
    """
    from scipy.cluster.hierarchy import fcluster, linkage

    count = int(labels.max(initial=WAITING)) + 1
    if not 1 < count <= params.max_split_rows:
        return labels
    sums = np.zeros((count, rows.shape[1]))
    np.add.at(sums, labels[labels >= 0], rows[labels >= 0])
    means = sums / np.bincount(labels[labels >= 0])[:, None]
    distances = 1.0 - (means @ means.T)[np.triu_indices(count, 1)]
    tree = linkage(np.clip(distances, 0.0, 2.0), "average")
    joined = fcluster(tree, max(1.0 - line, 0.0), "distance").astype(np.int64) - 1
    return np.where(labels >= 0, joined[labels], WAITING)


def _strengths(rows: Rows, labels: Labels, background: Background) -> Rows:
    strengths = np.zeros(len(rows), dtype=np.float32)
    inside = labels >= 0
    if inside.any():
        means = _means(rows[inside], labels[inside], int(labels.max()) + 1)
        near = (rows[inside] * means[labels[inside]]).sum(axis=1)
        scale = max(1.0 - background.mean, 1e-6)
        strengths[inside] = np.clip((near - background.mean) / scale, 0.0, 1.0)
    return strengths


def _means(rows: Rows, own: Labels, count: int) -> Rows:
    """Unit mean row of each cluster 0..count-1."""
    sums = np.zeros((count, rows.shape[1]), dtype=np.float64)
    np.add.at(sums, own, rows)
    norms = np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-12)
    return np.asarray(sums / norms, dtype=np.float32)


def _parts(values: Rows, own: Labels) -> list[Rows]:
    order = np.argsort(own, kind="stable")
    return np.split(values[order], np.flatnonzero(np.diff(own[order])) + 1)


def _principal(rows: Rows, dimensions: int) -> Rows:
    """The leading principal components; few rows are quick, and exact, in full width."""
    if rows.shape[1] <= dimensions or len(rows) <= 10 * dimensions:
        return rows
    middle = rows - rows.mean(axis=0)
    _, directions = np.linalg.eigh((middle.T @ middle).astype(np.float64))
    return np.asarray(middle @ directions[:, ::-1][:, :dimensions], dtype=np.float32)


def _numbered(labels: Labels) -> Labels:
    """Number the clusters by their first row."""
    found, first, own = np.unique(labels, return_index=True, return_inverse=True)
    order = np.argsort(np.where(found >= 0, first, -1), kind="stable")
    number = np.empty(len(found), dtype=np.int64)
    number[order] = np.arange(len(found))
    if len(found) and found[0] == WAITING:
        number -= 1
    return np.asarray(number[own.reshape(-1)], dtype=np.int64)


def _all_waiting(count: int) -> Labels:
    return np.full(count, WAITING, dtype=np.int64)
