"""Fragments of one group are joined, groups are not, and the crumbs beyond the bound are left."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage

from clustering.gathering import gathered, ward_joins
from tests.clustering.vectors import groups, numbers


def partition(labels: NDArray[np.int64]) -> set[frozenset[int]]:
    return {frozenset(np.flatnonzero(labels == label).tolist()) for label in set(labels.tolist())}


@pytest.mark.parametrize("sizes", [[30, 30, 30], [60, 12, 9, 6], [24] * 12])
def test_fragments_are_joined_to_their_groups_and_no_further(sizes: list[int]) -> None:
    truth = np.array(numbers(sizes))
    fragments = 3 * truth + np.arange(len(truth)) % 3
    found = gathered(groups(sizes, seed=1, spread=0.08), fragments, most=1000)
    assert partition(found) == partition(truth)


def test_groups_that_are_whole_stay_as_they_are() -> None:
    truth = np.array(numbers([9, 7, 5, 3, 2]))
    found = gathered(groups([9, 7, 5, 3, 2], seed=6, spread=0.08), truth, most=1000)
    assert partition(found) == partition(truth)


def test_rows_that_wait_go_on_waiting() -> None:
    truth = np.array(numbers([30, 30, 30]))
    labels = 3 * truth + np.arange(90) % 3
    labels[::10] = -1
    found = gathered(groups([30, 30, 30], seed=1, spread=0.08), labels, most=1000)
    assert np.array_equal(found < 0, labels < 0)
    assert sorted(set(found.tolist())) == [-1, 0, 1, 2]


@pytest.mark.parametrize("count", [0, 1, 2])
def test_two_clusters_or_fewer_are_left_alone(count: int) -> None:
    rows = groups([4, 4], seed=1)
    labels = np.array(numbers([4, 4])) if count == 2 else np.full(8, count - 1)
    assert np.array_equal(gathered(rows, labels, most=10), labels)


def test_beyond_the_bound_only_the_largest_are_joined() -> None:
    sizes = [30, 30, 30]
    truth = np.array([*numbers(sizes), 0, 0])
    rows = np.vstack([groups(sizes, seed=1), groups(sizes, seed=1)[:2]])
    labels = np.where(np.arange(92) < 90, 2 * truth + np.arange(92) % 2, 6)
    found = gathered(rows, labels, most=6)
    assert partition(found[:90]) == partition(truth[:90])
    assert found[90] == found[91] and found[90] not in found[:90]


def test_the_joins_are_those_of_ward_on_the_rows_themselves() -> None:
    chance = np.random.default_rng(5)
    points = chance.normal(size=(40, 6))
    sizes = chance.integers(1, 5, size=40)
    tree = linkage(np.repeat(points, sizes, axis=0), "ward")
    joins = ward_joins(points, sizes.astype(np.float64))
    for count in (2, 5, 13):
        part = np.arange(40)
        for stays, goes in joins[: 40 - count]:
            part[part == goes] = stays
        expected = fcluster(tree, count, "maxclust")[np.r_[0, np.cumsum(sizes)[:-1]]]
        assert partition(part) == partition(expected)
