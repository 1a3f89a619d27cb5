"""The null model against enumeration, the binomial, and known edges."""

from __future__ import annotations

from itertools import product
from math import comb, prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.coincidence import account_counts, hit_probabilities

PROBABILITIES = st.lists(st.floats(0.001, 1.0), max_size=8)


def tail(probabilities: list[float], accounts: int) -> float:
    return account_counts(probabilities).at_least(accounts)


def calibrated(probabilities: list[float]) -> int:
    return account_counts(probabilities).first_below(0.15)


def enumerated(probabilities: list[float], accounts: int) -> float:
    """P(X >= accounts) by going through every outcome."""
    return sum(
        prod(p if hit else 1 - p for p, hit in zip(probabilities, outcome, strict=True))
        for outcome in product([True, False], repeat=len(probabilities))
        if sum(outcome) >= accounts
    )


@given(probabilities=PROBABILITIES, accounts=st.integers(0, 9))
def test_the_tail_is_that_of_every_outcome_summed(
    probabilities: list[float], accounts: int
) -> None:
    assert tail(probabilities, accounts) == pytest.approx(enumerated(probabilities, accounts))


@given(probabilities=PROBABILITIES)
def test_the_calibrated_count_is_the_first_below_15_percent(probabilities: list[float]) -> None:
    found = calibrated(probabilities)
    assert tail(probabilities, found) < 0.15
    assert tail(probabilities, found - 1) >= 0.15


@given(probabilities=PROBABILITIES, accounts=st.integers(0, 9), seed=st.randoms())
def test_the_order_of_accounts_changes_no_digit(
    probabilities: list[float], accounts: int, seed: object
) -> None:
    shuffled = list(probabilities)
    seed.shuffle(shuffled)  # type: ignore[attr-defined]
    assert tail(shuffled, accounts) == tail(probabilities, accounts)


def test_equal_probabilities_are_the_binomial() -> None:
    n, p = 400, 0.03
    expected = sum(comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(25, n + 1))
    assert tail([p] * n, 25) == pytest.approx(expected, rel=1e-9)


@given(probabilities=PROBABILITIES)
def test_any_count_is_at_least_zero_and_none_above_all(probabilities: list[float]) -> None:
    assert tail(probabilities, 0) == 1.0
    assert tail(probabilities, len(probabilities) + 1) == 0.0


def test_an_account_that_reported_every_theme_is_certain() -> None:
    assert tail([1.0, 1.0, 0.1], 2) == 1.0
    assert tail([1.0, 1.0, 0.1], 3) == pytest.approx(0.1)
    assert calibrated([1.0, 1.0, 0.1]) == 3


def test_exactly_15_percent_is_not_below() -> None:
    assert calibrated([0.15]) == 2


def test_one_theme_alone_says_nothing() -> None:
    assert calibrated([1.0, 1.0]) == 3


def test_a_large_portfolio_keeps_its_figures() -> None:
    counts = account_counts([0.08] * 3000)
    assert counts.at_least(240) == pytest.approx(0.51, abs=0.02)
    assert 0 < counts.at_least(400) < 1e-15
    assert counts.first_below(0.15) == 256


def test_each_accounts_chance_is_its_themes_over_all_themes() -> None:
    by_theme = {"t1": ["a", "b"], "t2": ["a"], "t3": [], "t4": ["c"]}
    assert sorted(hit_probabilities(by_theme)) == [0.25, 0.25, 0.5]
