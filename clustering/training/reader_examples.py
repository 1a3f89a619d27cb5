"""Annotated notes as training examples: clause labels, inputs, and the vocabulary of terms."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustering.clause_features import ReadNote, centred, read_note
from clustering.clause_network import CONTINUES, OPENS, OUTSIDE, NoteInput
from clustering.cues import terms
from clustering.encoder import Encoder
from clustering.segmentation import Clause
from clustering.training.annotated import AnnotatedNote, GoldSpan
from models.severity import Severity

_RANKS = {severity: severity.rank for severity in Severity}


@dataclass(frozen=True, slots=True)
class PreparedNote:
    """An annotated note with its clauses and their rows (n, d), as the encoder gives them."""

    note: AnnotatedNote
    read: ReadNote
    vectors: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Example:
    """One training note of n clauses.

    labels: (n,) int64 of OUTSIDE, OPENS, CONTINUES.
    stretches: (begin, end, severity rank) of each request, half-open clause ranges.
    """

    given: NoteInput
    labels: NDArray[np.int64]
    stretches: tuple[tuple[int, int, int], ...]


def prepare(notes: Sequence[AnnotatedNote], encoder: Encoder) -> list[PreparedNote]:
    """Segment the notes and encode their clauses."""
    read = [read_note(note.text) for note in notes]
    vectors = encoder.encode([plain for one in read for plain in one.plains])
    prepared, begin = [], 0
    for note, one in zip(notes, read, strict=True):
        end = begin + len(one.clauses)
        prepared.append(PreparedNote(note, one, vectors[begin:end]))
        begin = end
    return prepared


def build_vocabulary(
    notes: Sequence[PreparedNote], products: int = 10, mentions: int = 10
) -> dict[str, int]:
    """Terms that occur in many products: how people write, not what their product does."""
    seen: dict[str, set[str]] = defaultdict(set)
    count: dict[str, int] = defaultdict(int)
    for one in notes:
        for plain in one.read.plains:
            for term in terms(plain):
                seen[term].add(one.note.product)
                count[term] += 1
    enough = min(products, max(1, len({one.note.product for one in notes}) // 2))
    chosen = sorted(t for t in seen if len(seen[t]) >= enough and count[t] >= mentions)
    return {term: place for place, term in enumerate(chosen)}


def to_example(
    one: PreparedNote, vocabulary: Mapping[str, int], centre: NDArray[np.float32]
) -> Example:
    """Label the clauses by the gold spans that cover them; their rows seen from `centre` (d,)."""
    owners = owners_of(one.read.clauses, one.note.spans)
    labels = np.zeros(len(owners), dtype=np.int64)
    bounds: dict[int, tuple[int, int]] = {}
    for place, owner in enumerate(owners):
        if owner is None:
            labels[place] = OUTSIDE
            continue
        again = place > 0 and owners[place - 1] == owner
        labels[place] = CONTINUES if again else OPENS
        bounds[owner] = (bounds.get(owner, (place, place))[0], place + 1)
    stretches = tuple(
        (begin, end, _RANKS[one.note.spans[owner].severity])
        for owner, (begin, end) in sorted(bounds.items())
    )
    given = one.read.as_input(centred(one.vectors, centre), vocabulary)
    return Example(given, labels, stretches)


def owners_of(clauses: Sequence[Clause], spans: Sequence[GoldSpan]) -> list[int | None]:
    """Which gold span each clause belongs to: the one that covers at least half of it.

    A span too small to cover any clause so far takes the clause it overlaps most.
    """
    owners: list[int | None] = [None] * len(clauses)
    for number, span in enumerate(spans):
        best, best_place, covered = 0, -1, False
        for place, clause in enumerate(clauses):
            overlap = min(clause.end, span.end) - max(clause.start, span.start)
            if overlap > 0 and 2 * overlap >= clause.end - clause.start:
                owners[place] = number
                covered = True
            if overlap > best:
                best, best_place = overlap, place
        if not covered and best_place >= 0 and owners[best_place] is None:
            owners[best_place] = number
    return owners
