"""`load notes --mapping`: a CRM's export, looked at first, then stored once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from service.flows.health import store_figures
from service.storage.engine import open_store
from tests.cli.conftest import Run, note, write_lines

EXPORT = """Id;AccountId;OwnerId;CreatedDate;Subject;Description;IsDeleted;Priority
00T1;001A;005X;2026-07-03T09:30:00.000Z;QBR;They need bulk export.;false;High
00T2;001A;005X;2026-07-04;Call;;false;
00T3;001A;005X;2026-07-04;Call;;true;High
00T4;001A;005X;soon;Call;;false;
"""
MAPPING = """source = "salesforce"
delimiter = ";"

[columns]
external_id = "Id"
account_id = "AccountId"
csm_id = "OwnerId"
occurred_at = "CreatedDate"
text = ["Subject", "Description"]

[skip]
IsDeleted = "true"
"""


@pytest.fixture
def export(tmp_path: Path) -> Path:
    file = tmp_path / "tasks.csv"
    file.write_text(EXPORT, encoding="utf-8")
    (tmp_path / "own.toml").write_text(MAPPING, encoding="utf-8")
    return file


def pending(database: Path) -> int:
    store = open_store(f"sqlite:///{database}")
    try:
        return store_figures(store).pending_notes
    finally:
        store.close()


def test_a_dry_run_shows_the_notes_and_stores_nothing(
    run: Run, export: Path, database: Path
) -> None:
    shown = run("load", "notes", str(export), "--mapping", "own.toml", "--dry-run")
    assert shown.exit_code == 1
    assert "00T1" in shown.stdout and "QBR They need bulk export." in shown.stdout
    assert "2 notes, 1 rejected; nothing was stored." in shown.stdout
    assert "line 5" in shown.stderr and "[bad_time]" in shown.stderr
    assert "Priority (2)" in shown.stderr
    assert not database.exists()


def test_a_dry_run_shows_at_most_ten(run: Run, tmp_path: Path, database: Path) -> None:
    rows = [note(external_id=f"n-{number}") for number in range(12)]
    file = write_lines(tmp_path / "notes.jsonl", *rows)
    shown = json.loads(run("load", "notes", str(file), "--dry-run", "--json").stdout)
    assert shown["notes"] == 12
    assert [row["note"]["external_id"] for row in shown["first"]] == [f"n-{n}" for n in range(10)]
    assert not database.exists()


def test_an_export_is_stored_once_however_often_it_is_loaded(
    run: Run, export: Path, database: Path
) -> None:
    first = run("load", "notes", str(export), "--mapping", "own.toml")
    again = run("load", "notes", str(export), "--mapping", "own.toml")
    assert first.stdout == "notes: 2 accepted, 1 rejected\n"
    assert again.stdout == "notes: 2 duplicate, 1 rejected\n"
    assert "`skip`: 1" in first.stderr and "Priority (2)" in first.stderr
    assert pending(database) == 2


def test_a_mapping_that_is_not_there_is_a_clear_error(run: Run, export: Path) -> None:
    missing = run("load", "notes", str(export), "--mapping", "none.toml")
    unknown = run("load", "notes", str(export), "--mapping", "none")
    assert (missing.exit_code, unknown.exit_code) == (1, 1)
    assert "[unreadable_file]" in missing.stderr
    assert "[unknown_mapping]" in unknown.stderr
