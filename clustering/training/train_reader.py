"""Train the reader on the packs: `python -m clustering.training.train_reader`.

Deterministic for a seed, a machine and a version of PyTorch: one thread, fixed order.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn

from clustering.clause_network import Floats
from clustering.reading import CENTRE, WEIGHTS, ReaderWeights, load_clause_encoder
from clustering.training.annotated import FURTHER, AnnotatedNote, load_packs
from clustering.training.reader_examples import (
    Example,
    PreparedNote,
    build_vocabulary,
    prepare,
    to_example,
)
from clustering.training.reader_network import (
    SeverityNetwork,
    Shape,
    SpanNetwork,
    exported,
    make_batch,
)
from clustering.training.remembering import RememberingEncoder

SEEDS = (0, 1, 2)
FURTHER_TIMES = 3
"""How often a further note counts: they are few beside the packs."""

SEVERITY_TEMPERATURE = 1.35
"""Chosen on products left out (Guo et al. 2017): see the model card."""

_BATCH = 32
_EPOCHS = 8
_RATE = 2e-3
_DECAY = 1e-3
_SORTED_AT_ONCE = 512


def training_notes() -> list[AnnotatedNote]:
    """All the reader learns from: the packs, and the further notes, each so many times."""
    return load_packs() + load_packs(FURTHER) * FURTHER_TIMES


def train_reader(notes: Sequence[PreparedNote], seeds: Sequence[int] = SEEDS) -> ReaderWeights:
    """Train both ensembles, one member of each for every seed.

    A note given several times counts so often for the spans, and once for the severities.
    """
    vocabulary = build_vocabulary(notes)
    worded = [one for one in notes if one.read.clauses]
    centre = centre_of(worded)
    examples = [to_example(one, vocabulary, centre) for one in worded]
    distinct = {one.note: example for one, example in zip(worded, examples, strict=True)}
    with_requests = [example for example in distinct.values() if example.stretches]
    given = examples[0].given
    shape = Shape(given.vectors.shape[1], given.cues.shape[1], len(vocabulary))
    weights = class_weights(with_requests)
    spans: list[Mapping[str, Floats]] = []
    severities: list[Mapping[str, Floats]] = []
    for seed in seeds:
        torch.manual_seed(seed)
        spans.append(_train(SpanNetwork(shape), examples, seed))
        severity = SeverityNetwork(shape, weights)
        severities.append(_calibrated(_train(severity, with_requests, seed)))
    return ReaderWeights(vocabulary, spans, severities, centre)


def centre_of(notes: Sequence[PreparedNote]) -> Floats:
    """The mean row (d,) of all clauses, float32, to the precision in which it is kept."""
    mean = np.concatenate([one.vectors for one in notes]).mean(axis=0, dtype=np.float64)
    return np.asarray(mean.astype(np.float16), dtype=np.float32)


def _calibrated(member: dict[str, Floats]) -> dict[str, Floats]:
    """Logits divided by the temperature: the same severities, less sure of them."""
    for name in ("output", "output_bias"):
        member[name] = member[name] / np.float32(SEVERITY_TEMPERATURE)
    return member


def class_weights(examples: Sequence[Example]) -> list[float]:
    """Inverse square roots of the severities' frequencies, mean one over the requests."""
    counts = np.bincount([s[2] for e in examples for s in e.stretches], minlength=3) + 1.0
    raw = 1 / np.sqrt(counts)
    return [float(weight) for weight in raw * counts.sum() / (raw * counts).sum()]


def _train(
    network: SpanNetwork | SeverityNetwork, examples: Sequence[Example], seed: int
) -> dict[str, Floats]:
    order = np.random.default_rng(seed)
    optimiser = torch.optim.AdamW(network.parameters(), lr=_RATE, weight_decay=_DECAY)
    steps = -(-len(examples) // _BATCH) * _EPOCHS + _EPOCHS * (len(examples) // _SORTED_AT_ONCE + 1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, _RATE, total_steps=steps, pct_start=0.1
    )
    network.train()
    for _ in range(_EPOCHS):
        for chosen in _batches(examples, order):
            loss = network.loss(make_batch([examples[place] for place in chosen]))
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            nn.utils.clip_grad_norm_(network.parameters(), 5.0)
            optimiser.step()
            schedule.step()
    return exported(network.eval())


def _batches(examples: Sequence[Example], order: np.random.Generator) -> list[list[int]]:
    """Batches of notes of like length, in random order."""
    shuffled = order.permutation(len(examples)).tolist()
    batches: list[list[int]] = []
    for start in range(0, len(shuffled), _SORTED_AT_ONCE):
        part = sorted(
            shuffled[start : start + _SORTED_AT_ONCE], key=lambda place: len(examples[place].labels)
        )
        batches += [part[begin : begin + _BATCH] for begin in range(0, len(part), _BATCH)]
    return [batches[place] for place in order.permutation(len(batches))]


def save(weights: ReaderWeights, path: Path) -> None:
    """Write float16 safetensors, the vocabulary in the metadata."""
    from safetensors.numpy import save_file

    tensors = {CENTRE: weights.centre.astype(np.float16)}
    for kind, members in (("spans", weights.spans), ("severities", weights.severities)):
        for number, member in enumerate(members):
            for name, tensor in member.items():
                tensors[f"{kind}.{number}.{name}"] = tensor.astype(np.float16)
    terms = sorted(weights.vocabulary, key=lambda term: weights.vocabulary[term])
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, path, metadata={"vocabulary": json.dumps(terms, ensure_ascii=True)})


def main() -> None:
    """Train on all packs and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=WEIGHTS)
    parser.add_argument("--cache", type=Path, help="folder to keep the clauses' vectors in")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    notes = prepare(training_notes(), RememberingEncoder(load_clause_encoder(), arguments.cache))
    save(train_reader(notes), arguments.output)
    print(f"{len(notes)} notes -> {arguments.output} ({arguments.output.stat().st_size:,} bytes)")


if __name__ == "__main__":
    main()
