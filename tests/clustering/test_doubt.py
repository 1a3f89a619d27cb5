from __future__ import annotations

import numpy as np
import pytest

from clustering.doubt import (
    BLEND,
    READ_ITEMS,
    SAID_NOTHING,
    Blend,
    Said,
    blended,
    in_doubt,
    most_doubtful,
)

EVEN = Blend(line=0.6, encoder=1.0, pair=1.0)
ITEMS = ["i_1", "i_2", "i_3"]


def after(row: list[float], said: Said, blend: Blend = EVEN) -> list[float]:
    confidences = np.array([row], dtype=np.float32)
    names = [f"i_{number + 1}" for number in range(len(row))]
    return [float(x) for x in blended(confidences, names, [said], blend)[0]]


def test_a_request_is_in_doubt_below_the_line() -> None:
    rows = np.array([[0.59, 0.1], [0.61, 0.1]], dtype=np.float32)
    assert in_doubt(rows, EVEN).tolist() == [True, False]


def test_without_items_nothing_is_in_doubt() -> None:
    assert in_doubt(np.zeros((2, 0), dtype=np.float32)).tolist() == [False, False]


def test_the_most_doubtful_are_chosen_whatever_their_order() -> None:
    given = {"r_3": 0.5, "r_1": 0.2, "r_2": 0.5, "r_4": 0.1, "r_5": 0.95}
    turned = dict(reversed(given.items()))
    assert most_doubtful(given, 3, EVEN) == most_doubtful(turned, 3, EVEN) == ["r_4", "r_1", "r_2"]


def test_no_more_are_chosen_than_are_in_doubt() -> None:
    assert most_doubtful({"r_1": 0.9, "r_2": 0.3}, 2, EVEN) == ["r_2"]


def test_a_high_score_makes_a_request_go_elsewhere() -> None:
    first, second, third = after([0.4, 0.3, 0.1], {"i_1": -3.0, "i_2": 3.0, "i_3": -3.0})
    assert second > 0.7 > 0.1 > max(first, third)


@pytest.mark.parametrize("score", [-1000.0, 0.0, 1000.0])
def test_how_likely_none_of_the_items_is_stays_as_it_was(score: float) -> None:
    found = after([0.4, 0.3, 0.1], {"i_1": score, "i_2": 2.0, "i_3": -score})
    assert sum(found) == pytest.approx(0.8)
    assert min(found) >= 0.0


def test_scores_of_nothing_change_nothing() -> None:
    assert after([0.4, 0.3, 0.1], SAID_NOTHING) == pytest.approx([0.4, 0.3, 0.1])


def test_a_request_that_is_not_in_doubt_is_left_alone() -> None:
    assert after([0.7, 0.2, 0.05], {"i_2": 50.0}) == pytest.approx([0.7, 0.2, 0.05])


def test_an_item_without_a_score_keeps_its_confidence() -> None:
    first, second, third = after([0.4, 0.3, 0.1], {"i_1": -2.0, "i_2": 2.0})
    assert third == pytest.approx(0.1)
    assert second > 0.3 > first


def test_a_score_of_an_item_that_is_gone_is_passed_over() -> None:
    assert after([0.4, 0.3, 0.1], {"i_gone": 9.0}) == pytest.approx([0.4, 0.3, 0.1])


def test_what_was_read_beyond_the_best_items_makes_no_difference() -> None:
    row = [0.5 - 0.03 * number for number in range(READ_ITEMS)]
    confidences = [*(share / 10 for share in row), 0.001]
    last = f"i_{READ_ITEMS + 1}"
    read: dict[str, float] = {f"i_{n + 1}": float(n) for n in range(READ_ITEMS)}
    assert after(confidences, read) == after(confidences, {**read, last: 40.0})


def test_rows_are_judged_each_by_its_own_scores() -> None:
    rows = np.array([[0.4, 0.3], [0.4, 0.3]], dtype=np.float32)
    found = blended(rows, ITEMS[:2], [{"i_1": -2.0, "i_2": 5.0}, SAID_NOTHING], EVEN)
    assert found[0].argmax() == 1
    assert found[1].tolist() == rows[1].tolist()


def test_the_weights_in_use_let_the_re_ranker_be_heard() -> None:
    assert 0.0 < BLEND.line <= 1.0
    assert BLEND.pair > 0.0
    assert BLEND.encoder > 0.0
