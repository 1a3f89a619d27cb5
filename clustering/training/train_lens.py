"""Learn the lens on the packs: `python -m clustering.training.train_lens`.

Contrastive (InfoNCE): inside each product, a span against all needs of that product, and a
span against the other spans of its need; the map is held near zero, so that words it hasn't
met keep their meaning. Products left out in six folds give the figures and the calibration;
what is shipped is then learned on all. Deterministic for a seed and a version of PyTorch.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from clustering.encoder import Encoder, load_encoder
from clustering.lens import WEIGHTS, Calibration, Lens
from clustering.training.annotated import PACKS, product_folds
from clustering.training.calibrate import Scored, report
from clustering.training.remembering import RememberingEncoder
from clustering.training.wordings import NONE, load_wordings

Rows = NDArray[np.float32]
Numbers = NDArray[np.int64]

_EPOCHS, _RATE, _HOLD, _DROPOUT = 25, 1e-3, 0.03, 0.1
_SPAN_WEIGHT = 0.5


@dataclass(frozen=True, slots=True)
class Product:
    """One pack: its needs' rows (k, d), its texts' rows (n, d) and each text's need or NONE.

    `quiet` are the rows of whole notes in which nothing is asked.
    """

    name: str
    needs: Rows
    texts: Rows
    need_of: Numbers
    quiet: Rows


def load_products(encoder: Encoder, folder: Path = PACKS) -> list[Product]:
    """Every pack in the folder, by name, encoded."""
    return [
        Product(
            wording.name,
            encoder.encode(wording.needs),
            encoder.encode(wording.spans),
            np.array(wording.need_of, dtype=np.int64),
            encoder.encode(wording.quiet),
        )
        for wording in load_wordings(folder)
    ]


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


def similarities(product: Product, matrix: Rows | None) -> Scored:
    """Texts against needs, through the map or plain."""
    lens = Lens(matrix, Calibration(0.0, 1.0, 1.0, 0.0))
    needs = lens.apply(product.needs).T
    texts, quiet = lens.apply(product.texts), lens.apply(product.quiet)
    return Scored(product.name, texts @ needs, product.need_of, quiet @ needs)


def main(arguments: Sequence[str] | None = None) -> None:
    """Report on products left out, then learn on all and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, help="folder that keeps encoded texts")
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    given = parser.parse_args(arguments)
    torch.set_num_threads(1)
    encoder = load_encoder()
    products = load_products(RememberingEncoder(encoder, given.cache))
    print("plain")
    report([similarities(product, None) for product in products])
    found: list[Scored] = []
    for fold in product_folds({p.name for p in products}):
        matrix = learn([p for p in products if p.name not in fold])
        found += [similarities(p, matrix) for p in products if p.name in fold]
    print("lens")
    calibration = report(found)
    from safetensors.numpy import save_file

    about = {"encoder": encoder.fingerprint, "calibration": calibration.as_json(), "seed": "0"}
    save_file({"matrix": learn(products)}, given.out, metadata=about)


if __name__ == "__main__":
    main()
