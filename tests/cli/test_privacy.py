"""`erase` and `retain` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run, note, write_lines


@pytest.fixture
def loaded(run: Run, tmp_path: Path) -> Run:
    """Two notes of one account and CSM, read."""
    young = note(external_id="n-2", occurred_at="2098-01-01T00:00:00Z")
    young["occurred_at"] = "2026-07-03T09:30:00Z"
    old = note(occurred_at="2019-07-03T09:30:00Z")
    file = write_lines(tmp_path / "notes.jsonl", old, young)
    assert run("load", "notes", str(file), "--wait").exit_code == 0
    return run


def exported(run: Run, tmp_path: Path) -> list[dict[str, object]]:
    target = tmp_path / "out.jsonl"
    assert run("export", "requests", str(target)).exit_code == 0
    return [json.loads(line) for line in target.read_text().splitlines()]


def test_a_note_is_erased(loaded: Run, tmp_path: Path) -> None:
    assert loaded("erase", "note", "manual", "n-1").exit_code == 0
    assert [row["external_id"] for row in exported(loaded, tmp_path)] == ["n-2"]
    again = loaded("erase", "note", "manual", "n-9")
    assert again.exit_code == 1
    assert "unknown_note" in again.stderr


def test_an_account_is_erased(loaded: Run, tmp_path: Path) -> None:
    answer = json.loads(loaded("erase", "account", "a-1", "--json").stdout)
    assert answer == {"account_id": "a-1", "notes": 2, "observations": 0}
    assert exported(loaded, tmp_path) == []


def test_a_csm_is_erased(loaded: Run, tmp_path: Path) -> None:
    stand_in = json.loads(loaded("erase", "csm", "c-1", "--json").stdout)["csm_id"]
    assert {row["csm_id"] for row in exported(loaded, tmp_path)} == {stand_in}


def test_a_dry_run_counts_and_erases_nothing(loaded: Run, tmp_path: Path) -> None:
    shown = loaded("retain", "--days", "1500", "--dry-run")
    assert shown.stdout.startswith("1 notes and 0 pre-reads from before ")
    assert shown.stdout.endswith("are to be erased.\n")
    assert len(exported(loaded, tmp_path)) == 2


def test_what_is_old_is_erased_by_the_setting(
    loaded: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROUNDSWELL_RETENTION_DAYS", "1500")
    assert json.loads(loaded("retain", "--json").stdout)["notes"] == 1
    assert [row["external_id"] for row in exported(loaded, tmp_path)] == ["n-2"]


def test_how_long_must_be_said(loaded: Run) -> None:
    assert loaded("retain").exit_code == 2


def test_exports_are_masked(run: Run, tmp_path: Path) -> None:
    text = "They need a reply at +1 415 555 0132."
    file = write_lines(tmp_path / "notes.jsonl", note(text=text))
    run("load", "notes", str(file), "--wait")
    (row,) = exported(run, tmp_path)
    assert (row["text"], row["text_masked"]) == ("They need a reply at [phone].", True)


def test_a_file_in_another_encoding_is_loaded_when_that_is_named(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "csms.csv"
    file.write_bytes("csm_id,name\nc-1,Zoë\n".encode("windows-1252"))
    refused = run("load", "csms", str(file))
    assert refused.exit_code == 1 and "--encoding" in refused.stderr
    assert run("load", "csms", str(file), "--encoding", "windows-1252").exit_code == 0
    file.write_bytes("csm_id,name\nc-1,Zoë\n".encode("utf-16"))
    assert run("load", "csms", str(file)).stdout == "csms: 1 duplicate\n"
    assert run("load", "csms", str(file), "--encoding", "nonsense").exit_code == 1
