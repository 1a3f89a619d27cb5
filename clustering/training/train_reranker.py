"""Learn the re-ranker on the packs: `python -m clustering.training.train_reranker`.

A list-wise loss: a span, read together with its need and with the needs of its product that
the plain encoder takes for it most wrongly, is to choose its own among them, or 'none of
these'. Only the spans that the plain encoder is least sure of are learned from, as those are
what the re-ranker is for. The lower layers are the bundled encoder's and stay; the upper ones
get low-rank updates. With `--folds` products left out give the figures and the weights of
`clustering.doubt.Blend`; what is written is then learned on all.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from clustering.adapter import BASE, CONTENT, content_sha256
from clustering.encoder_files import BUNDLED_SHA256
from clustering.pair_network import apart, judged, together, unit_means
from clustering.rerank import SPLIT, TOKENS, WEIGHTS, bare_model
from clustering.training.annotated import PACKS
from clustering.training.train_adapter import PARTS, LowRank
from clustering.training.wordings import NONE, Wording, load_wordings

Rows = NDArray[np.float32]

_WIDTH: Final = 384
_SORTED: Final = 8


@dataclass(frozen=True, slots=True)
class PairRecipe:
    """What decides the outcome, kept in the metadata of the file of weights.

    Attributes:
        rank: of the updates. split: how many lower layers read each text alone.
        tokens: at which a text is cut.
        rate, head_rate: greatest learning rates. passes: over the spans learned from.
        share: of each product's spans, those learned from, the most doubtful.
        foes, pool: wrong needs beside the right one, drawn from so many nearest ones.
        lists: spans in a batch. heat: factor on cosines at the start, and on the plain
            encoder's, which is added while learning, so that what it knows isn't learned again.
    """

    rank: int = 32
    split: int = 3
    tokens: int = 48
    rate: float = 2e-3
    head_rate: float = 1e-3
    passes: int = 1
    share: float = 0.5
    foes: int = 3
    pool: int = 8
    lists: int = 24
    heat: float = 20.0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class _List:
    """One span of a product with the needs it is to choose among; the first is its own if any."""

    product: int
    span: int
    needs: tuple[int, ...]
    has_own: bool


class PairLearner:
    """The pair network in training."""

    def __init__(self, recipe: PairRecipe) -> None:
        self.recipe = recipe
        self.model, self.tokenizer = bare_model()
        self.updates: dict[str, LowRank] = {}
        for number, layer in enumerate(self.model.encoder.layer):
            for part in PARTS:
                parent, name = part.rsplit(".", 1)
                holder = layer.get_submodule(parent)
                if number < recipe.split:
                    getattr(holder, name).to(torch.bfloat16)
                    continue
                update = LowRank(getattr(holder, name), recipe.rank, 0.0)
                setattr(holder, name, update)
                self.updates[f"encoder.layer.{number}.{part}"] = update
        self.head = {
            "head.weight": nn.Parameter(torch.zeros(3 * _WIDTH)),
            "head.bias": nn.Parameter(torch.zeros(1)),
            "head.heat": nn.Parameter(torch.tensor(math.log(recipe.heat))),
            "head.item": nn.Parameter(torch.zeros(_WIDTH)),
        }
        self.none = nn.Parameter(torch.tensor([recipe.heat / 2]))

    def factors(self) -> list[nn.Parameter]:
        """Those of the updates."""
        return [p for update in self.updates.values() for p in (update.down, update.up)]

    def states(self, texts: Sequence[str]) -> list[Tensor]:
        """Each text's states (t, d) after the lower layers, bfloat16."""
        found = self.tokenizer(list(texts), truncation=True, max_length=self.recipe.tokens)
        ids = [list(row) for row in found["input_ids"]]
        order = sorted(range(len(ids)), key=lambda n: len(ids[n]))
        states: dict[int, Tensor] = {}
        for start in range(0, len(order), 32):
            batch = order[start : start + 32]
            tokens = torch.zeros(len(batch), max(len(ids[n]) for n in batch), dtype=torch.long)
            mask = torch.zeros_like(tokens, dtype=torch.bool)
            for row, n in enumerate(batch):
                tokens[row, : len(ids[n])] = torch.tensor(ids[n], dtype=torch.long)
                mask[row, : len(ids[n])] = True
            with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
                made = apart(self.model, tokens, mask, self.recipe.split).to(torch.bfloat16)
            for row, n in enumerate(batch):
                states[n] = made[row, : len(ids[n])].clone()
        return [states[n] for n in range(len(ids))]

    def plain_rows(self, states: Sequence[Tensor]) -> Tensor:
        """Unit rows (n, d) of texts from their states; the plain encoder's while untrained."""
        rows = torch.zeros(len(states), _WIDTH)
        order = sorted(range(len(states)), key=lambda n: len(states[n]))
        for start in range(0, len(order), 32):
            batch = order[start : start + 32]
            padded = nn.utils.rnn.pad_sequence([states[n] for n in batch], batch_first=True)
            lengths = torch.tensor([len(states[n]) for n in batch])
            mask = torch.arange(padded.shape[1])[None] < lengths[:, None]
            with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
                read = together(self.model, padded, mask, self.recipe.split)
            rows[batch] = unit_means(read, mask.float())
        return rows

    def scores(self, pairs: Sequence[tuple[Tensor, Tensor]]) -> Tensor:
        """Scores (n,) of (request, item) pairs of states."""
        length = max(len(one) + len(other) for one, other in pairs)
        states = torch.zeros(len(pairs), length, _WIDTH, dtype=torch.bfloat16)
        request = torch.zeros(len(pairs), length)
        item = torch.zeros(len(pairs), length)
        for row, (one, other) in enumerate(pairs):
            middle, end = len(one), len(one) + len(other)
            states[row, :middle], states[row, middle:end] = one, other
            request[row, :middle], item[row, middle:end] = 1.0, 1.0
        states = states + (item[:, :, None] * self.head["head.item"]).to(torch.bfloat16)
        mask = (request + item) > 0
        with torch.autocast("cpu", torch.bfloat16):
            read = together(self.model, states, mask, self.recipe.split)
        return judged(read, request, item, dict(self.head))

    def weights(self) -> dict[str, Tensor]:
        """Both factors of every update, float16, and the head, by name."""
        found = {name: part.detach().clone() for name, part in self.head.items()}
        found["head.plain"] = torch.tensor(self.recipe.heat)
        for name, update in self.updates.items():
            found[f"{name}.down"] = update.down.detach().half().contiguous()
            found[f"{name}.up"] = update.up.detach().half().contiguous()
        return found


