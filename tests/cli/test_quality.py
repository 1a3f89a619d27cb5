"""`cluster-file`: texts in, clusters out, no store at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run, write_lines
from tests.language_fakes import WordEncoder


@pytest.fixture
def cluster(run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The commands with an encoder that needs no model."""
    monkeypatch.setattr("service.flows.cluster_file.load_encoder", lambda name: WordEncoder())
    return run


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        (None, "bundled:all-MiniLM-L6-v2"),
        ("bundled:all-MiniLM-L6-v2+requests", "bundled:all-MiniLM-L6-v2+requests"),
        ("some/model", "some/model"),
    ],
)
def test_any_texts_are_read_by_the_plain_encoder_unless_one_is_chosen(
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    setting: str | None,
    expected: str,
) -> None:
    loaded: list[str] = []

    def load(name: str) -> WordEncoder:
        loaded.append(name)
        return WordEncoder()

    monkeypatch.setattr("service.flows.cluster_file.load_encoder", load)
    if setting:
        monkeypatch.setenv("GROUNDSWELL_ENCODER", setting)
    source = write_lines(tmp_path / "in.jsonl", *texts())
    assert run("cluster-file", str(source), str(tmp_path / "out.jsonl")).exit_code == 0
    assert loaded == [expected]


def texts() -> list[dict[str, str]]:
    kinds = ("export all records now", "calendar sync with outlook", "dark mode for phones")
    return [
        {"id": f"{kind.split()[0]}-{i}", "text": f"{kind} please{'!' * i}"}
        for kind in kinds
        for i in range(5)
    ]


def test_each_line_is_answered_in_its_place_and_no_store_is_made(
    cluster: Run, tmp_path: Path, database: Path
) -> None:
    source, target = write_lines(tmp_path / "in.jsonl", *texts()), tmp_path / "out.jsonl"
    done = cluster("cluster-file", str(source), str(target))
    assert done.exit_code == 0, done.output
    rows = [json.loads(line) for line in target.read_text().splitlines()]
    assert [row["id"] for row in rows] == [text["id"] for text in texts()]
    assert all(set(row) == {"id", "cluster", "label", "confidence"} for row in rows)
    kinds = {row["id"].split("-")[0]: row["cluster"] for row in rows}
    assert len(set(kinds.values())) == 3
    assert not database.exists()


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ("{broken", "broken_json"),
        ({"id": "x"}, "missing_field"),
        ({"id": "x", "text": " "}, "empty_text"),
        ({"id": 7, "text": "words"}, "wrong_type"),
        ({"id": "export-0", "text": "words"}, "repeated_id"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_written(
    cluster: Run, tmp_path: Path, bad: object, code: str
) -> None:
    source, target = write_lines(tmp_path / "in.jsonl", *texts(), bad), tmp_path / "out.jsonl"
    failed = cluster("cluster-file", str(source), str(target))
    assert failed.exit_code == 1
    assert "Line 16" in failed.stderr and f"[{code}]" in failed.stderr
    assert not target.exists()


def test_an_empty_file_is_an_empty_answer(cluster: Run, tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("")
    assert cluster("cluster-file", str(source), str(target)).exit_code == 0
    assert target.read_text() == ""


def test_evaluating_what_is_no_corpus_is_refused(run: Run, tmp_path: Path) -> None:
    failed = run("evaluate", str(tmp_path))
    assert failed.exit_code == 1
    assert "[broken_corpus]" in failed.stderr
