"""An encoder and a reader that need no model: the same words give near vectors."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from clustering.reader_lessons import Correction, Lessons
from clustering.reading import ReadSpan
from clustering.rerank import Reranker
from models.severity import Severity
from service.flows.language import LanguageModels

_WORD = re.compile(r"[a-z]{3,}")
_SENTENCE = re.compile(r"[^.\n]+[.\n]?")


class WordEncoder:
    """Each word has a direction of its own; a text's row is the sum of its words, unit length."""

    fingerprint = "words-1"
    dimension = 64

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Rows of shape (len(texts), 64)."""
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in _WORD.findall(text.lower()) or ["nothing"]:
                digest = hashlib.blake2b(word.encode(), digest_size=self.dimension).digest()
                row += np.frombuffer(digest, dtype=np.uint8).astype(np.float32) - 127.5
            row /= np.linalg.norm(row)
        return rows


class SentenceReader:
    """Every sentence with the word 'need' is a request; 'blocked' makes it blocking."""

    def read(self, texts: Sequence[str], lessons: Lessons | None = None) -> list[list[ReadSpan]]:
        """One list of spans for each text."""
        return [_spans(text) for text in texts]

    def learn(self, corrections: Sequence[Correction], studied: object) -> Lessons | None:
        """Nothing: it is always right."""
        return None


def _spans(text: str) -> list[ReadSpan]:
    found = []
    for sentence in _SENTENCE.finditer(text):
        words = sentence.group()
        if "need" not in words:
            continue
        start = sentence.start() + len(words) - len(words.lstrip())
        end = sentence.end() - (len(words) - len(words.rstrip()))
        severity = Severity.BLOCKING if "blocked" in words else Severity.DEGRADED
        found.append(ReadSpan(start, end, 0.9, severity, 0.8))
    return found


class ListeningReranker:
    """Is for items that hold the favoured word, against all others, and keeps what it read."""

    fingerprint = "listens-1"

    def __init__(self, favoured: str) -> None:
        self.favoured = favoured
        self.read: list[tuple[str, str]] = []

    def score(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        """One score for each pair, far beyond what a trained one gives."""
        self.read += pairs
        scores = [1000.0 if self.favoured in item else -1000.0 for _, item in pairs]
        return np.array(scores, dtype=np.float32)


def fake_language(reranker: Reranker | None = None) -> LanguageModels:
    """The fakes together."""
    return LanguageModels(WordEncoder(), SentenceReader(), reranker)  # type: ignore[arg-type]
