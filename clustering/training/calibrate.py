"""What similarities mean, fitted on products that the encoder was not taught on.

A request may be about none of the items. So that 'none of these' is learned from more than the
few one-offs that packs hold, each product is also looked at with a third of its needs hidden,
three times over: what was said about those then belongs nowhere.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from clustering.encoder import Encoder, load_adapted
from clustering.lens import Calibration, calibrated
from clustering.training.annotated import product_folds, register
from clustering.training.train_adapter import Recipe, save, train
from clustering.training.wordings import NONE, Wording

Rows = NDArray[np.float32]
Numbers = NDArray[np.int64]

_ROUNDS: Final = 3


@dataclass(frozen=True, slots=True)
class Scored:
    """One product's texts against its needs, (n, k), and each one's need or NONE, (n,).

    `quiet` are its notes in which nothing is asked, (m, k).
    """

    name: str
    scores: Rows
    truth: Numbers
    quiet: Rows


def scored(wording: Wording, encoder: Encoder) -> Scored:
    """A product's texts against its needs as this encoder sees them."""
    needs = encoder.encode(wording.needs).T
    return Scored(
        wording.name,
        encoder.encode(wording.spans) @ needs,
        np.array(wording.need_of, dtype=np.int64),
        encoder.encode(wording.quiet) @ needs,
    )


def fold_adapter(
    wordings: Sequence[Wording], recipe: Recipe, fold: int, left: Sequence[str], folder: Path
) -> Path:
    """The file of updates learned without the products `left`: kept in the folder, or trained."""
    path = folder / f"adapter-{fold}.safetensors"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        kept = [wording for wording in wordings if wording.name not in left]
        save(train(kept, recipe), recipe, kept, path)
    return path


def left_out(wordings: Sequence[Wording], recipe: Recipe, folder: Path) -> list[Scored]:
    """Every product, scored by the encoder of the fold that was not taught on it."""
    found = []
    for number, left in enumerate(product_folds({wording.name for wording in wordings})):
        encoder = load_adapted(fold_adapter(wordings, recipe, number, left, folder))
        found += [scored(wording, encoder) for wording in wordings if wording.name in left]
    return found


def calibrate(wordings: Sequence[Wording], recipe: Recipe, folder: Path) -> Calibration:
    """What scores mean, by the encoders of folds; their figures are printed."""
    return report(left_out(wordings, recipe, folder))


def report(products: Sequence[Scored]) -> Calibration:
    """Print how the needs of products left out are found, and fit what scores mean on them."""
    for kind in ("story", "plain"):
        figures = np.array([rank_shares(p) for p in products if register(p.name) == kind])
        shown = [
            f"{mean:.3f} ± {spread:.3f}"
            for mean, spread in zip(figures.mean(axis=0), figures.std(axis=0), strict=True)
        ]
        print(f"{kind:<6} top 1 {shown[0]}   top 3 {shown[1]}", flush=True)
    found = fit_calibration(products)
    print(found.as_json(), flush=True)
    return found


def rank_shares(product: Scored) -> tuple[float, float]:
    """(top 1, top 3) over the texts that have a need."""
    named = product.truth != NONE
    table, own = product.scores[named], product.scores[named, product.truth[named]]
    better = (table > own[:, None]).sum(axis=1)
    return float((better < 1).mean()), float((better < 3).mean())


def fit_calibration(products: Sequence[Scored]) -> Calibration:
    """Slope, 'none' and its lift by greatest likelihood."""
    from scipy.optimize import minimize

    flat = np.concatenate([product.scores.ravel() for product in products])
    mean, deviation = float(flat.mean()), float(flat.std())
    tables = [table for product in products for table in _tables(product)]

    def trial(weights: Sequence[float]) -> Calibration:
        slope, none, lift = (round(float(weight), 3) for weight in weights)
        return Calibration(round(mean, 4), round(deviation, 4), slope, none, lift)

    def loss(weights: Sequence[float]) -> float:
        tried = trial(weights)
        return sum(
            weight * surprise(calibrated(scores, tried), truth) for weight, scores, truth in tables
        )

    best = minimize(loss, (2.5, 6.0, 0.4), method="Nelder-Mead", options={"maxiter": 200})
    return trial(best.x)


def surprise(shares: Rows, truth: Numbers) -> float:
    """Sum of the negative log-likelihood of the truths, 'none' being what the shares leave."""
    given = shares[np.arange(len(truth)), np.maximum(truth, 0)]
    chance = np.where(truth == NONE, 1.0 - shares.sum(axis=1), given)
    return float(-np.log(np.maximum(chance, 1e-9)).sum())


def _tables(product: Scored) -> Iterator[tuple[float, Rows, Numbers]]:
    """(weight, scores, truths): all needs, then a third hidden, in rounds that weigh as one."""
    yield 1.0, product.scores, product.truth
    if len(product.quiet):
        yield 1.0, product.quiet, np.full(len(product.quiet), NONE)
    needs = product.scores.shape[1]
    part = np.array([zlib.crc32(f"{product.name}{n}".encode()) % _ROUNDS for n in range(needs)])
    for hidden in range(_ROUNDS):
        shown = np.flatnonzero(part != hidden)
        place = np.full(needs + 1, NONE)
        place[shown] = np.arange(len(shown))
        yield 1.0 / _ROUNDS, product.scores[:, shown], place[product.truth]
