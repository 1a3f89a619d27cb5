"""The reader's judge at inference: a small recurrent network over a note's clauses, in NumPy.

Every clause is read as (sentence vector, cues, vocabulary terms), projected, and passed
through a two-way GRU along the note, so that a clause is judged in its context. A linear-chain
CRF (Lafferty, McCallum, Pereira 2001) whose transitions depend on the break between two
clauses decides which clauses open a request, continue one, or are neither. A second trunk of
the same make judges the severity of a stretch of clauses.

Each note is computed by itself: its figures can't depend on the notes read beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

OUTSIDE, OPENS, CONTINUES = 0, 1, 2
_FORBIDDEN = np.float32(-1e4)


@dataclass(frozen=True, slots=True)
class NoteInput:
    """What the network sees of one note of n clauses.

    vectors: (n, d) float32 unit rows; cues: (n, c) float32; terms: n arrays of vocabulary
    places; breaks: (n,) int64, what opened each clause.
    """

    vectors: Floats
    cues: Floats
    terms: Sequence[NDArray[np.int64]]
    breaks: NDArray[np.int64]


class Trunk:
    """Projection and two-way GRU of all members of an ensemble at once.

    M members of h hidden and r recurrent units each are computed side by side: their
    projections in one product, their GRUs in one walk along the note.
    """

    def __init__(self, members: Sequence[Mapping[str, Floats]]) -> None:
        self._count = len(members)
        for_inputs = ("vectors", "cues", "terms", "bias")
        self._w = {name: np.concatenate([m[name] for m in members], -1) for name in for_inputs}
        for part in ("input", "hidden", "input_bias", "hidden_bias"):
            self._w[part] = np.stack(
                [m[f"{way}.{part}"] for way in ("forward", "backward") for m in members]
            )

    def states(self, note: NoteInput) -> Floats:
        """Hidden states (M, n, 2r + h), float32: both directions, and the projection."""
        w = self._w
        hidden = note.vectors @ w["vectors"] + note.cues @ w["cues"] + w["bias"]
        for place, columns in enumerate(note.terms):
            hidden[place] += w["terms"][columns].sum(axis=0)
        hidden = np.maximum(hidden, 0).reshape(len(hidden), self._count, -1).transpose(1, 0, 2)
        both = self._walk(np.concatenate([hidden, hidden[:, ::-1]]))
        forward, backward = both[: self._count], both[self._count :, ::-1]
        return np.concatenate([forward, backward, hidden], axis=2)

    def _walk(self, inputs: Floats) -> Floats:
        """GRUs over (2M, n, h): gates in PyTorch's order, reset, update, new (Cho et al. 2014)."""
        w = self._w
        width = w["hidden"].shape[1]
        projected = inputs @ w["input"] + w["input_bias"][:, None, :]
        state = np.zeros((len(inputs), 1, width), dtype=np.float32)
        states = np.empty((*inputs.shape[:2], width), dtype=np.float32)
        for place in range(inputs.shape[1]):
            row = projected[:, place : place + 1]
            own = state @ w["hidden"] + w["hidden_bias"][:, None, :]
            gates = _sigmoid(row[..., : 2 * width] + own[..., : 2 * width])
            reset, update = gates[..., :width], gates[..., width:]
            new = np.tanh(row[..., 2 * width :] + reset * own[..., 2 * width :])
            state = (1 - update) * new + update * state
            states[:, place] = state[:, 0]
        return states


class SpanJudge:
    """Scores which clauses form requests; the members of the ensemble are averaged."""

    def __init__(self, members: Sequence[Mapping[str, Floats]]) -> None:
        self._trunk = Trunk(members)
        self._output = np.stack([member["output"] for member in members])
        self._bias = np.stack([member["output_bias"] for member in members])[:, None, :]
        transitions = np.stack([member["transitions"] for member in members]).mean(axis=0)
        transitions[:, OUTSIDE, CONTINUES] = _FORBIDDEN
        self._transitions = np.asarray(transitions, dtype=np.float32)

    def scores(self, note: NoteInput) -> tuple[Floats, Floats]:
        """(emissions (n, 3), transitions (n, 3, 3) from the label before), float32."""
        emissions = self._trunk.states(note) @ self._output + self._bias
        return np.asarray(emissions.mean(axis=0)), self._transitions[note.breaks]


class SeverityJudge:
    """Probabilities of the severities of stretches of clauses, averaged over the members."""

    def __init__(self, members: Sequence[Mapping[str, Floats]]) -> None:
        self._trunk = Trunk(members)
        self._output = np.stack([member["output"] for member in members])
        self._bias = np.stack([member["output_bias"] for member in members])[:, None, :]

    def probabilities(self, note: NoteInput, stretches: Sequence[tuple[int, int]]) -> Floats:
        """Float32 (len(stretches), 3), worst first; a stretch is a half-open clause range."""
        if not stretches:
            return np.zeros((0, self._bias.shape[-1]), dtype=np.float32)
        states = self._trunk.states(note)
        pooled = np.stack([_pool(states[:, begin:end]) for begin, end in stretches], axis=1)
        return softmax(np.asarray((pooled @ self._output + self._bias).mean(axis=0)))


def _pool(states: Floats) -> Floats:
    """Mean and maximum over a stretch, side by side: (M, k, s) to (M, 2s)."""
    return np.concatenate([states.mean(axis=1), states.max(axis=1)], axis=1)


def best_labels(emissions: Floats, transitions: Floats) -> list[int]:
    """The best labelling (Viterbi) of n clauses; the first clause can't continue anything."""
    score = emissions[0].copy()
    score[CONTINUES] += _FORBIDDEN
    back: list[NDArray[np.intp]] = []
    for place in range(1, len(emissions)):
        table = score[:, None] + transitions[place]
        back.append(table.argmax(axis=0))
        score = table.max(axis=0) + emissions[place]
    labels = [int(score.argmax())]
    for choice in reversed(back):
        labels.append(int(choice[labels[-1]]))
    return labels[::-1]


def marginals(emissions: Floats, transitions: Floats) -> Floats:
    """P(label) of each clause (forward-backward), float32 (n, 3)."""
    count = len(emissions)
    ahead = np.empty((count, 3), dtype=np.float64)
    behind = np.zeros((count, 3), dtype=np.float64)
    ahead[0] = emissions[0]
    ahead[0, CONTINUES] += _FORBIDDEN
    for place in range(1, count):
        table = ahead[place - 1][:, None] + transitions[place]
        ahead[place] = np.logaddexp.reduce(table, axis=0) + emissions[place]
    for place in range(count - 2, -1, -1):
        table = transitions[place + 1] + (emissions[place + 1] + behind[place + 1])[None, :]
        behind[place] = np.logaddexp.reduce(table, axis=1)
    return softmax((ahead + behind).astype(np.float32))


def softmax(scores: Floats) -> Floats:
    """Row-wise softmax, float32."""
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True), dtype=np.float32)


def _sigmoid(values: Floats) -> Floats:
    return np.asarray(0.5 * (1 + np.tanh(0.5 * values)), dtype=np.float32)
