"""Texts in, rows out: clusters by size, labels, confidences; order and waiting kept straight."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from clustering.cluster_file import cluster_texts
from tests.clustering.vectors import Rows, groups, numbers

SIZES = [4, 3, 2, *[1] * 8]
TEXTS = [f"topic{group} wish number{n}" for n, group in enumerate(numbers(SIZES))]
IDS = [f"x{n}" for n in range(len(TEXTS))]


class FakeEncoder:
    """The row of the n-th text of TEXTS is the n-th of the groups, that of its words too."""

    fingerprint = "fake"
    dimension = 48

    def encode(self, texts: Sequence[str]) -> Rows:
        rows = groups(SIZES, seed=2)
        said = [next(n for n, whole in enumerate(TEXTS) if text in whole) for text in texts]
        return rows[said] if texts else rows[:0]


def test_rows_come_in_the_order_of_the_texts_with_clusters_by_size() -> None:
    rows = cluster_texts(IDS, TEXTS, FakeEncoder())
    assert [row["id"] for row in rows] == IDS
    assert [row["cluster"] for row in rows] == [0] * 4 + [1] * 3 + [2] * 2 + [-1] * 8


def test_cluster_has_one_label_from_its_words_and_what_waits_has_none() -> None:
    rows = cluster_texts(IDS, TEXTS, FakeEncoder())
    (label,) = {row["label"] for row in rows[:4]}
    assert "topic0" in label.lower()
    assert {row["label"] for row in rows[9:]} == {""}


def test_confidence_is_zero_only_where_a_text_waits() -> None:
    rows = cluster_texts(IDS, TEXTS, FakeEncoder())
    assert all((row["confidence"] > 0) == (row["cluster"] >= 0) for row in rows)


def test_order_of_the_texts_is_irrelevant() -> None:
    order = np.random.default_rng(0).permutation(len(TEXTS))
    shuffled = cluster_texts([IDS[n] for n in order], [TEXTS[n] for n in order], FakeEncoder())
    straight = {row["id"]: row for row in cluster_texts(IDS, TEXTS, FakeEncoder())}
    assert {row["id"]: row for row in shuffled} == straight


def test_no_texts_give_no_rows() -> None:
    assert cluster_texts([], [], FakeEncoder()) == []
