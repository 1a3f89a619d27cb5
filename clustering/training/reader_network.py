"""The reader's networks in PyTorch, for training; `clause_network` computes them in NumPy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from clustering.clause_network import CONTINUES, OUTSIDE
from clustering.segmentation import Break
from clustering.training.reader_examples import Example

_LABELS = 3
_SEVERITIES = 3
_FORBIDDEN = -1e4
_TERM_SCALE = 0.02


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of a network; the dropouts are of the inputs and of the hidden layers."""

    vectors: int
    cues: int
    terms: int
    hidden: int = 96
    recurrent: int = 48
    input_dropout: float = 0.25
    dropout: float = 0.4


@dataclass(frozen=True, slots=True)
class Batch:
    """B notes padded to L clauses: inputs (B, L, .), labels and breaks (B, L), lengths (B,).

    terms: the vocabulary places of all B x L clauses, one after another; term_starts (B x L,)
    says where each clause's begin.
    """

    vectors: Tensor
    cues: Tensor
    terms: Tensor
    term_starts: Tensor
    labels: Tensor
    breaks: Tensor
    lengths: Tensor
    stretches: list[tuple[int, int, int, int]]


class Trunk(nn.Module):
    """Projection of a clause and a two-way GRU along its note."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.vectors = nn.Linear(shape.vectors, shape.hidden)
        self.cues = nn.Linear(shape.cues, shape.hidden)
        self.terms = nn.EmbeddingBag(shape.terms, shape.hidden, mode="sum")
        nn.init.uniform_(self.terms.weight, -_TERM_SCALE, _TERM_SCALE)
        self.gru = nn.GRU(shape.hidden, shape.recurrent, batch_first=True, bidirectional=True)
        self.input_dropout = nn.Dropout(shape.input_dropout)
        self.dropout = nn.Dropout(shape.dropout)
        self.width = 2 * shape.recurrent + shape.hidden

    def forward(self, batch: Batch) -> Tensor:
        """Hidden states (B, L, width)."""
        drop = self.input_dropout
        hidden = self.vectors(drop(batch.vectors)) + self.cues(drop(batch.cues))
        kept = drop(torch.ones(len(batch.terms)))
        terms = self.terms(batch.terms, batch.term_starts, per_sample_weights=kept)
        hidden = self.dropout(torch.relu(hidden + terms.view(*hidden.shape)))
        packed = nn.utils.rnn.pack_padded_sequence(
            hidden, batch.lengths, batch_first=True, enforce_sorted=False
        )
        states, _ = nn.utils.rnn.pad_packed_sequence(self.gru(packed)[0], batch_first=True)
        joined: Tensor = self.dropout(torch.cat([states, hidden], dim=-1))
        return joined


class SpanNetwork(nn.Module):
    """A linear-chain CRF whose transitions depend on the break between two clauses."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.trunk = Trunk(shape)
        self.output = nn.Linear(self.trunk.width, _LABELS)
        self.transitions = nn.Parameter(torch.zeros(len(Break), _LABELS, _LABELS))
        self.common = nn.Parameter(torch.zeros(_LABELS, _LABELS))

    def loss(self, batch: Batch) -> Tensor:
        """Mean negative log-likelihood of the notes' labellings."""
        emissions = self.output(self.trunk(batch))
        forbidden = torch.zeros(_LABELS, _LABELS)
        forbidden[OUTSIDE, CONTINUES] = _FORBIDDEN
        transitions = self.transitions[batch.breaks] + self.common + forbidden
        start = torch.zeros(_LABELS)
        start[CONTINUES] = _FORBIDDEN
        labels, rows = batch.labels, torch.arange(len(batch.labels))
        total = emissions[:, 0] + start
        gold = total.gather(1, labels[:, :1])[:, 0]
        for place in range(1, emissions.shape[1]):
            alive = place < batch.lengths
            table = total[:, :, None] + transitions[:, place]
            total = torch.where(
                alive[:, None], torch.logsumexp(table, 1) + emissions[:, place], total
            )
            step = transitions[rows, place, labels[:, place - 1], labels[:, place]]
            step = step + emissions[rows, place, labels[:, place]]
            gold = gold + torch.where(alive, step, torch.zeros_like(step))
        loss: Tensor = (torch.logsumexp(total, 1) - gold).mean()
        return loss


