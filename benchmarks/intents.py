"""How well `cluster-file` finds the intents of a labelled set, with plain HDBSCAN beside it.

Usage: python -m benchmarks.intents FILE.jsonl [FILE.jsonl ...]

Each line of a file is {"id", "text", "label"}. Both readings use the bundled encoder's rows,
default settings and the whole file. NMI (arithmetic mean) and ARI count each waiting text as
a cluster of its own; accuracy is by the best one-to-one mapping of clusters to labels, all
waiting texts being one cluster.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from clustering.cluster_file import cluster_texts
from clustering.encoder import TransformerEncoder, load_encoder

Labels = NDArray[np.int64]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print one line of figures per file and method."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE.jsonl")
    files = parser.parse_args(arguments).files
    encoder = load_encoder()
    print(f"{'set':<22}{'method':<16}{'NMI':>7}{'ARI':>7}{'acc':>7}{'clusters':>10}{'waiting':>9}")
    for path in files:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
        texts = [row["text"] for row in rows]
        truth = np.unique([row["label"] for row in rows], return_inverse=True)[1]
        for method, find in (("cluster-file", _ours), ("plain HDBSCAN", _plain)):
            began = time.perf_counter()
            found = find([str(row["id"]) for row in rows], texts, encoder)
            _print(path.stem, method, found, truth)
            print(f"{'':<22}{time.perf_counter() - began:.1f} s with encoding")


def _ours(ids: Sequence[str], texts: Sequence[str], encoder: TransformerEncoder) -> Labels:
    return np.array([row["cluster"] for row in cluster_texts(ids, texts, encoder)])


def _plain(ids: Sequence[str], texts: Sequence[str], encoder: TransformerEncoder) -> Labels:
    from hdbscan import HDBSCAN

    rows = encoder.encode(texts).astype(np.float64)
    return np.asarray(HDBSCAN(core_dist_n_jobs=1).fit_predict(rows), dtype=np.int64)


def scores(found: Labels, truth: Labels) -> tuple[float, float, float]:
    """(NMI, ARI, accuracy) of labels (n,), -1 waiting, against true classes 0.. (n,)."""
    from scipy.optimize import linear_sum_assignment
    from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

    alone = np.where(found < 0, found.max(initial=0) + 1 + np.arange(len(found)), found)
    clusters = np.unique(found, return_inverse=True)[1]
    table = np.zeros((clusters.max() + 1, truth.max() + 1))
    np.add.at(table, (clusters, truth), 1)
    mapped = linear_sum_assignment(-table)
    return (
        float(normalized_mutual_info_score(truth, alone)),
        float(adjusted_rand_score(truth, alone)),
        float(table[mapped].sum() / len(truth)),
    )


def _print(name: str, method: str, found: Labels, truth: Labels) -> None:
    nmi, ari, accuracy = scores(found, truth)
    count = len(set(found.tolist()) - {-1})
    waiting = int((found < 0).sum())
    print(
        f"{name:<22}{method:<16}{nmi:>7.3f}{ari:>7.3f}{accuracy:>7.3f}{count:>10}{waiting:>9}",
        flush=True,
    )


if __name__ == "__main__":
    main()
