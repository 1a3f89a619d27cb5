"""Fitting what scores mean: confidences that hold, and 'none' learned from hidden needs."""

from __future__ import annotations

import numpy as np

from clustering.lens import calibrated
from clustering.training.annotated import load_needs, load_packs
from clustering.training.calibrate import Scored, fit_calibration, rank_shares
from clustering.training.wordings import NONE, load_wordings


def made(name: str, *, seed: int, texts: int = 150, needs: int = 12) -> Scored:
    """A product where a text resembles its own need by 0.3 more than any other, give or take."""
    chance = np.random.default_rng(seed)
    truth = chance.integers(0, needs, size=texts)
    scores = chance.normal(0.2, 0.1, size=(texts, needs))
    scores[np.arange(texts), truth] += 0.3
    quiet = chance.normal(0.2, 0.1, size=(texts // 5, needs))
    return Scored(name, scores.astype(np.float32), truth, quiet.astype(np.float32))


def test_fitted_confidences_are_right_as_often_as_they_say() -> None:
    found = fit_calibration([made(f"p{n}", seed=n) for n in range(4)])
    other = made("other", seed=9, texts=1000)
    shares = calibrated(other.scores, found)
    right = shares.argmax(axis=1) == other.truth
    assert abs(shares.max(axis=1).mean() - right.mean()) < 0.12


def test_what_was_said_of_a_need_that_is_not_offered_is_left_over() -> None:
    """No text of the made products is without a need: only hidden needs can teach this."""
    found = fit_calibration([made(f"p{n}", seed=n) for n in range(4)])
    other = made("other", seed=9, texts=1000)
    own = calibrated(other.scores, found).max(axis=1)
    foreign = np.delete(other.scores, 0, axis=1)[other.truth == 0]
    assert np.median(own) > 0.6 > 0.35 > np.median(calibrated(foreign, found).max(axis=1))


def test_rank_shares_count_only_texts_that_have_a_need() -> None:
    scores = np.array([[0.9, 0.1, 0.2, 0.3], [0.1, 0.9, 0.8, 0.7], [0.5, 0.5, 0.4, 0.3]])
    truth = np.array([0, 3, NONE])
    product = Scored("p", scores.astype(np.float32), truth, np.zeros((0, 4), np.float32))
    assert rank_shares(product) == (0.5, 1.0)


def test_wordings_hold_every_need_span_and_quiet_note_of_the_packs() -> None:
    notes, needs = load_packs(), load_needs()
    wordings = {wording.name: wording for wording in load_wordings()}
    assert wordings.keys() == needs.keys()
    assert sum(len(w.spans) for w in wordings.values()) == sum(len(n.spans) for n in notes)
    assert sum(len(w.quiet) for w in wordings.values()) == sum(not n.spans for n in notes)
    for name, wording in wordings.items():
        assert len(wording.needs) == len(needs[name])
        named = [span.need for n in notes if n.product == name for span in n.spans]
        ids = [None if n == NONE else needs[name][n].id for n in wording.need_of]
        assert ids == named
