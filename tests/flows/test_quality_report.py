"""A labelled corpus walked through the flows: figures, refusals, and nothing left behind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from models.errors import InvalidInput
from models.policy import Level
from service.flows.labelled_corpus import load_corpus
from service.flows.quality_report import evaluate_corpus
from tests.labelled_folder import EXPORT, ODD, SIGN_ON, language, write_folder, write_lines


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four accounts of 1,000 dollars; three ask for export, one for sign-on, one is odd."""
    write_folder(tmp_path)
    return tmp_path


def test_a_perfect_reader_on_a_plain_taxonomy_scores_full_marks(folder: Path) -> None:
    report = evaluate_corpus(folder, language(EXPORT, SIGN_ON, ODD))
    read = report.with_taxonomy
    assert (report.notes, read.gold, read.predicted) == (5, 5, 5)
    assert (read.reading.f1, read.top_1, read.clusters.f1) == (1.0, 1.0, 1.0)
    assert read.signals[Level.SIGNAL].f1 == 1.0
    assert (report.probes.top_1, report.probes.foreign_waiting) == (1.0, 1.0)


def test_what_the_reader_misses_costs_recall_and_signals(folder: Path) -> None:
    read = evaluate_corpus(folder, language(SIGN_ON)).with_taxonomy
    assert (read.reading.precision, read.reading.recall) == (1.0, 0.2)
    assert read.signals[Level.SIGNAL].recall == 0.0


def test_without_the_taxonomy_requests_form_themes_of_their_own(folder: Path) -> None:
    alone = evaluate_corpus(folder, language(EXPORT, SIGN_ON, ODD)).without_taxonomy
    assert alone.clusters.f1 == 1.0
    assert alone.top_1 == 0.0


def test_the_report_is_the_same_twice_and_as_a_table_and_as_json(folder: Path) -> None:
    report = evaluate_corpus(folder, language(EXPORT))
    assert report == evaluate_corpus(folder, language(EXPORT))
    figures = json.loads(json.dumps(report.as_dict()))
    rows = dict(report.rows())
    assert rows["reading.recall"] == figures["reading"]["recall"] == 0.6
    assert rows["notes"] == 5


def test_the_stages_are_told_as_they_begin(folder: Path) -> None:
    told: list[str] = []
    evaluate_corpus(folder, language(), on_progress=told.append)
    assert told == ["reading", "without the taxonomy", "with the taxonomy"]


def test_a_quote_that_stands_twice_is_meant_once_per_observation(folder: Path) -> None:
    text = f"{ODD}, and again: {ODD}"
    note = {**json.loads((folder / "notes.jsonl").read_text().splitlines()[0]), "text": text}
    observation = {"quote": ODD, "theme_id": None, "severity": "minor"}
    write_lines(folder / "notes.jsonl", [note])
    write_lines(folder / "gold.jsonl", [{"external_id": "n0", "observations": [observation] * 2}])
    (labelled,) = load_corpus(folder).notes
    assert [span.start for span in labelled.gold] == [0, text.rfind(ODD)]


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("gold.jsonl", ""),
        ("gold.jsonl", '{"external_id": "n0"}\n'),
        ("gold.jsonl", '{"external_id": "other", "observations": []}\n'),
        ("notes.jsonl", "{broken\n"),
        ("probes.jsonl", '{"text": "x", "theme_id": "nobody"}\n'),
        ("themes.csv", "theme_id,feature_area\nexport,Data\n"),
    ],
)
def test_a_broken_corpus_names_the_file(folder: Path, file: str, content: str) -> None:
    (folder / file).write_text(content)
    with pytest.raises(InvalidInput) as refusal:
        load_corpus(folder)
    assert (refusal.value.code, refusal.value.field) == ("broken_corpus", file)


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "accounts.csv").unlink()
    with pytest.raises(InvalidInput, match=r"accounts\.csv"):
        load_corpus(folder)


def test_a_quote_that_is_not_in_its_note_is_refused(folder: Path) -> None:
    gold = folder / "gold.jsonl"
    gold.write_text(gold.read_text().replace(ODD, "not said"))
    with pytest.raises(InvalidInput, match="n4 is not in its note"):
        load_corpus(folder)
