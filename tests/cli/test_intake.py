"""`load` and `run`: the backfill, safe to run again, and the work that waits."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from models.errors import Unavailable
from service.flows.health import StoreFigures, store_figures
from service.storage.engine import open_store
from tests.cli.conftest import Run, note, write_lines

ROOT = Path(__file__).parents[2]


def holds(database: Path) -> StoreFigures:
    store = open_store(f"sqlite:///{database}")
    try:
        return store_figures(store)
    finally:
        store.close()


def test_notes_are_loaded_once_however_often_they_are_loaded(
    run: Run, tmp_path: Path, database: Path
) -> None:
    file = write_lines(tmp_path / "notes.jsonl", note(), note(external_id="n-2"))
    first = run("load", "notes", str(file))
    again = run("load", "notes", str(file))
    assert (first.exit_code, again.exit_code) == (0, 0)
    assert first.stdout == "notes: 2 accepted\n"
    assert again.stdout == "notes: 2 duplicate\n"
    assert holds(database).pending_notes == 2


def test_bad_lines_are_named_and_good_ones_kept(run: Run, tmp_path: Path, database: Path) -> None:
    file = write_lines(
        tmp_path / "notes.jsonl", note(), "{broken", note(external_id="n-2", text=" ")
    )
    loaded = run("load", "notes", str(file))
    assert loaded.exit_code == 1
    assert loaded.stdout == "notes: 1 accepted, 2 rejected\n"
    named = [line for line in loaded.stderr.splitlines() if line.startswith("line ")]
    assert [line.split(":")[0] for line in named] == ["line 2", "line 3"]
    assert "[broken_json]" in named[0] and "[empty_text]" in named[1]
    assert holds(database).pending_notes == 1


def test_with_json_the_receipt_is_on_stdout(run: Run, tmp_path: Path) -> None:
    file = write_lines(tmp_path / "notes.jsonl", note(), "{broken")
    receipt = json.loads(run("load", "notes", str(file), "--json").stdout)
    assert receipt["accepted"] == 1
    assert [bad["line"] for bad in receipt["rejected"]] == [2]


def test_tables_come_as_csv_and_unknown_columns_are_named(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "accounts.csv"
    file.write_text("\ufeffaccount_id,name,arr,colour\na-1,One,1000,red\n", encoding="utf-8")
    loaded = run("load", "accounts", str(file))
    assert (loaded.exit_code, loaded.stdout) == (0, "accounts: 1 accepted\n")
    assert "colour" in loaded.stderr


def test_a_csv_without_its_header_is_refused_whole(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "csms.csv"
    file.write_text("c-1,Priya\n")
    loaded = run("load", "csms", str(file))
    assert loaded.exit_code == 1
    assert "[csv_header]" in loaded.stderr


def test_waiting_returns_when_notes_are_read_and_items_embedded(
    run: Run, tmp_path: Path, database: Path
) -> None:
    items = tmp_path / "taxonomy.csv"
    items.write_text("feature_area,customer_need,description\nExport,Bulk export,All records\n")
    assert run("load", "taxonomy", str(items), "--wait").exit_code == 0
    file = write_lines(tmp_path / "notes.jsonl", note())
    assert run("load", "notes", str(file), "--wait").exit_code == 0
    figures = holds(database)
    assert (figures.pending_notes, figures.waiting_jobs) == (0, 0)
    assert sum(count for _, count in figures.requests) == 1


def test_waiting_without_an_encoder_fails_and_loses_nothing(
    run: Run, tmp_path: Path, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(_: str, **__: Any) -> Any:
        raise Unavailable("There is no encoder here.", code="encoder_unavailable")

    monkeypatch.setattr("service.flows.language.load_language", missing)
    file = write_lines(tmp_path / "notes.jsonl", note())
    loaded = run("load", "notes", str(file), "--wait")
    assert loaded.exit_code == 1
    assert "[encoder_unavailable]" in loaded.stderr
    assert holds(database).pending_notes == 1


def test_a_run_reads_what_is_unread_and_returns_when_done(
    run: Run, tmp_path: Path, database: Path
) -> None:
    rows = [
        note(external_id=f"n-{i}", account_id=f"a-{i}", text=f"They need bulk export {i}.")
        for i in range(6)
    ]
    run("load", "notes", str(write_lines(tmp_path / "notes.jsonl", *rows)))
    ended = run("run", "--json")
    assert ended.exit_code == 0
    assert json.loads(ended.stdout)["state"] == "done"
    figures = holds(database)
    assert figures.pending_notes == 0
    assert sum(count for _, count in figures.requests) == 6


def test_a_load_that_is_killed_is_finished_by_the_next(
    run: Run, tmp_path: Path, database: Path
) -> None:
    rows = [note(external_id=f"n-{i}", account_id=f"a-{i % 50}") for i in range(20_000)]
    file = write_lines(tmp_path / "notes.jsonl", *rows)
    assert run("migrate").exit_code == 0
    load = subprocess.Popen(
        [sys.executable, "-c", "from service.cli import main; main()", "load", "notes", str(file)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    # Until the first thousand are committed, so that it is cut off in the middle.
    while holds(database).pending_notes == 0 and load.poll() is None:
        time.sleep(0.02)
    load.send_signal(signal.SIGKILL)
    assert load.wait() == -signal.SIGKILL
    before = holds(database).pending_notes
    assert 0 < before < 20_000
    finished = run("load", "notes", str(file), "--json")
    assert finished.exit_code == 0
    receipt = json.loads(finished.stdout)
    assert (receipt["duplicate"], receipt["accepted"]) == (before, 20_000 - before)
    assert holds(database).pending_notes == 20_000
