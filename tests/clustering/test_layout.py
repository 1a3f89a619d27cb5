"""The map's layout: the same from the same rows, near what is like, and calm."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.manifold import trustworthiness

from clustering.layout import Layout, laid_out

Rows = NDArray[np.float32]
Labels = NDArray[np.int64]
DIMENSIONS = 48


def world(count: int, groups: int, *, seed: int = 5) -> tuple[Rows, Labels, list[str]]:
    """Unit rows of groups that belong to a few areas; a tenth of them on no group."""
    rng = np.random.default_rng(seed)
    areas = rng.standard_normal((4, DIMENSIONS))
    middles = areas[rng.integers(0, 4, groups)] + 0.8 * rng.standard_normal((groups, DIMENSIONS))
    labels = rng.integers(0, groups, count)
    rows = middles[labels] + 0.6 * rng.standard_normal((count, DIMENSIONS))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    on_none = rng.random(count) < 0.1
    keys = [f"r_{number:05d}" for number in rng.permutation(count)]
    return rows.astype(np.float32), np.where(on_none, -1, labels).astype(np.int64), keys


def picked(
    rows: Rows, labels: Labels, keys: list[str], order: NDArray[np.int64]
) -> tuple[Rows, Labels, list[str]]:
    return rows[order], labels[order], [keys[place] for place in order]


def test_the_order_of_rows_says_nothing() -> None:
    given = world(400, 12)
    order = np.random.default_rng(1).permutation(400)
    first, second = laid_out(*given), laid_out(*picked(*given, order))
    assert np.array_equal(second.positions, first.positions[order])
    assert np.array_equal(second.centres, first.centres)


def test_the_same_rows_give_the_same_picture() -> None:
    assert np.array_equal(laid_out(*world(300, 9)).positions, laid_out(*world(300, 9)).positions)


def test_like_requests_stand_near_each_other() -> None:
    rows, labels, keys = world(600, 20)
    found = laid_out(rows, labels, keys)
    # Two principal axes alone come to 0.89 on these rows, and chance to a half.
    assert trustworthiness(rows, found.positions, n_neighbors=10) > 0.97


@pytest.mark.parametrize("seed", range(8))
def test_a_few_more_rows_move_little(seed: int) -> None:
    rows, labels, keys = world(300, 10, seed=seed)
    fewer = np.arange(297)
    whole, before = laid_out(rows, labels, keys), laid_out(*picked(rows, labels, keys, fewer))
    moved = np.linalg.norm(whole.positions[fewer] - before.positions, axis=1)
    assert np.median(moved) < 0.03 and np.quantile(moved, 0.95) < 0.1


def test_another_seed_is_another_view_of_the_same() -> None:
    rows, labels, keys = world(300, 10)
    first, second = (laid_out(rows, labels, keys, seed=seed).positions for seed in (0, 1))
    assert not np.allclose(first, second, atol=0.05)
    assert trustworthiness(rows, second, n_neighbors=10) > 0.95


def test_each_group_is_on_an_island_of_its_own() -> None:
    rows, labels, keys = world(600, 60)
    found = laid_out(rows, labels, keys)
    apart = np.linalg.norm(found.centres[:, None] - found.centres, axis=2)
    need = found.radii[:, None] + found.radii
    np.fill_diagonal(apart, np.inf)
    assert (apart >= need * 0.98).all()
    on = labels >= 0
    far = np.linalg.norm(found.positions[on] - found.centres[labels[on]], axis=1)
    assert (far <= found.radii[labels[on]] * 1.3).all()


def test_a_large_group_is_laid_out_by_some_of_its_rows() -> None:
    rows, labels, keys = world(900, 2)
    found = laid_out(rows, labels, keys)
    assert trustworthiness(rows, found.positions, n_neighbors=10) > 0.7
    assert len(np.unique(found.positions, axis=0)) == 900


def test_copies_of_one_text_can_be_told_apart() -> None:
    rows = np.ones((20, 4), np.float32) / 2
    found = laid_out(rows, np.zeros(20, np.int64), [f"r_{n}" for n in range(20)])
    assert len(np.unique(found.positions, axis=0)) == 20


@pytest.mark.parametrize(("count", "groups"), [(0, 0), (1, 1), (2, 1), (2, 2), (5, 0), (3, 3)])
def test_few_rows_are_a_picture_too(count: int, groups: int) -> None:
    rows, _, keys = world(max(count, 1), max(groups, 1))
    labels = np.arange(count) % groups if groups else np.full(count, -1)
    assert_is_a_picture(laid_out(rows[:count], labels.astype(np.int64), keys[:count]), count)


def test_a_group_without_rows_has_no_island() -> None:
    rows, _, keys = world(10, 2)
    labels = np.array([0, 2] * 5, dtype=np.int64)
    found = laid_out(rows, labels, keys)
    assert found.radii[1] == 0 and found.radii[0] > 0
    assert_is_a_picture(found, 10)


def assert_is_a_picture(found: Layout, count: int) -> None:
    assert found.positions.shape == (count, 2) and found.positions.dtype == np.float32
    assert np.isfinite(found.positions).all() and np.isfinite(found.centres).all()
    assert ((found.positions >= -1e-6) & (found.positions <= 1 + 1e-6)).all()
