"""A theme's suggestion: the item it is about, or honestly a new one."""

from __future__ import annotations

import numpy as np
import pytest

from clustering.assign import ItemIndex, ItemProfile, Rows
from clustering.params import ClusteringParams
from clustering.suggest import suggest_requests, suggest_theme
from tests.clustering.vectors import groups, unit

NOTHING = np.zeros((0, 48), np.float32)


@pytest.fixture
def items() -> Rows:
    return groups([1] * 12, seed=7)


@pytest.fixture
def index(items: Rows) -> ItemIndex:
    return ItemIndex.build(
        [ItemProfile(f"t_{n:02}", f"Area {n}", row[None], NOTHING) for n, row in enumerate(items)]
    )


def near(row: Rows, count: int) -> Rows:
    return unit(row + 0.05 * np.random.default_rng(1).normal(size=(count, len(row))))


def test_theme_about_an_item_is_offered_that_item(index: ItemIndex, items: Rows) -> None:
    answer = suggest_theme(near(items[3], 4), index)
    assert answer.best is not None and answer.best.theme_id == "t_03"
    assert not answer.is_new and answer.area == "Area 3"
    assert answer.confidence == answer.best.confidence


def test_best_item_is_not_among_its_alternatives(index: ItemIndex, items: Rows) -> None:
    answer = suggest_theme(near(items[3], 4), index)
    assert "t_03" not in [item.theme_id for item in answer.alternatives]
    ranked = [item.confidence for item in answer.alternatives]
    assert ranked == sorted(ranked, reverse=True) and len(ranked) == 5


def test_theme_near_no_item_is_called_new(index: ItemIndex, items: Rows) -> None:
    _, _, directions = np.linalg.svd(items)
    answer = suggest_theme(directions[-1:].astype(np.float32), index)
    assert answer.best is None and answer.is_new and len(answer.alternatives) == 5


def test_without_items_everything_is_new_and_of_no_area() -> None:
    answer = suggest_theme(groups([2]), ItemIndex.build([]))
    assert answer.is_new and answer.confidence == 1.0
    assert answer.area is None and answer.alternatives == ()


def test_waiting_request_still_has_the_area_of_its_best_item(index: ItemIndex, items: Rows) -> None:
    (answer,) = suggest_requests(items[5:6], index, ClusteringParams(assign_line=1.0))
    assert answer.best is None and answer.area == "Area 5"


def test_order_of_the_members_is_irrelevant(index: ItemIndex, items: Rows) -> None:
    members = near(items[3], 5)
    one, two = suggest_theme(members, index), suggest_theme(members[::-1], index)
    assert one.best is not None and two.best is not None
    assert one.best.confidence == pytest.approx(two.best.confidence, abs=1e-6)