class SeverityNetwork(nn.Module):
    """Severity of a stretch of clauses from the mean and maximum of its states."""

    def __init__(self, shape: Shape, class_weights: Sequence[float]) -> None:
        super().__init__()
        self.trunk = Trunk(shape)
        self.output = nn.Linear(2 * self.trunk.width, _SEVERITIES)
        self.register_buffer("class_weights", torch.tensor(class_weights))

    def loss(self, batch: Batch) -> Tensor:
        """Weighted cross-entropy over the batch's requests."""
        states = self.trunk(batch)
        pooled = [
            torch.cat([states[row, begin:end].mean(0), states[row, begin:end].amax(0)])
            for row, begin, end, _ in batch.stretches
        ]
        truth = torch.tensor([rank for *_, rank in batch.stretches])
        weights = self.get_buffer("class_weights")
        return nn.functional.cross_entropy(self.output(torch.stack(pooled)), truth, weight=weights)


def make_batch(examples: Sequence[Example]) -> Batch:
    """Pad examples to one batch."""
    longest = max(len(example.labels) for example in examples)
    rows = len(examples)
    first = examples[0].given
    vectors = torch.zeros(rows, longest, first.vectors.shape[1])
    cues = torch.zeros(rows, longest, first.cues.shape[1])
    terms: list[NDArray[np.int64]] = []
    counts = np.zeros((rows, longest), dtype=np.int64)
    labels = torch.zeros(rows, longest, dtype=torch.long)
    breaks = torch.zeros(rows, longest, dtype=torch.long)
    for row, example in enumerate(examples):
        count = len(example.labels)
        vectors[row, :count] = torch.from_numpy(example.given.vectors)
        cues[row, :count] = torch.from_numpy(example.given.cues)
        labels[row, :count] = torch.from_numpy(example.labels)
        breaks[row, :count] = torch.from_numpy(example.given.breaks)
        terms += example.given.terms
        counts[row, :count] = [len(columns) for columns in example.given.terms]
    lengths = torch.tensor([len(example.labels) for example in examples])
    stretches = [(row, *one) for row, example in enumerate(examples) for one in example.stretches]
    places = torch.from_numpy(np.concatenate(terms))
    starts = torch.from_numpy(np.concatenate([[0], counts.cumsum()[:-1]]))
    return Batch(vectors, cues, places, starts, labels, breaks, lengths, stretches)


def exported(network: SpanNetwork | SeverityNetwork) -> dict[str, NDArray[np.float32]]:
    """The weights under the names that `clause_network` reads, float32."""
    trunk, gru = network.trunk, network.trunk.gru
    bias = trunk.vectors.bias + trunk.cues.bias
    tensors = {
        "vectors": trunk.vectors.weight.T,
        "cues": trunk.cues.weight.T,
        "terms": trunk.terms.weight,
        "bias": bias,
        "output": network.output.weight.T,
        "output_bias": network.output.bias,
    }
    for direction, suffix in (("forward", "l0"), ("backward", "l0_reverse")):
        tensors[f"{direction}.input"] = getattr(gru, f"weight_ih_{suffix}").T
        tensors[f"{direction}.hidden"] = getattr(gru, f"weight_hh_{suffix}").T
        tensors[f"{direction}.input_bias"] = getattr(gru, f"bias_ih_{suffix}")
        tensors[f"{direction}.hidden_bias"] = getattr(gru, f"bias_hh_{suffix}")
    if isinstance(network, SpanNetwork):
        tensors["transitions"] = network.transitions + network.common
    return {name: np.ascontiguousarray(tensor.detach().numpy()) for name, tensor in tensors.items()}
