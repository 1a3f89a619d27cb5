"""The peers: what stock clusterers make of the same texts and rows, at their usual settings.

They are installed by an extra, `pip install groundswell[peers]`, and serve comparison only:
nothing that runs in the service comes here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.errors import Unavailable

Rows = NDArray[np.float32]
Labels = NDArray[np.int64]

Peer = Callable[[Sequence[str], Rows], Labels]
"""(texts, float32 unit rows (n, d)) -> int64 (n,), -1 for what belongs nowhere."""

_FEWEST: Final = 20
_SEED: Final = 0


def hdbscan_alone(texts: Sequence[str], rows: Rows) -> Labels:
    """HDBSCAN of the rows as they are, library defaults."""
    from hdbscan import HDBSCAN

    return _labels(HDBSCAN(core_dist_n_jobs=1).fit_predict(rows.astype(np.float64)))


def agglomerative(texts: Sequence[str], rows: Rows) -> Labels:
    """Average linkage, cut at a cosine distance of 0.5; its library's default is two clusters."""
    from sklearn.cluster import AgglomerativeClustering

    model = AgglomerativeClustering(
        n_clusters=None, metric="cosine", linkage="average", distance_threshold=0.5
    )
    found = _labels(model.fit_predict(rows))
    found[np.bincount(found)[found] == 1] = -1
    return found


def bertopic(texts: Sequence[str], rows: Rows) -> Labels:
    """BERTopic (UMAP, HDBSCAN) at its defaults, seeded so that it can be run again."""
    return _bertopic(texts, rows)[1]


def bertopic_reduced(texts: Sequence[str], rows: Rows) -> Labels:
    """BERTopic at its defaults, its outliers then given to the nearest topic by their rows."""
    model, found = _bertopic(texts, rows)
    if found.max(initial=-1) < 0 or found.min() >= 0:
        return found
    topics = [int(label) for label in found]
    return _labels(
        model.reduce_outliers(list(texts), topics, strategy="embeddings", embeddings=rows)
    )


def evoc(texts: Sequence[str], rows: Rows) -> Labels:
    """EVoC at its defaults, seeded so that it can be run again."""
    library = _of_the_extra("evoc")
    return _labels(library.EVoC(random_state=_SEED).fit_predict(rows))


PEERS: Final[Mapping[str, Peer]] = MappingProxyType(
    {
        "HDBSCAN": hdbscan_alone,
        "agglomerative": agglomerative,
        "BERTopic": bertopic,
        "BERTopic, outliers reduced": bertopic_reduced,
        "EVoC": evoc,
    }
)


def check_installed() -> None:
    """Refuse at once rather than after minutes of work.

    Raises:
        Unavailable: `peers_missing`, where the extra is not installed.
    """
    for name in ("umap", "bertopic", "evoc"):
        _of_the_extra(name)


def _bertopic(texts: Sequence[str], rows: Rows) -> tuple[Any, Labels]:
    """The fitted model and its labels; too few texts for UMAP's neighbours are all outliers."""
    library, umap = _of_the_extra("bertopic"), _of_the_extra("umap")
    if len(texts) < _FEWEST:
        return None, np.full(len(texts), -1, dtype=np.int64)
    reducer = umap.UMAP(
        n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=_SEED, n_jobs=1
    )
    model = library.BERTopic(umap_model=reducer, verbose=False)
    topics, _ = model.fit_transform(list(texts), rows)
    return model, _labels(topics)


def _labels(found: Any) -> Labels:
    return np.array(found, dtype=np.int64)


def _of_the_extra(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError as missing:
        raise Unavailable(
            f"The peers need {name}, which is not installed. "
            "Install them: pip install 'groundswell[peers]'.",
            code="peers_missing",
        ) from missing
