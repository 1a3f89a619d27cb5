"""The figures that everything else is judged by, against examples worked out by hand."""

from __future__ import annotations

from itertools import combinations, permutations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustering.quality import (
    Score,
    adjusted_rand_index,
    b_cubed,
    macro_f1,
    match_spans,
    normalised_mutual_information,
    one_to_one_accuracy,
    pair_score,
    signal_score,
    stands_for,
    top_share,
)

labels = st.lists(st.sampled_from(["a", "b", "c", None]), max_size=12)
labelled_rows = st.lists(
    st.tuples(*[st.sampled_from(["a", "b", None])] * 2), min_size=1, max_size=10
)
spans = st.lists(
    st.tuples(st.integers(0, 20), st.integers(1, 8)).map(lambda s: (s[0], s[0] + s[1])), max_size=5
)


def test_score_of_counts_and_its_harmonic_mean() -> None:
    score = Score.of_counts(matched=3, predicted=4, gold=6)
    assert (score.precision, score.recall) == (0.75, 0.5)
    assert score.f1 == pytest.approx(0.6)


def test_score_with_nothing_predicted_and_nothing_to_find_is_zero() -> None:
    assert Score.of_counts(0, 0, 0) == Score(0.0, 0.0)
    assert Score(0.0, 0.0).f1 == 0.0


def test_exactly_half_of_the_shorter_span_is_enough() -> None:
    assert match_spans([(0, 10)], [(5, 30)]) == [(0, 0)]
    assert match_spans([(0, 10)], [(6, 30)]) == []


def test_touching_spans_do_not_match() -> None:
    assert match_spans([(0, 10)], [(10, 20)]) == []


def test_a_span_inside_another_matches_however_short() -> None:
    assert match_spans([(0, 100)], [(40, 42)]) == [(0, 0)]


def test_one_long_span_matches_only_one_of_two() -> None:
    assert match_spans([(0, 40)], [(0, 10), (12, 40)]) == [(0, 1)]


def test_two_matches_beat_one_better_match() -> None:
    # The first fits gold 0 exactly, yet only gold 0 is left for the second.
    assert match_spans([(0, 10), (0, 6)], [(0, 10), (8, 9)]) == [(0, 1), (1, 0)]


@given(spans, spans)
def test_matching_is_one_to_one_and_of_maximum_weight(
    ours: list[tuple[int, int]], theirs: list[tuple[int, int]]
) -> None:
    def weight(pairs: list[tuple[int, int]]) -> float:
        total = 0.0
        for left, right in pairs:
            a, b = set(range(*ours[left])), set(range(*theirs[right]))
            eligible = a & b and 2 * len(a & b) >= min(len(a), len(b))
            total += 1 + len(a & b) / len(a | b) if eligible else 0
        return total

    found = match_spans(ours, theirs)
    assert len({left for left, _ in found}) == len({right for _, right in found}) == len(found)
    short, long = sorted([len(ours), len(theirs)])
    orders = permutations(range(long), short)
    best = max(
        weight([(i, j) if len(ours) == short else (j, i) for i, j in enumerate(order)])
        for order in orders
    )
    assert weight(found) == pytest.approx(best)


def test_macro_f1_weighs_each_class_alike() -> None:
    predicted = ["blocking", "degraded", "degraded", "minor"]
    gold = ["blocking", "degraded", "minor", "minor"]
    classes = ["blocking", "degraded", "minor"]
    assert macro_f1(predicted, gold, classes) == pytest.approx((1 + 2 / 3 + 2 / 3) / 3)


def test_macro_f1_counts_a_class_that_never_occurs_as_zero() -> None:
    assert macro_f1(["minor"], ["minor"], ["blocking", "degraded", "minor"]) == pytest.approx(1 / 3)


def test_top_one_and_top_three() -> None:
    rankings = [["a", "b", "c"], ["b", "c", "d", "a"], []]
    assert top_share(rankings, ["a", "a", "a"], 1) == pytest.approx(1 / 3)
    assert top_share(rankings, ["c", "d", "a"], 3) == pytest.approx(2 / 3)


def test_b_cubed_by_hand() -> None:
    # Clusters {a a b} {b}: precision (2/3 + 2/3 + 1/3 + 1) / 4, recall (1 + 1 + 1/2 + 1/2) / 4.
    score = b_cubed([0, 0, 0, 1], ["a", "a", "b", "b"])
    assert score.precision == pytest.approx(2 / 3)
    assert score.recall == pytest.approx(3 / 4)


