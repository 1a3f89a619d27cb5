"""How well `cluster-file` finds the intents of a labelled set, with its peers in the same run.

Usage: python -m benchmarks.intents [--peers] FILE.jsonl [FILE.jsonl ...]

Each line of a file is {"id", "text", "label"}. All read the bundled encoder's rows of the
whole file at default settings; k-means alone is told the true number of labels. NMI
(arithmetic mean) and ARI count each waiting text as a cluster of its own; accuracy is by the
best one-to-one mapping of clusters to labels, all waiting texts being one cluster. Seconds
are of processor time, without the encoding. Wrong and missed are the rates of merges.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from clustering.density import cluster
from clustering.encoder import load_encoder
from clustering.peers import PEERS, Peer, check_installed, hdbscan_alone
from clustering.quality import (
    adjusted_rand_index,
    normalised_mutual_information,
    one_to_one_accuracy,
    pair_score,
)

Labels = NDArray[np.int64]
Rows = NDArray[np.float32]

COLUMNS = ("accuracy", "NMI", "ARI", "wrong", "missed")


def main(arguments: Sequence[str] | None = None) -> None:
    """Print one line of figures per file and method."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE.jsonl")
    parser.add_argument("--peers", action="store_true", help="needs groundswell[peers]")
    chosen = parser.parse_args(arguments)
    if chosen.peers:
        check_installed()
    encoder = load_encoder()
    heads = "".join(f"{name:>10}" for name in COLUMNS)
    print(f"{'set':<18}{'method':<28}{heads}{'clusters':>10}{'waiting':>9}{'seconds':>9}")
    for path in chosen.files:
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
        texts, truth = [line["text"] for line in lines], [str(line["label"]) for line in lines]
        rows = encoder.encode(texts)
        for name, find in _methods(chosen.peers, len(set(truth))):
            began = time.process_time()
            found = find(texts, rows)
            seconds = time.process_time() - began
            print(f"{path.stem:<18}{name:<28}{_figures(found, truth)}{seconds:>9.1f}", flush=True)


def _methods(with_peers: bool, labels: int) -> Iterator[tuple[str, Peer]]:
    yield "cluster-file", lambda texts, rows: cluster(rows).labels
    yield from PEERS.items() if with_peers else [("HDBSCAN", hdbscan_alone)]
    yield "k-means told k", lambda texts, rows: _k_means(rows, labels)


def _k_means(rows: Rows, count: int) -> Labels:
    from sklearn.cluster import KMeans

    found = KMeans(count, n_init=10, random_state=0).fit_predict(rows)
    return np.asarray(found, dtype=np.int64)


def _figures(found: Labels, truth: Sequence[str]) -> str:
    labels = [None if label < 0 else int(label) for label in found]
    pairs = pair_score(labels, truth)
    figures = (
        one_to_one_accuracy(labels, truth),
        normalised_mutual_information(labels, truth),
        adjusted_rand_index(labels, truth),
        pairs.wrong_merge,
        pairs.missed_merge,
    )
    count = len(set(labels) - {None})
    return "".join(f"{value:>10.3f}" for value in figures) + f"{count:>10}{labels.count(None):>9}"


if __name__ == "__main__":
    main()
