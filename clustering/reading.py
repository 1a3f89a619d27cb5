"""A note in, its requests out: exact spans of the original text, each with a severity.

Chatter, praise, next steps, what is settled or withdrawn and what others wish is left out.
The judgement is trained on annotated packs of notes; `weights/READER.md` says how and how
well it does on products it never saw.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from clustering.clause_features import ReadNote, centred, read_note
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
from clustering.encoder import Encoder, TransformerEncoder, load_first_layers
from clustering.reader_lessons import Correction, Lessons, StudiedNote, fit_lessons
from models.errors import Unavailable
from models.severity import Severity

WEIGHTS = Path(__file__).parent / "weights" / "reader.safetensors"
LAYERS: Final = 3
"""Of the bundled encoder's six. On products left out three read better than all of them."""

_SEVERITIES = tuple(Severity)
CENTRE: Final = "centre"
_NOTES_AT_ONCE = 512
_LEAST = np.float32(1e-4)  # of a probability, so that its log-odds are finite


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
    centre: the mean row (d,) of clauses, from which the ensembles see them.
    """

    vocabulary: Mapping[str, int]
    spans: Sequence[Mapping[str, Floats]]
    severities: Sequence[Mapping[str, Floats]]
    centre: Floats


class Reader:
    """Reads notes. Thread-safe: it keeps no state between calls."""

    def __init__(self, encoder: Encoder, weights: ReaderWeights) -> None:
        self._encoder = encoder
        self._vocabulary = weights.vocabulary
        self._spans = SpanJudge(weights.spans)
        self._severities = SeverityJudge(weights.severities)
        self._centre = weights.centre

    def read(self, texts: Sequence[str], lessons: Lessons | None = None) -> list[list[ReadSpan]]:
        """The requests of each note, in order, non-overlapping, trimmed, never blank.

        A note's reading does not depend on the other notes of the call. `lessons` are what
        `learn` made of a store's corrections; without any the reader is as it was trained.
        """
        return [self._judge(note, vectors, lessons) for note, vectors in self._opened(texts)]

    def learn(
        self, corrections: Sequence[Correction], studied: MutableMapping[str, StudiedNote]
    ) -> Lessons | None:
        """What corrections teach, in any order; None where the reader was right anyway.

        `studied` keeps the notes' rows from call to call, by text, those of these corrections
        alone; what is in there already is not encoded again.
        """
        texts = sorted({correction.text for correction in corrections})
        new = [text for text in texts if text not in studied]
        rows = [self._study(note, vectors) for note, vectors in self._opened(new)]
        for text in studied.keys() - set(texts):
            del studied[text]
        studied.update(zip(new, rows, strict=True))
        return fit_lessons(corrections, studied)

    def _opened(self, texts: Sequence[str]) -> Iterator[tuple[ReadNote, Floats]]:
        """Each note in clauses, with their vectors."""
        for start in range(0, len(texts), _NOTES_AT_ONCE):
            notes = [read_note(text) for text in texts[start : start + _NOTES_AT_ONCE]]
            rows = self._encoder.encode([plain for note in notes for plain in note.plains])
            vectors = centred(rows, self._centre)
            begin = 0
            for note in notes:
                end = begin + len(note.clauses)
                yield note, vectors[begin:end]
                begin = end

    def _judge(self, note: ReadNote, vectors: Floats, lessons: Lessons | None) -> list[ReadSpan]:
        if not note.clauses:
            return []
        given = note.as_input(vectors, self._vocabulary)
        emissions, transitions = self._spans.scores(given)
        if lessons is not None:
            emissions[:, OUTSIDE] -= lessons.push(vectors)
        stretches = _stretches(best_labels(emissions, transitions))
        inside = 1 - marginals(emissions, transitions)[:, OUTSIDE]
        return self._spans_of(note, given, stretches, inside)

    def _study(self, note: ReadNote, vectors: Floats) -> StudiedNote:
        spans = np.array([(c.start, c.end) for c in note.clauses], dtype=np.int64).reshape(-1, 2)
        if not note.clauses:
            nothing = np.zeros(0, dtype=np.float32)
            return StudiedNote(spans, vectors, nothing, nothing.astype(bool), ())
        emissions, transitions = self._spans.scores(note.as_input(vectors, self._vocabulary))
        outside = np.clip(marginals(emissions, transitions)[:, OUTSIDE], _LEAST, 1 - _LEAST)
        log_odds = np.log((1 - outside) / outside)
        stretches = tuple(_stretches(best_labels(emissions, transitions)))
        return StudiedNote(spans, vectors, log_odds, note.telling(), stretches)

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


def load_clause_encoder() -> TransformerEncoder:
    """What the reader sees clauses by: the first layers of the bundled encoder.

    Raises:
        Unavailable: the codes of `load_encoder`.
    """
    return load_first_layers(LAYERS)


def load_reader(encoder: Encoder | None = None) -> Reader:
    """The trained reader. It always sees by the bundled encoder's first layers.

    Args:
        encoder: these, when they are loaded already.

    Raises:
        Unavailable: `reader_unavailable` when the weights are missing or don't fit the
            encoder; the encoder's own codes when it can't be loaded.
    """
    weights = load_weights(WEIGHTS)
    encoder = encoder if encoder is not None else load_clause_encoder()
    expected = len(weights.centre)
    if encoder.dimension != expected:
        raise Unavailable(
            f"The reader was trained on rows of {expected} numbers, this encoder gives "
            f"{encoder.dimension}. Read with the bundled encoder's first layers.",
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
            centre = tensors.pop(CENTRE).astype(np.float32)
    except (OSError, KeyError, SafetensorError) as broken:
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
        centre=centre,
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
