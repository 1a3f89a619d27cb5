"""A labelled corpus of five notes, and language models of a few lines that can read it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from clustering.reading import ReadSpan
from models.severity import Severity
from service.flows.language import LanguageModels

EXPORT = "export all rows to a file"
SIGN_ON = "single sign-on for everyone"
ODD = "a green button please"


class KeywordEncoder:
    """Texts with one of these words are alike, and unlike all others."""

    fingerprint = "keywords"
    dimension = 8
    words = ("export", "sign-on", "green")

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            found = [place for place, word in enumerate(self.words) if word in text.lower()]
            rows[row, found[0] if found else self.dimension - 1] = 1.0
        return rows


class QuotingReader:
    """Finds these requests, word for word, as minor ones."""

    def __init__(self, *quotes: str) -> None:
        self.quotes = quotes

    def read(self, texts: Sequence[str]) -> list[list[ReadSpan]]:
        return [
            [
                ReadSpan(start, start + len(quote), 0.9, Severity.MINOR, 0.9)
                for quote in self.quotes
                if (start := text.find(quote)) >= 0
            ]
            for text in texts
        ]


def language(*quotes: str) -> LanguageModels:
    return LanguageModels(KeywordEncoder(), QuotingReader(*quotes))  # type: ignore[arg-type]


def write_lines(path: Path, rows: Sequence[object]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def write_folder(folder: Path) -> None:
    """Four accounts of 1,000 dollars; three ask for export, one for sign-on, one is odd."""
    quotes = [
        (EXPORT, "export"),
        (EXPORT, "export"),
        (EXPORT, "export"),
        (SIGN_ON, "sso"),
        (ODD, None),
    ]
    notes = [
        {
            "source": "manual",
            "external_id": f"n{number}",
            "account_id": f"a{number % 4}",
            "csm_id": "c1",
            "occurred_at": f"2026-08-0{number + 1}T09:00:00Z",
            "text": f"Call {number}. They want {quote}. Lovely weather.",
        }
        for number, (quote, _) in enumerate(quotes)
    ]
    gold = [
        {
            "external_id": f"n{number}",
            "observations": [{"quote": quote, "theme_id": theme, "severity": "minor"}],
        }
        for number, (quote, theme) in enumerate(quotes)
    ]
    accounts = "".join(f"a{number},Account {number},smb,1000\n" for number in range(4))
    (folder / "accounts.csv").write_text("account_id,name,segment,arr\n" + accounts)
    (folder / "csms.csv").write_text("csm_id,name,email\nc1,Ada,ada@example.com\n")
    (folder / "themes.csv").write_text(
        "theme_id,feature_area,customer_need,description\n"
        "export,Data,Bulk export,Get everything out in one file.\n"
        "sso,Access,Sign-on,One sign-on for all.\n"
    )
    write_lines(folder / "notes.jsonl", notes)
    write_lines(folder / "gold.jsonl", gold)
    write_lines(
        folder / "probes.jsonl",
        [
            {"text": "We would export it all", "theme_id": "export"},
            {"text": "Paint it blue", "theme_id": None},
        ],
    )
