"""Learn the encoder's adapter on the packs: `python -m clustering.training.train_adapter`.

Low-rank updates (LoRA, Hu et al. 2021) of the linear layers of the bundled encoder, learned
contrastively inside one product: a span against all needs of its product, a need against the
spans of the batch, and spans against one another, where those of the same need are friends and
all others foes. What is written are the two thin factors of each layer; their product is added
to the plain weights when the encoder is loaded. Deterministic for a seed, a version of PyTorch
and a kind of processor (products of matrices are taken in bfloat16).
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from clustering.adapter import BASE, CONTENT, REQUESTS, content_sha256
from clustering.encoder import BUNDLED, PIECES, load_encoder
from clustering.encoder_files import BUNDLED_SHA256, bundled_folder
from clustering.lens import PLAIN, Calibration
from clustering.training.annotated import PACKS
from clustering.training.wordings import NONE, Wording, load_wordings
from clustering.word_pieces import rarity_of

_TOGETHER: Final = 24
PARTS: Final = (
    "attention.self.query",
    "attention.self.key",
    "attention.self.value",
    "attention.output.dense",
    "intermediate.dense",
    "output.dense",
)


@dataclass(frozen=True, slots=True)
class Recipe:
    """What decides the outcome, kept in the metadata of the file of weights.

    Attributes:
        rank, layers: of the updates; how many of the encoder's last layers have them.
        rate, passes, batch, tokens: greatest learning rate, passes over all spans, spans in a
            batch, tokens at which a text is cut.
        heat: factor on cosines. smoothing: of the labels.
        span_weight, need_weight: of a span against the other spans of its batch, and of a need
            against the spans.
        dropout: chance that one of an update's `rank` features is left out.
    """

    rank: int = 32
    layers: int = 6
    rate: float = 2e-3
    passes: int = 2
    batch: int = 72
    tokens: int = 48
    heat: float = 20.0
    smoothing: float = 0.05
    span_weight: float = 0.5
    need_weight: float = 0.3
    dropout: float = 0.1
    seed: int = 0


class LowRank(nn.Module):
    """A frozen linear layer with a learned update: x W' + b + dropout(x A') B'."""

    def __init__(self, plain: nn.Linear, rank: int, dropout: float) -> None:
        super().__init__()
        self.plain = plain.to(torch.bfloat16)
        self.dropout = nn.Dropout(dropout)
        self.down = nn.Parameter(torch.empty(rank, plain.in_features))
        self.up = nn.Parameter(torch.zeros(plain.out_features, rank))
        nn.init.kaiming_uniform_(self.down, a=math.sqrt(5))

    def forward(self, rows: Tensor) -> Tensor:
        """Rows (..., in) to rows (..., out)."""
        answer: Tensor = self.plain(rows) + self.dropout(rows @ self.down.T) @ self.up.T
        return answer


