"""A note as the reader's judge takes it: its clauses, their plain text, cues and breaks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustering.clause_network import NoteInput
from clustering.cues import cue_rows, terms, words
from clustering.encoder import unit_rows
from clustering.languages import recognise_words
from clustering.note_text import clean, plain
from clustering.segmentation import Break, Clause, segment

_TELLING = 4


@dataclass(frozen=True, slots=True)
class ReadNote:
    """One note of n clauses, before any vector is known.

    plains: the clauses without masks and extra blanks, what the encoder is given.
    cues: (n, cue_dimension()) float32.
    language: what it is written in, ISO 639-1; None where that can't be told.
    """

    clauses: list[Clause]
    plains: list[str]
    cues: NDArray[np.float32]
    language: str | None

    def telling(self) -> NDArray[np.bool_]:
        """(n,) whether a clause says something of its own: four words, and no mere lead-in."""
        ends = [clause.opened_by for clause in self.clauses[1:]]
        lead_ins = [kind is Break.LEAD_IN for kind in ends] + [False] * bool(self.clauses)
        long = [len(words(text)) >= _TELLING for text in self.plains]
        return np.logical_and(long, np.logical_not(lead_ins))

    def as_input(self, vectors: NDArray[np.float32], vocabulary: Mapping[str, int]) -> NoteInput:
        """Join with the clauses' vectors (n, d) and the places of their known terms."""
        return NoteInput(
            vectors=vectors,
            cues=self.cues,
            terms=[_places(text, vocabulary) for text in self.plains],
            breaks=np.array([clause.opened_by for clause in self.clauses], dtype=np.int64),
        )


def read_note(text: str) -> ReadNote:
    """Segment a note, recognise its language and compute its cues; linear in its length."""
    cleaned = clean(text)
    clauses = segment(text, cleaned)
    language = recognise_words(plain(cleaned))
    plains = [plain(cleaned[clause.start : clause.end]) for clause in clauses]
    return ReadNote(clauses, plains, cue_rows(plains, clauses, text, language), language)


def centred(rows: NDArray[np.float32], centre: NDArray[np.float32]) -> NDArray[np.float32]:
    """Clauses' rows (n, d) seen from where all clauses lie on average: float32 unit rows.

    The lower layers of an encoder put all texts into one corner; only from there do they differ.
    """
    return unit_rows(rows - centre)


def _places(text: str, vocabulary: Mapping[str, int]) -> NDArray[np.int64]:
    known = sorted(vocabulary[term] for term in terms(text) if term in vocabulary)
    return np.array(known, dtype=np.int64)
