"""How alike rows are against the background of all, and rows drawn towards their neighbours."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clustering.params import ClusteringParams

Rows = NDArray[np.float32]

# A handful of rows says little about the background: up to about this many, a fixed one has
# a say as well, as does the plain cosine rather than the centred one.
_FEW = 30.0
_FEW_MEAN, _FEW_DEVIATION = 0.15, 0.12

# Between the 0.05 and 0.25 quantiles of a normal curve, in standard deviations.
_QUANTILE_GAP = 1.645 - 0.674
_LEAST_DEVIATION = 0.02

# Up to this many rows, none is drawn anywhere.
_FEWEST = 50

_SAMPLE = 1500
_CHUNK = 1024


@dataclass(frozen=True, slots=True)
class Background:
    """Mean and standard deviation of the similarity of two different rows."""

    mean: float
    deviation: float

    def line(self, deviations: float) -> float:
        """The similarity that lies so many standard deviations above the mean."""
        return self.mean + deviations * self.deviation


def weight_of_evidence(count: int) -> float:
    """0..1: how far `count` rows may speak for themselves; 0.03 at 5, 0.5 at 30, 0.98 at 200."""
    return count**2 / (count**2 + _FEW**2)


def centred(rows: Rows, params: ClusteringParams) -> Rows:
    """Unit rows (n, d) with their common direction taken out, again of length one.

    Collections above `params.max_exact_rows` are narrowed to `max_fit_dimensions` principal
    components here, so that the search for neighbours stays a matter of minutes.
    """
    middle = rows - np.float32(weight_of_evidence(len(rows))) * rows.mean(axis=0)
    if len(rows) > params.max_exact_rows and rows.shape[1] > params.max_fit_dimensions:
        _, directions = np.linalg.eigh((middle.T @ middle).astype(np.float64))
        middle = (middle @ directions[:, ::-1][:, : params.max_fit_dimensions]).astype(np.float32)
    return _unit(middle)


def background_of(rows: Rows) -> Background:
    """The background of unit rows (n, d) in canonical order, from at most 1,500 of them.

    Few large themes give the similarities a second hump, and their standard deviation then
    says nothing of unrelated pairs: it is held to twice what the lower quantiles, 0.05 and
    0.25, would make of a normal curve.
    """
    sample = rows[:: -(-len(rows) // _SAMPLE)] if len(rows) > _SAMPLE else rows
    own = weight_of_evidence(len(rows))
    pairs = (sample @ sample.T)[np.triu_indices(len(sample), 1)].astype(np.float64)
    if not len(pairs):
        return Background(_FEW_MEAN, _FEW_DEVIATION)
    low, middle = (float(value) for value in np.quantile(pairs, [0.05, 0.25]))
    lower_half = max((middle - low) / _QUANTILE_GAP, _LEAST_DEVIATION)
    deviation = min(float(pairs.std()), 2.0 * lower_half)
    return Background(
        own * float(pairs.mean()) + (1 - own) * _FEW_MEAN,
        own * deviation + (1 - own) * _FEW_DEVIATION,
    )


def diffused(rows: Rows, background: Background, params: ClusteringParams) -> Rows:
    """Rows drawn along the graph of neighbours that stand out from the background, unit length.

    Each step of a lazy walk puts a row halfway to what its `params.neighbours` nearest, and
    those it is among the nearest of, hold on average, each weighted by how far it lies above
    the line (Coifman and Lafon 2006; the graph stays that of the rows as they came). A row
    with none above it keeps its direction. A larger collection has more rows about each theme
    and so a longer way from one end of it to the other: the steps grow with its logarithm.
    """
    from scipy.sparse import coo_matrix, diags

    steps = round(params.diffusion_steps * math.log2(max(len(rows), _FEWEST) / _FEWEST))
    if not steps:
        return rows
    index, similarity = nearest(rows, params.neighbours)
    weights = np.clip(similarity - background.line(params.neighbour_deviations), 0.0, None)
    start = np.repeat(np.arange(len(rows)), index.shape[1])
    walk = coo_matrix((weights.ravel(), (start, index.ravel())), shape=(len(rows), len(rows)))
    walk = (walk + walk.T).tocsr().astype(np.float32)
    degree = np.maximum(np.asarray(walk.sum(axis=1)).ravel(), 1e-9)
    evened = diags((1.0 / np.sqrt(degree)).astype(np.float32))
    walk = (evened @ walk @ evened).tocsr()
    for _ in range(steps):
        rows = np.float32(0.5) * (rows + walk @ rows)
    return _unit(rows)


def nearest(rows: Rows, count: int) -> tuple[NDArray[np.int64], Rows]:
    """Each row's `count` nearest others, best first: indices and cosines, both (n, count)."""
    count = min(count, len(rows) - 1)
    index = np.empty((len(rows), count), dtype=np.int64)
    similarity = np.empty((len(rows), count), dtype=np.float32)
    for start in range(0, len(rows), _CHUNK):
        part = rows[start : start + _CHUNK] @ rows.T
        here = np.arange(len(part))
        part[here, start + here] = -np.inf
        best = np.argpartition(-part, count - 1, axis=1)[:, :count]
        near = np.take_along_axis(part, best, axis=1)
        order = np.argsort(-near, axis=1, kind="stable")
        index[start : start + _CHUNK] = np.take_along_axis(best, order, axis=1)
        similarity[start : start + _CHUNK] = np.take_along_axis(near, order, axis=1)
    return index, similarity


def neighbour_distances(rows: Rows, count: int) -> Any:
    """Euclidean distances of each unit row to its `count` nearest, as a sparse (n, n) matrix.

    Symmetric and connected: parts that no neighbour links are chained at the longest distance
    of all, so that the chain stays the last to join. Equal rows are 1e-6 apart, for 0 would
    mean 'no edge'.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    index, similarity = nearest(rows, count)
    near = np.sqrt(np.maximum(2.0 - 2.0 * similarity.astype(np.float64), 1e-12)).ravel()
    start = np.repeat(np.arange(len(rows)), index.shape[1])
    end = index.ravel()
    graph = coo_matrix((near, (start, end)), shape=(len(rows), len(rows))).tocsr()
    graph = graph.maximum(graph.T)
    _, part = connected_components(graph, directed=False)
    heads = np.sort(np.unique(part, return_index=True)[1])
    links = coo_matrix(
        (np.full(len(heads) - 1, near.max()), (heads[:-1], heads[1:])), shape=graph.shape
    )
    return graph.maximum(links.tocsr()).maximum(links.tocsr().T).tocsr()


def _unit(rows: Rows) -> Rows:
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(norms, 1e-9), dtype=np.float32)
