"""Annotated notes: the packs that train the judges, and corpora that only measure them."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from models.severity import Severity

PACKS: Final = Path(__file__).parent / "packs"
FURTHER: Final = Path(__file__).parent / "further_notes"
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
    """One request as an annotator marked it: `text[start:end]`, code points.

    `need` is the id of its product's need; None for a one-off.
    """

    start: int
    end: int
    severity: Severity
    need: str | None = None


@dataclass(frozen=True, slots=True)
class Need:
    """One item of a product's taxonomy, as its annotator wrote it."""

    id: str
    name: str
    description: str


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
            spans = [
                GoldSpan(s["start"], s["end"], Severity(s["severity"]), s["need"])
                for s in row["spans"]
            ]
            notes.append(_note(path.parent.name, row["text"], spans))
    return notes


def load_needs(folder: Path = PACKS) -> dict[str, list[Need]]:
    """The needs of each pack, by product, in the order of their file."""
    found = {}
    for path in sorted(folder.glob("*/needs.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            found[path.parent.name] = [
                Need(row["need_id"], row["customer_need"], row["description"])
                for row in csv.DictReader(stream)
            ]
    return found


def load_corpus(folder: Path) -> list[AnnotatedNote]:
    """A corpus folder with `notes.jsonl` and `gold.jsonl`, whose gold is given as quotes."""
    gold = {row["external_id"]: row["observations"] for row in _rows(folder / "gold.jsonl")}
    notes = []
    for row in _rows(folder / "notes.jsonl"):
        text, spans = row["text"], []
        for observation in gold.get(row["external_id"], []):
            start = text.index(observation["quote"])
            end = start + len(observation["quote"])
            severity = Severity(observation["severity"])
            spans.append(GoldSpan(start, end, severity, observation["theme_id"]))
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


def _note(product: str, text: str, spans: list[GoldSpan]) -> AnnotatedNote:
    ordered = sorted(spans, key=lambda span: (span.start, span.end))
    return AnnotatedNote(product, text, tuple(ordered))


def _rows(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]
