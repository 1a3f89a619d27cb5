"""What people's corrections teach the reader in one store.

A person has said of some notes what is a request in them (added, mended) and what is none
(dismissed). Where the reader, left to itself, is wrong about a clause of those, a kernel
machine over the clauses' vectors learns what must be added to its log-odds to be right
(squared hinge loss around the reader's own log-odds as offset; Schölkopf, Smola 2002). The
same is then added to new clauses in proportion to how much they are like the corrected ones:
nothing without corrections, nothing for unlike wordings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

WIDTH: Final = 0.15
"""How fast a correction fades as wordings differ: by 1/e for each such step of cosine."""

_CLEAR: Final = 1.5
"""The log-odds at which a clause counts as read rightly."""

_COST: Final = 6.0
"""What being wrong costs against bending the reader; higher follows corrections closer."""

_REACH: Final = 5.0
"""The most that one correction adds to like clauses: what is read with more confidence than
that takes several of them."""

_MOST: Final = 2_000


@dataclass(frozen=True, slots=True)
class Correction:
    """A person's word on one note: half-open spans, code points, of requests and of none."""

    text: str
    requests: tuple[tuple[int, int], ...] = ()
    no_requests: tuple[tuple[int, int], ...] = ()
    mended: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class StudiedNote:
    """A note as the reader sees it untaught.

    spans: (n, 2) int64 clauses, code points; vectors: (n, d) float32 unit rows; log_odds: (n,)
    float32 that a clause is part of a request; telling: (n,) bool, false for a few words that
    could stand in any note ('he would like', 'and that is it'), which teach only where they
    are all that a person marked; stretches: half-open clause ranges it reads as requests.
    """

    spans: NDArray[np.int64]
    vectors: Floats
    log_odds: Floats
    telling: NDArray[np.bool_]
    stretches: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Lessons:
    """vectors: (k, d) float32 rows of the clauses that taught; weights: (k,) float32."""

    vectors: Floats
    weights: Floats

    def push(self, vectors: Floats) -> Floats:
        """What to add to the log-odds of clauses (n, d) being part of a request: (n,) float32."""
        return np.asarray(_likeness(vectors, self.vectors) @ self.weights, dtype=np.float32)


def fit_lessons(
    corrections: Sequence[Correction], studied: Mapping[str, StudiedNote]
) -> Lessons | None:
    """Learn from corrections; None where the reader was right in all of them.

    Args:
        corrections: in any order, the answer does not depend on it.
        studied: their notes by text.
    """
    taught: dict[bytes, tuple[Floats, float, float]] = {}
    for correction in corrections:
        note = studied[correction.text]
        for place, wanted in _wanted(correction, note).items():
            row, odds = note.vectors[place], float(note.log_odds[place])
            key = row.tobytes() + np.array([wanted, odds], dtype=np.float32).tobytes()
            taught[key] = (row, wanted, odds)
    ordered = [taught[key] for key in sorted(taught)][:_MOST]
    if all(wanted * odds >= _CLEAR for _, wanted, odds in ordered):
        return None
    vectors = np.stack([row for row, _, _ in ordered])
    signs = np.array([wanted for _, wanted, _ in ordered], dtype=np.float64)
    own = np.array([odds for _, _, odds in ordered], dtype=np.float64)
    weights = _solve(_likeness(vectors, vectors).astype(np.float64), signs, own)
    weights = np.clip(weights, -_REACH, _REACH)
    used = np.abs(weights) > 1e-6
    return Lessons(vectors[used], weights[used].astype(np.float32))


def _wanted(correction: Correction, note: StudiedNote) -> dict[int, float]:
    """Clause -> 1 where a person's word makes it part of a request, -1 where of none."""
    wanted: dict[int, float] = {}
    for begin, end in note.stretches:
        reach = (int(note.spans[begin, 0]), int(note.spans[end - 1, 1]))
        if _covered(reach, correction.mended, least=0.0):
            wanted |= dict.fromkeys(range(begin, end), -1.0)
    for place, (start, end) in enumerate(note.spans.tolist()):
        if _covered((start, end), correction.no_requests):
            wanted[place] = -1.0
        if _covered((start, end), correction.requests):
            wanted[place] = 1.0
    return {
        place: sign
        for place, sign in wanted.items()
        if note.telling[place] or sign not in (wanted.get(place - 1), wanted.get(place + 1))
    }


def _covered(clause: tuple[int, int], spans: Sequence[tuple[int, int]], least: float = 0.5) -> bool:
    """Whether one of the spans covers at least this share of it, and something of it."""
    enough = least * (clause[1] - clause[0])
    overlaps = (min(clause[1], end) - max(clause[0], start) for start, end in spans)
    return any(overlap > 0 and overlap >= enough for overlap in overlaps)


def _likeness(left: Floats, right: Floats) -> NDArray[np.float32]:
    """A Gaussian kernel of unit rows: exp((cosine - 1) / WIDTH), (n, k)."""
    return np.asarray(np.exp((left @ right.T - 1) / WIDTH), dtype=np.float32)


def _solve(
    likeness: NDArray[np.float64], wanted: NDArray[np.float64], odds: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Weights a (k,) that minimise a'Ka / 2 + COST * sum of squared hinges of K a + odds.

    By Newton on the set of clauses that are not clear yet (Chapelle 2007): convex, so the
    set settles; those already clear have no weight at all.
    """
    count = len(wanted)
    weights = np.zeros(count)
    short = wanted * odds < _CLEAR
    for _ in range(50):
        inner = likeness[np.ix_(short, short)] + np.eye(int(short.sum())) / (2 * _COST)
        weights = np.zeros(count)
        weights[short] = np.linalg.solve(inner, (wanted * _CLEAR - odds)[short])
        again = wanted * (odds + likeness @ weights) < _CLEAR
        if np.array_equal(again, short):
            break
        short = again
    return weights
