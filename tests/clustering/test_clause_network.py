"""The decoding is exact: checked against trying every labelling."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from clustering.clause_network import CONTINUES, OUTSIDE, best_labels, marginals, softmax


def chain(seed: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    emissions = draw.normal(size=(count, 3)).astype(np.float32)
    transitions = draw.normal(size=(count, 3, 3)).astype(np.float32)
    transitions[:, OUTSIDE, CONTINUES] = -1e4
    return emissions, transitions


def score(labels: tuple[int, ...], emissions: np.ndarray, transitions: np.ndarray) -> float:
    total = float(emissions[0, labels[0]]) - (1e4 if labels[0] == CONTINUES else 0)
    for place in range(1, len(labels)):
        step = transitions[place, labels[place - 1], labels[place]]
        total += float(step + emissions[place, labels[place]])
    return total


@given(st.integers(0, 10_000), st.integers(1, 6))
def test_the_best_labelling_is_the_best_of_all(seed: int, count: int) -> None:
    emissions, transitions = chain(seed, count)
    best = max(product(range(3), repeat=count), key=lambda one: score(one, emissions, transitions))
    assert tuple(best_labels(emissions, transitions)) == best


@given(st.integers(0, 10_000), st.integers(1, 5))
def test_marginals_are_those_of_all_labellings(seed: int, count: int) -> None:
    emissions, transitions = chain(seed, count)
    expected = np.zeros((count, 3))
    for labels in product(range(3), repeat=count):
        weight = np.exp(score(labels, emissions, transitions))
        for place, label in enumerate(labels):
            expected[place, label] += weight
    expected /= expected.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(marginals(emissions, transitions), expected, atol=1e-4)


def test_nothing_continues_what_was_never_opened() -> None:
    emissions = np.tile(np.array([0, 1, 5], dtype=np.float32), (4, 1))
    emissions[1] = (9, 0, 8)
    _, transitions = chain(1, 4)
    labels = best_labels(emissions, transitions * 0 + np.where(transitions < -1e3, -1e4, 0))
    assert labels[0] != CONTINUES
    assert not any(before == OUTSIDE and after == CONTINUES for before, after in pairwise(labels))


def test_softmax_of_large_scores_is_finite() -> None:
    scores = np.array([[1000.0, 0.0, -1000.0]], dtype=np.float32)
    np.testing.assert_allclose(softmax(scores), [[1, 0, 0]], atol=1e-6)