def train(wordings: Sequence[Wording], recipe: PairRecipe | None = None) -> PairLearner:
    """A network whose updates are learned on these products alone; `save` it to use it."""
    recipe = recipe or PairRecipe()
    torch.manual_seed(recipe.seed)
    learner = PairLearner(recipe)
    texts = [(learner.states(w.spans), learner.states(w.needs)) for w in wordings]
    likeness = [
        (learner.plain_rows(spans) @ learner.plain_rows(needs).T).numpy() for spans, needs in texts
    ]
    batches = list(_batches(wordings, likeness, recipe))
    factors, head = learner.factors(), [*learner.head.values(), learner.none]
    rates = [recipe.rate, recipe.head_rate]
    optimiser = torch.optim.AdamW(
        [{"params": factors, "lr": rates[0]}, {"params": head, "lr": rates[1]}], weight_decay=0.01
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, rates, total_steps=len(batches), pct_start=0.1, anneal_strategy="linear"
    )
    for batch in batches:
        pairs = [
            (texts[e.product][0][e.span], texts[e.product][1][n]) for e in batch for n in e.needs
        ]
        known = np.concatenate([likeness[o.product][o.span, list(o.needs)] for o in batch])
        scores = learner.scores(pairs) + recipe.heat * torch.from_numpy(known)
        table = torch.cat([scores.view(len(batch), -1), learner.none.expand(len(batch), 1)], dim=1)
        truth = torch.tensor([0 if one.has_own else table.shape[1] - 1 for one in batch])
        loss = functional.cross_entropy(table, truth)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_([*factors, *head], 1.0)
        optimiser.step()
        schedule.step()
    return learner


def _batches(
    wordings: Sequence[Wording], likeness: Sequence[Rows], recipe: PairRecipe
) -> Iterator[list[_List]]:
    """Lists in batches of like length, products mixed, in an order of the seed's."""
    chance = np.random.default_rng(recipe.seed)
    for _ in range(recipe.passes):
        lists = [
            one
            for product, (wording, table) in enumerate(zip(wordings, likeness, strict=True))
            for one in _lists(product, wording, table, recipe, chance)
        ]
        lists = [lists[n] for n in chance.permutation(len(lists))]
        for start in range(0, len(lists), recipe.lists * _SORTED):
            part = lists[start : start + recipe.lists * _SORTED]
            part.sort(key=lambda one: len(wordings[one.product].spans[one.span]))
            pieces = [part[n : n + recipe.lists] for n in range(0, len(part), recipe.lists)]
            for number in chance.permutation(len(pieces)):
                yield pieces[number]


def _lists(
    product: int,
    wording: Wording,
    table: Rows,
    recipe: PairRecipe,
    chance: np.random.Generator,
) -> Iterator[_List]:
    two_best = np.sort(table, axis=1)[:, -2:]
    sure = two_best[:, 1] - two_best[:, 0]
    for span in np.argsort(sure, kind="stable")[: int(recipe.share * len(table))].tolist():
        own = wording.need_of[span]
        order = [n for n in np.argsort(-table[span], kind="stable").tolist() if n != own]
        foes = recipe.foes if own != NONE else recipe.foes + 1
        drawn = [order[n] for n in chance.permutation(min(recipe.pool, len(order)))[:foes]]
        needs = drawn if own == NONE else [own, *drawn]
        yield _List(product, span, tuple(needs), own != NONE)


def save(learner: PairLearner, wordings: Sequence[Wording], path: Path = WEIGHTS) -> None:
    """Write the weights as `load_reranker` reads them; the metadata says how they were made."""
    from safetensors.torch import save_file

    weights = learner.weights()
    recipe = learner.recipe
    about = {
        BASE: BUNDLED_SHA256,
        CONTENT: content_sha256(weights),
        SPLIT: str(recipe.split),
        TOKENS: str(recipe.tokens),
        "recipe": json.dumps(asdict(recipe), sort_keys=True),
        "products": " ".join(wording.name for wording in wordings),
        "torch": str(torch.__version__),
    }
    save_file(weights, path, metadata=about)


def main(arguments: Sequence[str] | None = None) -> None:
    """Report on products left out if asked to, then learn on all and write the weights."""
    from clustering.training.evaluate_reranker import report

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packs", type=Path, default=PACKS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folds", type=int, default=0, help="folds of products to leave out, 0..6")
    parser.add_argument("--cache", type=Path, help="folder that keeps what the folds have learned")
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    given = parser.parse_args(arguments)
    torch.set_num_threads(1)
    recipe = PairRecipe(seed=given.seed)
    wordings = load_wordings(given.packs)
    if given.folds:
        report(wordings, recipe, given.folds, given.cache)
    save(train(wordings, recipe), wordings, given.out)
    print(f"{len(wordings)} products -> {given.out}")


if __name__ == "__main__":
    main()
