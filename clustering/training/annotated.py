"""Annotated notes: the packs that train the judges, and corpora that only measure them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from models.severity import Severity

PACKS: Final = Path(__file__).parent / "packs"
FOLDS: Final = 6
_PLAIN: Final = frozenset(
    (
        "billing",
        "fleet",
        "hotels",
        "insurance",
        "meetings",
        "recruiting",
        "restaurant_pos",
        "work_management",
    )
)


@dataclass(frozen=True, slots=True)
class GoldSpan:
    """One request as an annotator marked it: `text[start:end]`, code points."""

    start: int
    end: int
    severity: Severity


@dataclass(frozen=True, slots=True)
class AnnotatedNote:
    """A note, the product it speaks of, and its requests in order of their start."""

    product: str
    text: str
    spans: tuple[GoldSpan, ...]


def load_packs(folder: Path = PACKS) -> list[AnnotatedNote]:
    """All notes of all packs, products in order of their names."""
    notes: list[AnnotatedNote] = []
    for path in sorted(folder.glob("*/notes.jsonl")):
        for row in _rows(path):
            spans = [(s["start"], s["end"], Severity(s["severity"])) for s in row["spans"]]
            notes.append(_note(path.parent.name, row["text"], spans))
    return notes


def load_corpus(folder: Path) -> list[AnnotatedNote]:
    """A corpus folder with `notes.jsonl` and `gold.jsonl`, whose gold is given as quotes."""
    gold = {row["external_id"]: row["observations"] for row in _rows(folder / "gold.jsonl")}
    notes = []
    for row in _rows(folder / "notes.jsonl"):
        text, spans = row["text"], []
        for observation in gold.get(row["external_id"], []):
            start = text.index(observation["quote"])
            end = start + len(observation["quote"])
            spans.append((start, end, Severity(observation["severity"])))
        notes.append(_note(folder.name, text, spans))
    return notes


def register(product: str) -> str:
    """'plain' for sober CRM language, 'story' for the others."""
    return "plain" if product in _PLAIN else "story"


def product_folds(products: set[str]) -> list[list[str]]:
    """Six folds of products, each with stories and plain ones, of four each where there are 24."""
    folds: list[list[str]] = [[] for _ in range(FOLDS)]
    stories = sorted(name for name in products if register(name) == "story")
    sober = sorted(name for name in products if register(name) == "plain")
    for place, name in enumerate(stories):
        folds[place % FOLDS].append(name)
    for place, name in enumerate(sober):
        folds[FOLDS - 1 - place % FOLDS].append(name)
    return folds


def _note(product: str, text: str, spans: list[tuple[int, int, Severity]]) -> AnnotatedNote:
    return AnnotatedNote(product, text, tuple(GoldSpan(*span) for span in sorted(spans)))


def _rows(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]
