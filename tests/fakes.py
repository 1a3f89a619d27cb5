"""Language models of a few lines: a whole note is one request, and its words are its vector."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from clustering.reading import ReadSpan
from models.errors import Unavailable
from models.severity import Severity

# A note with this word breaks whoever reads it.
POISON = "poison"


@dataclass
class FakeEncoder:
    """Texts with words in common are near each other."""

    fingerprint: str = "fake"
    dimension: int = 64

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, 64) unit rows: each word turns on one place."""
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in text.lower().split() or [""]:
                row[hashlib.sha256(word.encode()).digest()[0] % self.dimension] += 1
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@dataclass
class FakeReader:
    """Finds the whole note to be one request, and remembers what it was given."""

    given: list[list[str]] = field(default_factory=list)

    def read(self, texts: Sequence[str]) -> list[list[ReadSpan]]:
        """One span for each text; breaks on a poisoned one."""
        self.given.append(list(texts))
        if any(POISON in text for text in texts):
            raise ValueError("a message that quotes the poison")
        return [[ReadSpan(0, len(text), 0.9, Severity.MINOR, 0.8)] for text in texts]


@dataclass
class FakeLanguage:
    """What `LanguageModels` is; as a callable, what gives it, unless it is `missing`."""

    encoder: FakeEncoder = field(default_factory=FakeEncoder)
    reader: FakeReader = field(default_factory=FakeReader)
    reranker: None = None
    missing: bool = False

    def __call__(self) -> FakeLanguage:
        """The models themselves."""
        if self.missing:
            raise Unavailable("The encoder is not there.", code="encoder_unavailable")
        return self