class AdaptedEncoder:
    """The bundled transformer with updates in training: lists of token ids to unit rows."""

    def __init__(self, recipe: Recipe) -> None:
        from transformers import AutoModel, AutoTokenizer

        folder = str(bundled_folder())
        self.tokenizer: Any = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        self.model: Any = AutoModel.from_pretrained(
            folder, local_files_only=True, attn_implementation="eager"
        )
        self.model.eval().requires_grad_(False)
        self._tokens = recipe.tokens
        self.updates: dict[str, LowRank] = {}
        layers = self.model.encoder.layer
        for number in range(len(layers) - recipe.layers, len(layers)):
            for part in PARTS:
                parent, name = part.rsplit(".", 1)
                holder = layers[number].get_submodule(parent)
                update = LowRank(getattr(holder, name), recipe.rank, recipe.dropout)
                setattr(holder, name, update)
                self.updates[f"encoder.layer.{number}.{part}"] = update

    def learning(self, on: bool) -> None:
        """Dropout of the updates on or off; the rest of the encoder never drops anything."""
        for update in self.updates.values():
            update.train(on)

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of each text, cut, with the special tokens around."""
        found = self.tokenizer(list(texts), truncation=True, max_length=self._tokens)
        return [list(ids) for ids in found["input_ids"]]

    def rows(self, batch: Sequence[Sequence[int]]) -> Tensor:
        """Unit rows (n, d); texts of like length go through together, to spare padding."""
        order = sorted(range(len(batch)), key=lambda n: len(batch[n]))
        parts = [order[n : n + _TOGETHER] for n in range(0, len(order), _TOGETHER)]
        with torch.autocast("cpu", torch.bfloat16):
            found = torch.cat([self._forward([batch[n] for n in part]) for part in parts])
        return found[torch.tensor(order).argsort()]

    def _forward(self, batch: Sequence[Sequence[int]]) -> Tensor:
        """Unit rows (n, d): the mean of the last layer over the tokens."""
        length = max(len(ids) for ids in batch)
        tokens = torch.full((len(batch), length), self.tokenizer.pad_token_id, dtype=torch.long)
        mask = torch.zeros_like(tokens)
        for row, ids in enumerate(batch):
            tokens[row, : len(ids)] = torch.tensor(ids, dtype=torch.long)
            mask[row, : len(ids)] = 1
        states = self.model(input_ids=tokens, attention_mask=mask).last_hidden_state
        weight = mask.float()[:, :, None]
        mean = (states.float() * weight).sum(1) / weight.sum(1)
        return functional.normalize(mean, dim=1)

    def weights(self) -> dict[str, Tensor]:
        """Both factors of every update, float16, by the name of the layer they belong to."""
        found = {}
        for name, update in self.updates.items():
            found[f"{name}.down"] = update.down.detach().half().contiguous()
            found[f"{name}.up"] = update.up.detach().half().contiguous()
        return found


def train(wordings: Sequence[Wording], recipe: Recipe) -> AdaptedEncoder:
    """An encoder whose updates are learned on these products alone; ready to encode."""
    torch.manual_seed(recipe.seed)
    encoder = AdaptedEncoder(recipe)
    chance = torch.Generator().manual_seed(recipe.seed)
    texts = [(encoder.ids(w.spans), encoder.ids(w.needs)) for w in wordings]
    learned = [p for update in encoder.updates.values() for p in (update.down, update.up)]
    optimiser = torch.optim.AdamW(learned, lr=recipe.rate, weight_decay=0.01)
    batches = sum(1 for _ in _batches(wordings, recipe.batch, torch.Generator()))
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser,
        recipe.rate,
        total_steps=recipe.passes * batches,
        pct_start=0.1,
        anneal_strategy="linear",
    )
    encoder.learning(True)
    for _ in range(recipe.passes):
        for product, chosen in _batches(wordings, recipe.batch, chance):
            spans, needs = texts[product]
            rows = encoder.rows([*(spans[n] for n in chosen), *needs])
            truth = torch.tensor([wordings[product].need_of[n] for n in chosen])
            loss = _loss(rows[: len(chosen)], rows[len(chosen) :], truth, recipe)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(learned, 1.0)
            optimiser.step()
            schedule.step()
    encoder.learning(False)
    return encoder


def _batches(
    wordings: Sequence[Wording], size: int, chance: torch.Generator
) -> Iterator[tuple[int, list[int]]]:
    """(product, its spans) in batches of one product, about equal, products mixed."""
    batches = []
    for product, wording in enumerate(wordings):
        named = torch.tensor([n for n, need in enumerate(wording.need_of) if need != NONE])
        named = named[torch.randperm(len(named), generator=chance)]
        for part in torch.tensor_split(named, max(1, round(len(named) / size))):
            batches.append((product, part.tolist()))
    for number in torch.randperm(len(batches), generator=chance).tolist():
        yield batches[number]


def _loss(spans: Tensor, needs: Tensor, truth: Tensor, recipe: Recipe) -> Tensor:
    to_needs = recipe.heat * spans @ needs.T
    loss = functional.cross_entropy(to_needs, truth, label_smoothing=recipe.smoothing)
    alike = recipe.heat * spans @ spans.T
    alike = alike.masked_fill(torch.eye(len(spans), dtype=torch.bool), -1e9)
    same = (truth[:, None] == truth[None]).fill_diagonal_(False)
    loss = loss + recipe.span_weight * _pull(alike, same)
    theirs = torch.arange(len(needs))[:, None] == truth[None]
    return loss + recipe.need_weight * _pull(to_needs.T, theirs)


def _pull(scores: Tensor, friends: Tensor) -> Tensor:
    """Mean surprise at one's friends among all (supervised contrastive), over rows with any."""
    some = friends.any(1)
    if not bool(some.any()):
        return scores.sum() * 0.0
    share = scores[some] - torch.logsumexp(scores[some], 1, keepdim=True)
    return -((share * friends[some]).sum(1) / friends[some].sum(1)).mean()


def save(
    encoder: AdaptedEncoder,
    recipe: Recipe,
    wordings: Sequence[Wording],
    path: Path,
    calibration: Calibration = PLAIN,
) -> None:
    """Write the updates, and how rare pieces of words are, as safetensors.

    The metadata says how they were made, for which weights, and what scores then mean (which
    only the shipped file needs to know: see `lens_for`).
    """
    from safetensors.torch import save_file

    texts = (text for wording in wordings for text in (*wording.spans, *wording.needs))
    tensors = encoder.weights() | {PIECES: torch.from_numpy(rarity_of(texts)).half()}
    about = {
        BASE: BUNDLED_SHA256,
        CONTENT: content_sha256(tensors),
        "encoder": load_encoder(BUNDLED).fingerprint,
        "calibration": calibration.as_json(),
        "recipe": json.dumps(asdict(recipe), sort_keys=True),
        "products": " ".join(wording.name for wording in wordings),
        "torch": str(torch.__version__),
    }
    save_file(tensors, path, metadata=about)


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit the calibration on products left out, then learn on all and write the weights."""
    from clustering.training.calibrate import calibrate

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packs", type=Path, default=PACKS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cache", type=Path, default=Path("build/left-out"), help="of folds")
    parser.add_argument("--out", type=Path, default=REQUESTS)
    given = parser.parse_args(arguments)
    torch.set_num_threads(1)
    recipe = Recipe(seed=given.seed)
    wordings = load_wordings(given.packs)
    calibration = calibrate(wordings, recipe, given.cache)
    save(train(wordings, recipe), recipe, wordings, given.out, calibration)
    print(f"{len(wordings)} products -> {given.out}")


if __name__ == "__main__":
    main()
