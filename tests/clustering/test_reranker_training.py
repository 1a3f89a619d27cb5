from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from clustering.adapter import content_sha256
from clustering.doubt import BLEND, Blend
from clustering.rerank import load_reranker
from clustering.training.evaluate_reranker import LeftOut, after, fit_blend, rank_shares
from clustering.training.train_reranker import PairRecipe, save, train
from clustering.training.wordings import NONE, Wording

PRODUCT = Wording(
    name="till",
    needs=(
        "Export. Rows out as a file.",
        "Import. Rows in from a file.",
        "Speed. Pages are slow.",
        "Login. One sign-on for all.",
    ),
    spans=("take the lines out", "load the sheet", "it crawls", "one password", "a pony"),
    need_of=(0, 1, 2, 3, NONE),
)
SHORT = PairRecipe(share=1.0, lists=2, foes=2)


def test_training_is_deterministic_and_what_is_saved_can_be_used(tmp_path: Path) -> None:
    first, second = (train([PRODUCT], SHORT) for _ in range(2))
    assert content_sha256(first.weights()) == content_sha256(second.weights())
    save(first, [PRODUCT], tmp_path / "small.safetensors")
    made = load_reranker(tmp_path / "small.safetensors")
    assert np.isfinite(made.score([(PRODUCT.spans[0], PRODUCT.needs[0])])).all()


def left_out(scores: list[list[float]], truth: list[int]) -> LeftOut:
    confidences = np.full((len(truth), 2), 0.3, dtype=np.float32)
    return LeftOut("till", confidences, np.array(scores, dtype=np.float32), np.array(truth))


def test_scores_that_tell_the_truth_are_weighed_and_raise_the_shares() -> None:
    product = left_out([[12.0, 8.0], [8.0, 12.0], [7.0, 7.0]], [0, 1, NONE])
    blend = fit_blend([product], line=1.0)
    assert blend.pair > 0.1
    assert rank_shares(after(product, blend), product.truth)[0] == 1.0


def test_what_was_not_read_is_left_as_it_was() -> None:
    product = left_out([[np.nan, np.nan]], [1])
    assert after(product, BLEND)[0].tolist() == pytest.approx([0.3, 0.3])


def test_below_the_line_alone_anything_changes() -> None:
    product = left_out([[12.0, 8.0]], [0])
    assert after(product, Blend(0.2, 1.0, 1.0))[0].tolist() == pytest.approx([0.3, 0.3])
