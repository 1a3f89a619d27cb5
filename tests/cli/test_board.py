"""`signals`, `export` and `keys`: what is printed, and what is written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run, note, write_lines


@pytest.fixture
def filled(run: Run, tmp_path: Path) -> Run:
    """A store with one item, heard from three accounts in 2026-Q3, read and run."""
    items = tmp_path / "items.csv"
    items.write_text("feature_area,customer_need,description\nExport,Bulk export,All records\n")
    accounts = tmp_path / "accounts.csv"
    accounts.write_text("account_id,arr\na-0,1000\na-1,2000\na-2,3000\na-3,94000\n")
    rows = [
        note(external_id=f"n-{i}", account_id=f"a-{i}", text=f"They need bulk export, all {i}.")
        for i in range(3)
    ]
    run("load", "taxonomy", str(items))
    run("load", "accounts", str(accounts))
    run("load", "notes", str(write_lines(tmp_path / "notes.jsonl", *rows)))
    assert run("run").exit_code == 0
    return run


def test_signals_are_a_table(filled: Run) -> None:
    shown = filled("signals", "--quarter", "2026-Q3", "--as-of", "2026-09-30")
    assert shown.exit_code == 0
    lines = shown.stdout.splitlines()
    assert lines[0] == ("Signals 2026-Q3, as of 2026-09-30, policy combined (total ARR $100,000)")
    assert lines[1].split()[:3] == ["level", "theme", "accounts"]
    assert lines[3].split()[0] == "candidate"
    assert "$6,000" in shown.stdout and "6.0 %" in shown.stdout


def test_signals_as_json_are_the_apis(filled: Run) -> None:
    shown = filled("signals", "--quarter", "2026-Q3", "--policy", "single_gate", "--json")
    body = json.loads(shown.stdout)
    assert (body["quarter"], body["policy"]) == ("2026-Q3", "single_gate")
    assert sum(row["accounts"] for row in body["data"]) >= 3


def test_a_quarter_in_which_nothing_was_heard_says_what_to_do(filled: Run) -> None:
    shown = filled("signals", "--quarter", "2020-Q1")
    assert shown.exit_code == 0
    assert "load notes" in shown.stdout


@pytest.mark.parametrize(("what", "field"), [("requests", "note_id"), ("themes", "keyphrases")])
def test_an_export_holds_every_row(filled: Run, tmp_path: Path, what: str, field: str) -> None:
    target = tmp_path / "out.jsonl"
    done = filled("export", what, str(target))
    assert done.exit_code == 0
    rows = [json.loads(line) for line in target.read_text().splitlines()]
    assert rows and all(field in row for row in rows)
    assert f"{len(rows):,} {what}" in done.stdout


def test_signals_are_exported_by_quarter(filled: Run, tmp_path: Path) -> None:
    target = tmp_path / "out.jsonl"
    assert filled("export", "signals", str(target), "--quarter", "2026-Q3").exit_code == 0
    assert json.loads(target.read_text().splitlines()[0])["level"]


def test_an_export_that_fails_leaves_the_file_as_it_was(filled: Run, tmp_path: Path) -> None:
    target = tmp_path / "out.jsonl"
    target.write_text("before\n")
    assert filled("export", "signals", str(target), "--quarter", "nonsense").exit_code == 1
    assert target.read_text() == "before\n"
    assert [path.name for path in tmp_path.glob(".out*")] == []


def test_a_key_is_shown_once_listed_and_revoked(run: Run) -> None:
    made = json.loads(run("keys", "create", "--role", "cs_ops", "--name", "Ana", "--json").stdout)
    listed = run("keys", "list", "--json")
    assert made["key"] not in listed.stdout
    (row,) = json.loads(listed.stdout)["data"]
    assert (row["id"], row["role"], row["revoked_at"]) == (made["id"], "cs_ops", None)
    assert run("keys", "revoke", made["id"]).exit_code == 0
    assert "revoked" in run("keys", "list").stdout


def test_a_key_alone_is_on_stdout(run: Run) -> None:
    made = run("keys", "create", "--role", "ingest", "--name", "CRM")
    assert made.stdout.startswith("gs_")
    assert len(made.stdout.split()) == 1


@pytest.mark.parametrize(
    "arguments",
    [("--role", "boss", "--name", "x"), ("--role", "csm", "--name", "x")],
    ids=["unknown role", "csm without csm_id"],
)
def test_a_key_that_can_not_be_is_refused(run: Run, arguments: tuple[str, ...]) -> None:
    assert run("keys", "create", *arguments).exit_code == 1
