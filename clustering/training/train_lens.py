"""Learn the lens on the packs: `python -m clustering.training.train_lens`.

Contrastive (InfoNCE): inside each product, a span against all needs of that product, and a
span against the other spans of its need; the map is held near zero, so that words it hasn't
met keep their meaning. Products left out in six folds give the figures and the calibration;
what is shipped is then learned on all. Deterministic for a seed and a version of PyTorch.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from clustering.assign import profile_texts
from clustering.encoder import Encoder, load_encoder
from clustering.lens import WEIGHTS, Calibration, Lens, calibrated
from clustering.training.annotated import PACKS, product_folds, register
from clustering.training.remembering import RememberingEncoder

Rows = NDArray[np.float32]
Numbers = NDArray[np.int64]

NONE = -1
_EPOCHS, _RATE, _HOLD, _DROPOUT = 25, 1e-3, 0.03, 0.1
_SPAN_WEIGHT = 0.5


@dataclass(frozen=True, slots=True)
class Product:
    """One pack: its needs' rows (k, d), its texts' rows (n, d) and each text's need or NONE.

    Texts are the annotated spans, and whole notes in which nothing is asked.
    """

    name: str
    needs: Rows
    texts: Rows
    need_of: Numbers


def load_products(encoder: Encoder, folder: Path = PACKS) -> list[Product]:
    """Every pack in the folder, by name, encoded."""
    products = []
    for path in sorted(folder.glob("*/needs.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            needs = list(csv.DictReader(stream))
        place = {row["need_id"]: n for n, row in enumerate(needs)}
        heads = [profile_texts(row["customer_need"], row["description"])[0] for row in needs]
        texts: list[str] = []
        need_of: list[int] = []
        for line in (path.parent / "notes.jsonl").read_text(encoding="utf-8").splitlines():
            note = json.loads(line)
            for span in note["spans"]:
                texts.append(note["text"][span["start"] : span["end"]])
                need_of.append(NONE if span["need"] is None else place[span["need"]])
            if not note["spans"]:
                texts.append(note["text"])
                need_of.append(NONE)
        products.append(
            Product(
                path.parent.name, encoder.encode(heads), encoder.encode(texts), np.array(need_of)
            )
        )
    return products


def learn(products: Sequence[Product], seed: int = 0) -> Rows:
    """The map's matrix (d, d), learned on these products alone."""
    torch.manual_seed(seed)
    width = products[0].needs.shape[1]
    matrix = torch.zeros(width, width, requires_grad=True)
    heat = torch.tensor(np.log(20.0), dtype=torch.float32, requires_grad=True)
    optimiser = torch.optim.AdamW([matrix, heat], lr=_RATE, weight_decay=0.0)
    chance = torch.Generator().manual_seed(seed)
    for _ in range(_EPOCHS):
        for number in torch.randperm(len(products), generator=chance):
            kept = (torch.rand(width, generator=chance) > _DROPOUT).float()
            loss = _loss(products[int(number)], matrix, heat, kept)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    return matrix.detach().numpy()


def _loss(product: Product, matrix: Any, heat: Any, kept: Any) -> Any:
    named = product.need_of != NONE
    truth = torch.tensor(product.need_of[named])
    spans, needs = (
        functional.normalize(rows + rows @ matrix, dim=1)
        for rows in (torch.tensor(product.texts[named]) * kept, torch.tensor(product.needs) * kept)
    )
    loss = functional.cross_entropy(torch.exp(heat) * spans @ needs.T, truth, label_smoothing=0.05)
    alike = torch.exp(heat) * spans @ spans.T
    alike = alike.masked_fill(torch.eye(len(spans), dtype=torch.bool), -1e9)
    same = (truth[:, None] == truth[None]).fill_diagonal_(False)
    several = same.any(1)
    share = alike - torch.logsumexp(alike, 1, keepdim=True)
    pull = (share * same).sum(1)[several] / same.sum(1)[several]
    return loss - _SPAN_WEIGHT * pull.mean() + _HOLD * (matrix**2).sum()


def similarities(product: Product, matrix: Rows | None) -> Rows:
    """Texts against needs, (n, k), through the map or plain."""
    lens = Lens(matrix, Calibration(0.0, 1.0, 1.0, 0.0))
    return lens.apply(product.texts) @ lens.apply(product.needs).T


def fit_calibration(scores: Sequence[Rows], truths: Sequence[Numbers]) -> Calibration:
    """Slope and 'none' by greatest likelihood, on products that the map has not seen."""
    flat = np.concatenate([table.ravel() for table in scores])
    mean, deviation = float(flat.mean()), float(flat.std())
    best, least = Calibration(mean, deviation, 1.0, 0.0), np.inf
    for slope in np.arange(0.8, 3.01, 0.1):
        for none in np.arange(0.0, 8.01, 0.2):
            trial = Calibration(mean, deviation, round(float(slope), 2), round(float(none), 2))
            loss = sum(
                _surprise(calibrated(table, trial), truth)
                for table, truth in zip(scores, truths, strict=True)
            )
            if loss < least:
                best, least = trial, loss
    return best


def _surprise(shares: Rows, truth: Numbers) -> float:
    given = shares[np.arange(len(truth)), np.maximum(truth, 0)]
    chance = np.where(truth == NONE, 1.0 - shares.sum(axis=1), given)
    return float(-np.log(np.maximum(chance, 1e-9)).sum())


def _rank_shares(table: Rows, truth: Numbers) -> tuple[float, float]:
    """(top 1, top 3) over the texts that have a need."""
    named = truth != NONE
    own = table[named, truth[named]]
    better = (table[named] > own[:, None]).sum(axis=1)
    return float((better < 1).mean()), float((better < 3).mean())


def _report(title: str, tables: dict[str, Rows], products: Sequence[Product]) -> Calibration:
    for kind in ("story", "plain"):
        chosen = [p for p in products if register(p.name) == kind]
        figures = np.array([_rank_shares(tables[p.name], p.need_of) for p in chosen])
        mean, spread = figures.mean(axis=0), figures.std(axis=0)
        print(
            f"{title:<6}{kind:<6} top 1 {mean[0]:.3f} ± {spread[0]:.3f}"
            f"   top 3 {mean[1]:.3f} ± {spread[1]:.3f}"
        )
    found = fit_calibration([tables[p.name] for p in products], [p.need_of for p in products])
    print(f"{title:<6}{found.as_json()}", flush=True)
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Report on products left out, then learn on all and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, help="folder that keeps encoded texts")
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    given = parser.parse_args(arguments)
    torch.set_num_threads(1)
    encoder = load_encoder()
    products = load_products(RememberingEncoder(encoder, given.cache))
    _report("plain", {p.name: similarities(p, None) for p in products}, products)
    tables: dict[str, Rows] = {}
    for fold in product_folds({p.name for p in products}):
        matrix = learn([p for p in products if p.name not in fold])
        tables |= {p.name: similarities(p, matrix) for p in products if p.name in fold}
    calibration = _report("lens", tables, products)
    from safetensors.numpy import save_file

    about = {"encoder": encoder.fingerprint, "calibration": calibration.as_json(), "seed": "0"}
    save_file({"matrix": learn(products)}, given.out, metadata=about)


if __name__ == "__main__":
    main()
