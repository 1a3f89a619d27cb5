"""A store as large as a busy organisation's: 50,000 requests, 500 themes, for timing pages.

    python -m benchmarks.large_store FILE.db [--notes 25000] [--themes 500]

Notes are made of invented words and go through the real flows: intake, reading, assignment,
clustering, proposals. Only the models are stand-ins: each word has a direction of its own, and
a sentence that holds 'need' is a request. The same arguments make the same store.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import random
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from clustering.reader_lessons import Correction, Lessons
from clustering.reading import Reader, ReadSpan
from models.severity import Severity
from service.flows.ingest import ingest_notes
from service.flows.items import embed_items
from service.flows.language import LanguageModels
from service.flows.portfolio import upsert_accounts, upsert_csms
from service.flows.read_notes import read_pending
from service.flows.recluster import recluster
from service.flows.taxonomy import upsert_items
from service.storage.engine import Store, migrate, open_store

NOW = datetime(2026, 9, 30, 9, tzinfo=UTC)
_FIRST = datetime(2025, 10, 1, tzinfo=UTC)
_ACCOUNTS, _CSMS, _AREAS = 2_000, 60, 25
_SEGMENTS = ("Enterprise", "Mid-market", "SMB", "Public sector")
_SYLLABLES = ("ba", "de", "fi", "go", "lu", "ma", "ne", "po", "ri", "su", "ta", "ve", "zo", "ka")
_SENTENCE = re.compile(r"[^.]+\.")
_WORD = re.compile(r"[a-z]{4,}")
# Of every five themes one has no item yet, so that it has to be found by clustering.
_KNOWN = 0.8
# Such a share of the wishes is nobody else's, and waits.
_OWN = 0.08
_CHUNK = 2_000


class WordEncoder:
    """Each word has a direction of its own; a text's row is the sum of its words', unit length."""

    fingerprint = "large-store-words"
    dimension = 384

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Rows of shape (len(texts), 384)."""
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in _WORD.findall(text.lower()) or ["nothing"]:
                row += _direction(word)
            row /= np.linalg.norm(row)
        return rows


@cache
def _direction(word: str) -> NDArray[np.float32]:
    seed = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest())
    return np.random.default_rng(seed).standard_normal(384, dtype=np.float32)


class SentenceReader:
    """Every sentence with the word 'need' is a request; 'blocked' makes it blocking."""

    def read(self, texts: Sequence[str], lessons: Lessons | None = None) -> list[list[ReadSpan]]:
        """One list of spans for each text."""
        return [list(self._spans(text)) for text in texts]

    def learn(self, corrections: Sequence[Correction], studied: object) -> Lessons | None:
        """Nothing."""
        return None

    def _spans(self, text: str) -> Iterator[ReadSpan]:
        for sentence in _SENTENCE.finditer(text):
            words = sentence.group()
            if "need" in words:
                start = sentence.start() + len(words) - len(words.lstrip())
                severity = Severity.BLOCKING if "blocked" in words else Severity.DEGRADED
                yield ReadSpan(start, sentence.end(), 0.9, severity, 0.8)


def stand_in_language() -> LanguageModels:
    """The models that such a store was made with."""
    return LanguageModels(encoder=WordEncoder(), reader=cast(Reader, SentenceReader()))


def fill(store: Store, *, notes: int, themes: int) -> None:
    """Make the organisation, its notes and one clustering run."""
    language = stand_in_language()
    chance = random.Random(7)
    topics = [_topic(chance) for _ in range(themes)]
    upsert_accounts(
        store, _lines(_account(n, chance) for n in range(_ACCOUNTS)), now=NOW, actor="b"
    )
    csms = ({"csm_id": f"c-{n}", "name": f"Csm {n}"} for n in range(_CSMS))
    upsert_csms(store, _lines(csms), now=NOW, actor="b")
    items = (_item(n, topic) for n, topic in enumerate(topics[: int(themes * _KNOWN)]))
    upsert_items(store, _lines(items), now=NOW, actor="b", live=True)
    embed_items(store, language.encoder, now=NOW, reranker=None)
    bodies = (_note(n, notes, topics, chance) for n in range(notes))
    while chunk := list(itertools.islice(bodies, _CHUNK)):
        ingest_notes(store, _lines(chunk), now=NOW, actor="b")
    while read_pending(store, language, now=NOW):
        pass
    recluster(store, language, now=NOW, actor="b")


def _lines(raws: Iterable[dict[str, Any]]) -> list[tuple[int, Any]]:
    return list(enumerate(raws, start=1))


def _topic(chance: random.Random) -> list[str]:
    return ["".join(chance.choices(_SYLLABLES, k=3)) for _ in range(5)]


def _account(number: int, chance: random.Random) -> dict[str, Any]:
    renewal = NOW + timedelta(days=chance.randrange(5, 400))
    return {
        "account_id": f"a-{number}",
        "name": f"Account {number}",
        "segment": chance.choice(_SEGMENTS),
        "arr": chance.choice((8_000, 20_000, 45_000, 120_000)),
        "health": chance.choices(("green", "yellow", "red"), (75, 18, 7))[0],
        "renewal_date": renewal.date().isoformat(),
        "csm_id": f"c-{number % _CSMS}",
    }


def _item(number: int, topic: list[str]) -> dict[str, Any]:
    return {
        "feature_area": f"Area {number % _AREAS}",
        "customer_need": " ".join(topic).capitalize(),
        "description": f"People need {' '.join(topic)}",
    }


def _note(number: int, of: int, topics: list[list[str]], chance: random.Random) -> dict[str, Any]:
    asked = [_asked(topics, chance) for _ in (1, 2)]
    account = chance.randrange(_ACCOUNTS)
    prose = " ".join("".join(chance.choices(_SYLLABLES, k=2)) for _ in range(60))
    wishes = (f"They need {_wish(topic, chance)}." for topic in asked)
    when = _FIRST + timedelta(seconds=number * 364 * 86_400 // of)
    return {
        "source": "benchmark",
        "external_id": f"n-{number}",
        "account_id": f"a-{account}",
        "csm_id": f"c-{account % _CSMS}",
        "occurred_at": when.isoformat(),
        "text": f"{prose}. {' '.join(wishes)} {prose}.",
    }


def _asked(topics: list[list[str]], chance: random.Random) -> list[str]:
    """A few themes are asked for much, most now and then, and some wishes are one person's own."""
    if chance.random() < _OWN:
        return _topic(chance)
    return topics[int(chance.paretovariate(0.7) - 1) % len(topics)]


def _wish(topic: list[str], chance: random.Random) -> str:
    words = [*chance.sample(topic, 4), "".join(chance.choices(_SYLLABLES, k=3))]
    chance.shuffle(words)
    return " ".join([*words, *(["blocked"] if chance.random() < 0.15 else [])])


def main() -> None:
    """Make the store, and say how long that took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file")
    parser.add_argument("--notes", type=int, default=25_000)
    parser.add_argument("--themes", type=int, default=500)
    asked = parser.parse_args()
    began = time.perf_counter()
    url = f"sqlite:///{asked.file}"
    migrate(url)
    store = open_store(url)
    fill(store, notes=asked.notes, themes=asked.themes)
    print(f"{asked.file}: {asked.notes} notes in {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
