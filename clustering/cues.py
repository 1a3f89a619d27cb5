"""Word cues of a clause: hand-written lexicons and plain counts, as one float32 row.

The lexicons (`cue_lexicons.toml`, and for other languages `cue_lexicons_abroad.toml`) speak of
how customer-success people write: asks, pains, consequences, praise, what is settled, who does
what next. They never speak of a product. A language with lexicons of its own is listened to
with those, any other with the English ones.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from clustering.segmentation import Break, Clause

_LEXICONS: Final = Path(__file__).with_name("cue_lexicons.toml")
_ABROAD: Final = Path(__file__).with_name("cue_lexicons_abroad.toml")
_WORD: Final = re.compile(r"[^\W_]+(?:['’][a-z]+)?|[?!%]", re.IGNORECASE)
_NEVER: Final = re.compile(r"(?!)")
_PLAIN_COUNT: Final = 18
_HEADINGS: Final = 2


@cache
def lexicons(language: str | None = None) -> tuple[re.Pattern[str], ...]:
    """The lexicons in the order of their file, each as one pattern of whole words.

    Args:
        language: ISO 639-1; one without lexicons of its own has the English ones.
    """
    english = _read(_LEXICONS)
    own: Mapping[str, list[str]] = _read(_ABROAD).get(language or "", english)
    return tuple(_pattern(own[name]) if name in own else _NEVER for name in english)


def languages() -> frozenset[str]:
    """The languages besides English that have lexicons, ISO 639-1."""
    return frozenset(_read(_ABROAD))


def cue_dimension() -> int:
    """How many cues a clause has."""
    return len(lexicons()) + _PLAIN_COUNT + _HEADINGS + 2 * len(Break)


def words(text: str) -> list[str]:
    """Lower-case words of a clause, with the marks ? ! % as words; digits become '0'."""
    return [
        "0" if found.isdigit() else found.lower().replace("’", "'") for found in _WORD.findall(text)
    ]


def terms(text: str) -> set[str]:
    """Words and adjacent pairs of words, the keys of the reader's vocabulary."""
    found = words(text)
    return {*found, *(f"{left} {right}" for left, right in pairwise(found))}


def cue_rows(
    plains: Sequence[str], clauses: Sequence[Clause], text: str, language: str | None = None
) -> NDArray[np.float32]:
    """Cue features of one note's clauses: float32 (n, cue_dimension()).

    Args:
        plains: the clauses as the model reads them, same order.
        clauses: the clauses of one note.
        text: the original note.
        language: what the note is written in, ISO 639-1, where that is known.
    """
    patterns = lexicons(language)
    base = len(patterns)
    rows = np.zeros((len(clauses), cue_dimension()), dtype=np.float32)
    for place, (clause, plain) in enumerate(zip(clauses, plains, strict=True)):
        for column, pattern in enumerate(patterns):
            rows[place, column] = 1.0 if pattern.search(plain) else 0.0
        counts = _plain_counts(clauses, place, plain, text)
        rows[place, base : base + _PLAIN_COUNT] = counts
        breaks = base + _PLAIN_COUNT + _HEADINGS
        rows[place, breaks + clause.opened_by] = 1.0
        after = clauses[place + 1].opened_by if place + 1 < len(clauses) else Break.PARAGRAPH
        rows[place, breaks + len(Break) + after] = 1.0
    start = base + _PLAIN_COUNT
    rows[:, start : start + _HEADINGS] = _under_headings(rows, clauses, text)
    return rows


def _under_headings(
    rows: NDArray[np.float32], clauses: Sequence[Clause], text: str
) -> NDArray[np.float32]:
    """Whether a clause stands in a list under 'Ask:' or the like, or under 'Done:', (n, 2).

    A heading ends in a colon and reigns to the end of its sentence, line or bulleted list.
    """
    asking, settling = _columns("ask", "pain"), _columns("settled", "nothing", "next", "meta")
    under = np.zeros((len(clauses), _HEADINGS), dtype=np.float32)
    reigns = np.zeros(_HEADINGS, dtype=np.float32)
    for place, clause in enumerate(clauses):
        ended = clause.opened_by in (Break.PARAGRAPH, Break.SENTENCE)
        if ended or (clause.opened_by is Break.LINE and not clause.bulleted):
            reigns = np.zeros(_HEADINGS, dtype=np.float32)
        under[place] = reigns
        if text[clause.end : clause.end + 1] == ":":
            heard = (rows[place, asking].any(), rows[place, settling].any())
            reigns = np.array(heard, dtype=np.float32)
    return under


@cache
def _columns(*names: str) -> list[int]:
    known = list(_read(_LEXICONS))
    return [known.index(name) for name in names]


@cache
def _read(path: Path) -> Mapping[str, Any]:
    with path.open("rb") as file:
        return tomllib.load(file)


def _pattern(entries: Sequence[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(entries)})(?!\w)", re.IGNORECASE)


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
