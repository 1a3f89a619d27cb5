"""Clusters: none too small, the same in any order, from five rows to thousands."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from clustering.density import WAITING, cluster
from clustering.params import ClusteringParams
from tests.clustering.vectors import groups, numbers, unit

skewed_sizes = st.lists(st.integers(1, 9), min_size=1, max_size=14)


def same_partition(one: NDArray[np.int64], two: NDArray[np.int64]) -> bool:
    pairs = set(zip(one.tolist(), two.tolist(), strict=True))
    return len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})


@pytest.mark.parametrize("count", [0, 1, 4])
def test_fewer_than_five_rows_all_wait(count: int) -> None:
    found = cluster(groups([count]) if count else np.zeros((0, 8), np.float32))
    assert found.labels.tolist() == [WAITING] * count
    assert found.strengths.tolist() == [0.0] * count


@pytest.mark.parametrize("sizes", [[3, 3], [2, 2, 2, 2], [2, 3, 5, 2, 9], [40, 40, 40, 3, 2]])
def test_tight_groups_are_found_whole(sizes: list[int]) -> None:
    rows = groups([*sizes, *[1] * 12], seed=4)
    labels = cluster(rows).labels
    truth = np.array(numbers(sizes))
    assert same_partition(labels[: len(truth)], truth)


def test_rows_unlike_all_others_wait() -> None:
    labels = cluster(groups([6, 6, 6, *[1] * 10], seed=2)).labels
    assert (labels[18:] == WAITING).all()


def test_equal_rows_are_one_cluster_though_nothing_else_is_near() -> None:
    rows = groups([1] * 12, seed=5)
    labels = cluster(np.vstack([rows, rows[:1], rows[:1]])).labels
    assert labels[0] == labels[12] == labels[13] != WAITING


@pytest.mark.parametrize("count", [5, 7, 300])
def test_nothing_but_one_text_repeated_is_one_cluster(count: int) -> None:
    found = cluster(np.repeat(groups([1]), count, axis=0))
    assert found.labels.tolist() == [0] * count


def test_five_rows_hold_a_pair_and_a_three() -> None:
    labels = cluster(groups([3, 2], seed=1)).labels
    assert same_partition(labels, np.array([0, 0, 0, 1, 1]))


def test_large_collections_find_large_and_small_groups() -> None:
    sizes = [200, 150, 100, 80, 60, *[12] * 20, *[3] * 20, *[1] * 60]
    labels = cluster(groups(sizes, seed=3, spread=0.07)).labels
    truth = np.array(numbers(sizes))
    found = [len(set(labels[truth == g])) == 1 for g in range(45)]
    assert np.mean(found) > 0.9


def test_strengths_lie_between_none_and_all() -> None:
    found = cluster(groups([9, 9, 9, 1, 1], seed=8, spread=0.12))
    assert ((found.strengths >= 0) & (found.strengths <= 1)).all()
    assert (found.strengths[found.labels == WAITING] == 0).all()


def test_member_at_the_heart_is_stronger_than_one_at_the_edge() -> None:
    rows = groups([8, 8, 8, 8], seed=6, spread=0.03)
    rows[0] = unit(rows[:1] + 0.05 * groups([1], seed=9, width=rows.shape[1]) * 5)[0]
    found = cluster(rows)
    assert found.labels[0] == found.labels[1]
    assert found.strengths[0] < found.strengths[1:8].min()


@settings(max_examples=25, deadline=None)
@given(skewed_sizes, st.integers(0, 50), st.sampled_from([0.05, 0.15, 0.4]))
def test_order_of_rows_is_irrelevant(sizes: list[int], seed: int, spread: float) -> None:
    rows = groups(sizes, seed=seed, spread=spread)
    order = np.random.default_rng(seed).permutation(len(rows))
    assert np.array_equal(cluster(rows[order]).labels, cluster(rows).labels[order])


@settings(max_examples=25, deadline=None)
@given(skewed_sizes, st.integers(0, 50), st.sampled_from([0.05, 0.15, 0.4]), st.integers(2, 4))
def test_no_cluster_is_below_the_least_size(
    sizes: list[int], seed: int, spread: float, least: int
) -> None:
    rows = groups(sizes, seed=seed, spread=spread)
    labels = cluster(rows, ClusteringParams(min_cluster_size=least)).labels
    assert len(labels) == len(rows)
    counts = np.bincount(labels[labels >= 0])
    assert (counts >= least).all()


@settings(max_examples=10, deadline=None)
@given(skewed_sizes, st.integers(0, 50))
def test_same_rows_give_the_same_answer_again(sizes: list[int], seed: int) -> None:
    rows = groups(sizes, seed=seed, spread=0.2)
    one, two = cluster(rows), cluster(rows.copy())
    assert np.array_equal(one.labels, two.labels) and np.array_equal(one.strengths, two.strengths)
