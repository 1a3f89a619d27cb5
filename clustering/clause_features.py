"""A note as the reader's judge takes it: its clauses, their plain text, cues and breaks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustering.clause_network import NoteInput
from clustering.cues import cue_rows, terms
from clustering.note_text import clean, plain
from clustering.segmentation import Clause, segment


@dataclass(frozen=True, slots=True)
class ReadNote:
    """One note of n clauses, before any vector is known.

    plains: the clauses without masks and extra blanks, what the encoder is given.
    cues: (n, cue_dimension()) float32.
    """

    clauses: list[Clause]
    plains: list[str]
    cues: NDArray[np.float32]

    def as_input(self, vectors: NDArray[np.float32], vocabulary: Mapping[str, int]) -> NoteInput:
        """Join with the clauses' vectors (n, d) and the places of their known terms."""
        return NoteInput(
            vectors=vectors,
            cues=self.cues,
            terms=[_places(text, vocabulary) for text in self.plains],
            breaks=np.array([clause.opened_by for clause in self.clauses], dtype=np.int64),
        )


def read_note(text: str) -> ReadNote:
    """Segment a note and compute its cues; linear in the length of the text."""
    cleaned = clean(text)
    clauses = segment(text)
    plains = [plain(cleaned[clause.start : clause.end]) for clause in clauses]
    return ReadNote(clauses, plains, cue_rows(plains, clauses, text))


def _places(text: str, vocabulary: Mapping[str, int]) -> NDArray[np.int64]:
    known = sorted(vocabulary[term] for term in terms(text) if term in vocabulary)
    return np.array(known, dtype=np.int64)
