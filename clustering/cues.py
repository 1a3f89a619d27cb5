"""Word cues of a clause: hand-written lexicons and plain counts, as one float32 row.

The lexicons (`cue_lexicons.toml`) speak of how customer-success people write: asks, pains,
consequences, praise, what is settled, who does what next. They never speak of a product.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from clustering.segmentation import Break, Clause

_LEXICONS: Final = Path(__file__).with_name("cue_lexicons.toml")
_WORD: Final = re.compile(r"[^\W_]+(?:['’][a-z]+)?|[?!%]", re.IGNORECASE)
_PLAIN_COUNT: Final = 18


@cache
def lexicons() -> tuple[re.Pattern[str], ...]:
    """The lexicons in the order of their file, each as one pattern of whole words."""
    with _LEXICONS.open("rb") as file:
        entries: dict[str, list[str]] = tomllib.load(file)
    return tuple(
        re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)", re.IGNORECASE)
        for words in entries.values()
    )


def cue_dimension() -> int:
    """How many cues a clause has."""
    return len(lexicons()) + _PLAIN_COUNT + 2 * len(Break)


def words(text: str) -> list[str]:
    """Lower-case words of a clause, with the marks ? ! % as words; digits become '0'."""
    return [
        "0" if found.isdigit() else found.lower().replace("’", "'") for found in _WORD.findall(text)
    ]


def terms(text: str) -> set[str]:
    """Words and adjacent pairs of words, the keys of the reader's vocabulary."""
    found = words(text)
    return {*found, *(f"{left} {right}" for left, right in pairwise(found))}


def cue_rows(plains: Sequence[str], clauses: Sequence[Clause], text: str) -> NDArray[np.float32]:
    """Cue features of one note's clauses: float32 (n, cue_dimension()).

    Args:
        plains: the clauses as the model reads them, same order.
        clauses: the clauses of one note.
        text: the original note.
    """
    patterns = lexicons()
    rows = np.zeros((len(clauses), cue_dimension()), dtype=np.float32)
    for place, (clause, plain) in enumerate(zip(clauses, plains, strict=True)):
        for column, pattern in enumerate(patterns):
            rows[place, column] = 1.0 if pattern.search(plain) else 0.0
        base = len(patterns)
        rows[place, base : base + _PLAIN_COUNT] = _plain_counts(clauses, place, plain, text)
        base += _PLAIN_COUNT
        rows[place, base + clause.opened_by] = 1.0
        if place + 1 < len(clauses):
            rows[place, base + len(Break) + clauses[place + 1].opened_by] = 1.0
        else:
            rows[place, base + len(Break) + Break.PARAGRAPH] = 1.0
    return rows


def _plain_counts(clauses: Sequence[Clause], place: int, plain: str, text: str) -> list[float]:
    clause = clauses[place]
    spoken = words(plain)
    before = text[max(0, clause.start - 2) : clause.start]
    after = text[clause.end : clause.end + 3]
    first = plain[:1]
    return [
        min(len(spoken), 40) / 20,
        float(len(spoken) <= 2),
        float(len(spoken) >= 8),
        min(len(clauses), 40) / 20,
        float(len(clauses) == 1),
        float(place == 0),
        float(place == len(clauses) - 1),
        place / max(1, len(clauses) - 1),
        min(place, 10) / 10,
        min(len(clauses) - 1 - place, 10) / 10,
        float(clause.bulleted),
        float(any(mark in before for mark in '"“„«')),
        float(any(mark in after for mark in '"”»')),
        float("?" in plain or "?" in after),
        float("!" in plain or "!" in after),
        float(after[:1] == ":"),
        float(first.isupper()),
        float(sum(word[:1].isupper() for word in plain.split()[1:]) / max(1, len(spoken))),
    ]
