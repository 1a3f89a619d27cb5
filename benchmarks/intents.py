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
from clustering.quality import (
    adjusted_rand_index,
    normalised_mutual_information,
    one_to_one_accuracy,
)

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
        truth = [str(row["label"]) for row in rows]
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


def _print(name: str, method: str, found: Labels, truth: Sequence[str]) -> None:
    labels = [None if label < 0 else int(label) for label in found]
    nmi = normalised_mutual_information(labels, truth)
    ari = adjusted_rand_index(labels, truth)
    accuracy = one_to_one_accuracy(labels, truth)
    count = len(set(labels) - {None})
    waiting = labels.count(None)
    print(
        f"{name:<22}{method:<16}{nmi:>7.3f}{ari:>7.3f}{accuracy:>7.3f}{count:>10}{waiting:>9}",
        flush=True,
    )


if __name__ == "__main__":
    main()
