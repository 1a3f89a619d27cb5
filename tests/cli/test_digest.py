"""`groundswell digest`: what is printed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run, note, write_lines


@pytest.fixture
def filled(run: Run, tmp_path: Path) -> Run:
    """Three accounts that asked for one thing in July 2026, read and run."""
    items = tmp_path / "items.csv"
    items.write_text("feature_area,customer_need,description\nExport,Bulk export,All records\n")
    rows = [
        note(external_id=f"n-{i}", account_id=f"a-{i}", text=f"They need bulk export, all {i}.")
        for i in range(3)
    ]
    run("load", "taxonomy", str(items))
    run("load", "notes", str(write_lines(tmp_path / "notes.jsonl", *rows)))
    assert run("run").exit_code == 0
    return run


def test_it_is_printed_as_markdown(filled: Run) -> None:
    shown = filled("digest", "2026-07")
    assert shown.exit_code == 0
    assert shown.stdout.startswith("# Customer signals, July 2026\n")
    assert "## What we ask of product" in shown.stdout


def test_it_is_printed_as_html(filled: Run) -> None:
    assert filled("digest", "2026-07", "--format", "html").stdout.startswith("<!doctype html>")


def test_json_is_the_apis(filled: Run) -> None:
    body = json.loads(filled("digest", "2026-07", "--json").stdout)
    assert (body["month"], body["complete"]) == ("2026-07", True)
    assert body["top_themes"][0]["accounts"] == 3


def test_a_bad_month_is_refused_in_a_sentence(filled: Run) -> None:
    shown = filled("digest", "2026-13")
    assert shown.exit_code == 1
    assert "write it like 2026-09" in shown.stderr
