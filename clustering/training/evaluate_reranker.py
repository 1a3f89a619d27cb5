"""What the re-ranker adds to the adapted encoder on products that neither was learned on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
from numpy.typing import NDArray

from clustering.adapter import REQUESTS, about_updates
from clustering.doubt import (
    BLEND,
    ONE_IN,
    READ_ITEMS,
    Blend,
    blended,
    in_doubt,
    most_doubtful,
)
from clustering.encoder import Encoder, load_adapted
from clustering.lens import Calibration, calibrated
from clustering.rerank import Reranker, load_reranker
from clustering.training.annotated import product_folds, register
from clustering.training.calibrate import fold_adapter
from clustering.training.train_adapter import Recipe
from clustering.training.train_reranker import PairRecipe, save, train
from clustering.training.wordings import NONE, Wording

Rows = NDArray[np.float32]

_ENCODER: Final = (0.6, 0.7, 0.8, 0.9, 1.0, 1.1)
_PAIR: Final = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One product under an encoder and a re-ranker that never saw it.

    Attributes:
        confidences: of the encoder, float32 (spans, needs).
        scores: of the re-ranker; NaN where it has not read: what isn't in the most doubtful
            third, and needs beyond the best `READ_ITEMS`.
        truth: (spans,) each one's need, or NONE.
    """

    name: str
    confidences: Rows
    scores: Rows
    truth: NDArray[np.int64]


def read_left_out(
    wording: Wording, encoder: Encoder, reranker: Reranker, calibration: Calibration
) -> LeftOut:
    """Have the most doubtful third read, as a run does."""
    cosines = encoder.encode(wording.spans) @ encoder.encode(wording.needs).T
    confidences = calibrated(cosines, calibration)
    best = {f"{n:05d}": float(row.max()) for n, row in enumerate(confidences)}
    everything = Blend(line=1.0, encoder=1.0, pair=0.0)
    chosen = [int(name) for name in most_doubtful(best, len(best) // ONE_IN, everything)]
    order = np.argsort(-confidences, axis=1, kind="stable")[:, :READ_ITEMS]
    pairs = [(span, need) for span in chosen for need in order[span].tolist()]
    said = reranker.score([(wording.spans[span], wording.needs[need]) for span, need in pairs])
    scores = np.full(confidences.shape, np.nan, dtype=np.float32)
    for (span, need), score in zip(pairs, said, strict=True):
        scores[span, need] = score
    return LeftOut(wording.name, confidences, scores, np.array(wording.need_of))


def after(product: LeftOut, blend: Blend) -> Rows:
    """Confidences (spans, needs) once the re-ranker has been heard."""
    names = [str(need) for need in range(product.scores.shape[1])]
    said = [
        {names[need]: float(row[need]) for need in np.flatnonzero(~np.isnan(row))}
        for row in product.scores
    ]
    return blended(product.confidences, names, said, blend)


def rank_shares(confidences: Rows, truth: NDArray[np.int64]) -> tuple[float, float]:
    """(top 1, top 3) over the spans that have a need."""
    named = truth != NONE
    own = confidences[named, truth[named]]
    better = (confidences[named] > own[:, None]).sum(axis=1)
    return float((better < 1).mean()), float((better < 3).mean())


def surprise(confidences: Rows, truth: NDArray[np.int64]) -> float:
    """Sum of the negative log-likelihood of the truths."""
    given = confidences[np.arange(len(truth)), np.maximum(truth, 0)]
    chance = np.where(truth == NONE, 1.0 - confidences.sum(axis=1), given)
    return float(-np.log(np.clip(chance, 1e-6, 1.0)).sum())


def fit_blend(products: Sequence[LeftOut], line: float) -> Blend:
    """The weights of greatest likelihood on what was read below the line."""
    read = [_only_read(product) for product in products]

    def loss(blend: Blend) -> float:
        return sum(surprise(after(one, blend), one.truth) for one in read)

    return min((Blend(line, encoder, pair) for encoder in _ENCODER for pair in _PAIR), key=loss)


def _only_read(product: LeftOut) -> LeftOut:
    read = ~np.isnan(product.scores).all(axis=1)
    return LeftOut(
        product.name, product.confidences[read], product.scores[read], product.truth[read]
    )


def left_out(
    wordings: Sequence[Wording], recipe: PairRecipe, folds: int, cache: Path
) -> list[LeftOut]:
    """Every product of the first so many folds; what is learned is kept in the cache folder."""
    calibration = Calibration(**json.loads(about_updates(REQUESTS)["calibration"]))
    found = []
    for number, fold in enumerate(product_folds({w.name for w in wordings})[:folds]):
        kept = [wording for wording in wordings if wording.name not in fold]
        updates = fold_adapter(wordings, Recipe(), number, fold, cache)
        weights = cache / f"reranker-{number}.safetensors"
        if not weights.exists():
            save(train(kept, recipe), kept, weights)
        encoder, reranker = load_adapted(updates), load_reranker(weights)
        found += [
            read_left_out(wording, encoder, reranker, calibration)
            for wording in wordings
            if wording.name in fold
        ]
    return found


def report(wordings: Sequence[Wording], recipe: PairRecipe, folds: int, cache: Path | None) -> None:
    """Print, for products left out, the share read and top 1 and top 3 without and with it."""
    with TemporaryDirectory() as passing:
        products = left_out(wordings, recipe, folds, cache or Path(passing))
    blend = fit_blend(products, BLEND.line)
    print(f"fitted {blend}")
    figures: dict[str, list[tuple[float, ...]]] = {"story": [], "plain": []}
    for product in products:
        without, heard = product.confidences, after(product, blend)
        read = ~np.isnan(product.scores).all(axis=1) & in_doubt(without, blend)
        ranks = (*rank_shares(without, product.truth), *rank_shares(heard, product.truth))
        row = (float(read.mean()), *ranks)
        print(f"{product.name:<18}" + " ".join(f"{share:.3f}" for share in row))
        figures[register(product.name)].append(row)
    for kind, rows in figures.items():
        if rows:
            mean, spread = np.mean(rows, axis=0), np.std(rows, axis=0)
            shown = [f"{m:.3f} ± {s:.3f}" for m, s in zip(mean, spread, strict=True)]
            print(f"{kind:<6} read {shown[0]}", end="   ")
            print(f"encoder top 1 {shown[1]} top 3 {shown[2]}", end="   ")
            print(f"with the re-ranker top 1 {shown[3]} top 3 {shown[4]}", flush=True)