def test_b_cubed_takes_each_unlabelled_request_as_a_cluster_of_its_own() -> None:
    score = b_cubed([None, None], ["a", "a"])
    assert (score.precision, score.recall) == (1.0, 0.5)


def test_one_offs_joined_together_cost_precision() -> None:
    assert b_cubed([0, 0], [None, None]).precision == 0.5


def test_pairs_by_hand() -> None:
    # Joined: 3 pairs, of which 1 belongs. Belonging: 2 pairs, of which 1 is joined.
    result = pair_score([0, 0, 0, 1], ["a", "a", "b", "b"])
    assert result.score.precision == pytest.approx(1 / 3)
    assert result.score.recall == pytest.approx(1 / 2)
    assert result.wrong_merge == pytest.approx(2 / 3)
    assert result.missed_merge == pytest.approx(1 / 2)


def test_nothing_joined_merges_nothing_wrongly() -> None:
    result = pair_score([None, None], ["a", "a"])
    assert (result.wrong_merge, result.missed_merge) == (0.0, 1.0)


@given(labels)
def test_a_clustering_agrees_with_itself(names: list[str | None]) -> None:
    result = pair_score(names, names)
    assert result.wrong_merge == result.missed_merge == 0.0
    if names:
        assert b_cubed(names, names) == Score(1.0, 1.0)


@given(labelled_rows, st.randoms())
def test_order_changes_no_cluster_figure(
    rows: list[tuple[str | None, str | None]], random: Random
) -> None:
    shuffled = random.sample(rows, len(rows))
    before, after = ([list(side) for side in zip(*r, strict=True)] for r in (rows, shuffled))
    assert b_cubed(*before).f1 == pytest.approx(b_cubed(*after).f1)
    assert pair_score(*before) == pair_score(*after)


@given(labelled_rows)
def test_pair_score_counts_what_a_loop_over_pairs_counts(
    rows: list[tuple[str | None, str | None]],
) -> None:
    def same(left: str | None, right: str | None) -> bool:
        return left is not None and left == right

    joined = [same(a[0], b[0]) for a, b in combinations(rows, 2)]
    belong = [same(a[1], b[1]) for a, b in combinations(rows, 2)]
    both = sum(x and y for x, y in zip(joined, belong, strict=True))
    result = pair_score([row[0] for row in rows], [row[1] for row in rows])
    assert result.score == Score.of_counts(both, sum(joined), sum(belong))


def test_a_theme_stands_for_what_half_of_all_its_requests_match() -> None:
    assert stands_for(["export", "export", None, "sso"]) == "export"
    assert stands_for(["export", "sso", None]) is None
    assert stands_for([None, None]) is None
    assert stands_for([]) is None


def test_exactly_half_each_goes_to_the_first_by_name() -> None:
    assert stands_for(["sso", "export"]) == stands_for(["export", "sso"]) == "export"


def test_two_predicted_themes_for_one_gold_theme_find_it_once() -> None:
    score = signal_score(
        predicted=["t1", "t2", "t3"],
        gold=["export", "sso"],
        stands={"t1": "export", "t2": "export", "t3": None},
    )
    assert (score.precision, score.recall) == (pytest.approx(2 / 3), 0.5)


def test_standing_for_a_gold_theme_below_the_floor_is_wrong() -> None:
    assert signal_score(["t1"], ["sso"], {"t1": "export"}) == Score(0.0, 0.0)


def test_one_to_one_accuracy_gives_each_label_one_cluster() -> None:
    # Cluster 0 may stand for 'a' (2 right) and cluster 1 for 'b' (1); the second 'a' part is lost.
    assert one_to_one_accuracy([0, 0, 1, 2], ["a", "a", "b", "a"]) == 0.75
    assert one_to_one_accuracy([None, None], ["a", "b"]) == 0.5


def test_nmi_and_ari_take_waiting_texts_as_singletons() -> None:
    truth = ["a", "a", "b", "b"]
    assert normalised_mutual_information([5, 5, 3, 3], truth) == pytest.approx(1.0)
    assert adjusted_rand_index([5, 5, 3, 3], truth) == pytest.approx(1.0)
    assert adjusted_rand_index([None] * 4, truth) == pytest.approx(0.0)
    # Four singletons: mutual information ln 2, entropies ln 4 and ln 2.
    assert normalised_mutual_information([None] * 4, truth) == pytest.approx(2 / 3)
