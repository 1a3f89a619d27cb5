"""How a text is worded, beside what it means: rows of its words' four-letter pieces.

Names of things ('SCIM', 'proration', 'kiosk') are what an encoder of meaning blurs most, and
what tells near-opposites apart. A text's pieces, weighted by how rare they are, are folded into
a short row by random signs (Achlioptas 2003), so that the product of two rows is near the
cosine of their pieces. Rows depend on the text and the weights alone.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

BUCKETS: Final = 16_384
WIDTH: Final = 512
# Of the product of two texts' pieces beside that of their meanings.
WEIGHT: Final = 0.3
SCHEME: Final = f"pieces-1 {BUCKETS} {WIDTH} {WEIGHT}"

_PIECE = 4
_WORD = re.compile(r"[^\W_]+")

Rows = NDArray[np.float32]


class WordPieces:
    """Texts to rows of word pieces, by the weight of each bucket of pieces, (BUCKETS,)."""

    def __init__(self, rarity: NDArray[np.float32]) -> None:
        self._rarity = rarity.astype(np.float32)
        self._signs = _signs()

    def rows(self, texts: Sequence[str]) -> Rows:
        """Float32 (n, WIDTH) rows of length one; zeros for a text without a word."""
        answer = np.zeros((len(texts), WIDTH), dtype=np.float32)
        for number, text in enumerate(texts):
            found, counts = _pieces(text)
            if len(found):
                weights = (1.0 + np.log(counts, dtype=np.float32)) * self._rarity[found]
                row = weights.astype(np.float32) @ self._signs[found].astype(np.float32)
                answer[number] = row / max(float(np.linalg.norm(row)), 1e-9)
        return answer


def rarity_of(texts: Iterable[str]) -> NDArray[np.float32]:
    """Inverse document frequency of each bucket of pieces over these texts, (BUCKETS,)."""
    seen = np.zeros(BUCKETS, dtype=np.float64)
    total = 0
    for text in texts:
        seen[_pieces(text)[0]] += 1
        total += 1
    return np.asarray(np.log((1 + total) / (1 + seen)) + 1, dtype=np.float32)


def _pieces(text: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The buckets of a text's pieces, sorted, and how often each occurs."""
    words = [_buckets(word) for word in _WORD.findall(text.casefold())]
    if not words:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    found, counts = np.unique(np.concatenate(words), return_counts=True)
    return found, counts.astype(np.int64)


@lru_cache(maxsize=50_000)
def _buckets(word: str) -> NDArray[np.int64]:
    framed = f" {word} "
    starts = range(max(1, len(framed) - _PIECE + 1))
    pieces = [framed[start : start + _PIECE] for start in starts]
    return np.array([zlib.crc32(piece.encode()) % BUCKETS for piece in pieces], dtype=np.int64)


def _signs() -> NDArray[np.int8]:
    """One row of -1 and 1 for each bucket, (BUCKETS, WIDTH): the same on every machine."""
    drawn = hashlib.shake_256(b"groundswell word pieces").digest(BUCKETS * WIDTH // 8)
    bits = np.unpackbits(np.frombuffer(drawn, dtype=np.uint8)).reshape(BUCKETS, WIDTH)
    return bits.astype(np.int8) * 2 - 1
