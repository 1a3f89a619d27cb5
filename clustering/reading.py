"""A note in, its requests out: exact spans of the original text, each with a severity.

Chatter, praise, next steps, what is settled or withdrawn and what others wish is left out.
The judgement is trained on annotated packs of notes; `weights/READER.md` says how and how
well it does on products it never saw.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from clustering.clause_features import ReadNote, read_note
from clustering.clause_network import (
    CONTINUES,
    OPENS,
    OUTSIDE,
    Floats,
    NoteInput,
    SeverityJudge,
    SpanJudge,
    best_labels,
    marginals,
)
from clustering.encoder import Encoder, load_encoder
from models.errors import Unavailable
from models.severity import Severity

WEIGHTS = Path(__file__).parent / "weights" / "reader.safetensors"
_SEVERITIES = tuple(Severity)
_NOTES_AT_ONCE = 512


@dataclass(frozen=True, slots=True)
class ReadSpan:
    """One request of a note: `text[start:end]`, offsets in code points.

    confidence: how sure the reader is that this is a request, 0..1.
    severity_confidence: the probability of the severity given, 0..1.
    """

    start: int
    end: int
    confidence: float
    severity: Severity
    severity_confidence: float


@dataclass(frozen=True, slots=True)
class ReaderWeights:
    """Everything the reader has learned.

    vocabulary: term -> row of the `terms` matrices.
    spans, severities: the members of the two ensembles.
    """

    vocabulary: Mapping[str, int]
    spans: Sequence[Mapping[str, Floats]]
    severities: Sequence[Mapping[str, Floats]]


class Reader:
    """Reads notes. Thread-safe: it keeps no state between calls."""

    def __init__(self, encoder: Encoder, weights: ReaderWeights) -> None:
        self._encoder = encoder
        self._vocabulary = weights.vocabulary
        self._spans = SpanJudge(weights.spans)
        self._severities = SeverityJudge(weights.severities)

    def read(self, texts: Sequence[str]) -> list[list[ReadSpan]]:
        """The requests of each note, in order, non-overlapping, trimmed, never blank.

        A note's reading does not depend on the other notes of the call.
        """
        spans: list[list[ReadSpan]] = []
        for start in range(0, len(texts), _NOTES_AT_ONCE):
            notes = [read_note(text) for text in texts[start : start + _NOTES_AT_ONCE]]
            vectors = self._encoder.encode([plain for note in notes for plain in note.plains])
            begin = 0
            for note in notes:
                end = begin + len(note.clauses)
                spans.append(self._judge(note, vectors[begin:end]))
                begin = end
        return spans

    def _judge(self, note: ReadNote, vectors: Floats) -> list[ReadSpan]:
        if not note.clauses:
            return []
        given = note.as_input(vectors, self._vocabulary)
        emissions, transitions = self._spans.scores(given)
        stretches = _stretches(best_labels(emissions, transitions))
        inside = 1 - marginals(emissions, transitions)[:, OUTSIDE]
        return self._spans_of(note, given, stretches, inside)

    def _spans_of(
        self, note: ReadNote, given: NoteInput, stretches: list[tuple[int, int]], inside: Floats
    ) -> list[ReadSpan]:
        spans = []
        likely = self._severities.probabilities(given, stretches)
        for (begin, end), row in zip(stretches, likely, strict=True):
            best = int(row.argmax())
            spans.append(
                ReadSpan(
                    start=note.clauses[begin].start,
                    end=note.clauses[end - 1].end,
                    confidence=round(float(inside[begin:end].mean()), 4),
                    severity=_SEVERITIES[best],
                    severity_confidence=round(float(row[best]), 4),
                )
            )
        return spans


def load_reader(encoder: Encoder | None = None) -> Reader:
    """The trained reader. It always judges with the bundled encoder.

    Args:
        encoder: the bundled encoder, when it is loaded already.

    Raises:
        Unavailable: `reader_unavailable` when the weights are missing or don't fit the
            encoder; the encoder's own codes when it can't be loaded.
    """
    weights = load_weights(WEIGHTS)
    encoder = encoder if encoder is not None else load_encoder()
    expected = weights.spans[0]["vectors"].shape[0]
    if encoder.dimension != expected:
        raise Unavailable(
            f"The reader was trained on rows of {expected} numbers, this encoder gives "
            f"{encoder.dimension}. Read with the bundled encoder.",
            code="reader_unavailable",
        )
    return Reader(encoder, weights)


def load_weights(path: Path) -> ReaderWeights:
    """Read a weights file written by `clustering.training.train_reader`."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata()
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as broken:
        raise Unavailable(
            f"The reader's weights could not be read from {path}: {broken}. "
            "Install the project again, or run `make train-reader`.",
            code="reader_unavailable",
        ) from broken
    terms: list[str] = json.loads(metadata["vocabulary"])
    return ReaderWeights(
        vocabulary={term: place for place, term in enumerate(terms)},
        spans=_members(tensors, "spans"),
        severities=_members(tensors, "severities"),
    )


def _members(tensors: Mapping[str, Floats], kind: str) -> list[Mapping[str, Floats]]:
    """Tensors are named `kind.member.weight`; stored as float16, computed as float32."""
    members: dict[str, dict[str, Floats]] = {}
    for name in sorted(tensors):
        owner, member, weight = name.split(".", 2)
        if owner == kind:
            members.setdefault(member, {})[weight] = tensors[name].astype(np.float32)
    return list(members.values())


def _stretches(labels: Sequence[int]) -> list[tuple[int, int]]:
    """Half-open clause ranges of the requests in a labelling."""
    stretches: list[tuple[int, int]] = []
    for place, label in enumerate(labels):
        if label == OPENS:
            stretches.append((place, place + 1))
        elif label == CONTINUES:
            stretches[-1] = (stretches[-1][0], place + 1)
    return stretches
