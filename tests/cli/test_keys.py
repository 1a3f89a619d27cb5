"""`keys`: expiry, and that everything written by command is in the audit trail."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from service.flows.audit import list_audit
from service.storage.engine import open_store
from tests.cli.conftest import Run, note, write_lines


def trail(database: Path) -> list[tuple[str, str]]:
    store = open_store(f"sqlite:///{database}")
    try:
        return [(row.actor, row.action) for row in list_audit(store).data]
    finally:
        store.close()


def test_a_key_may_have_a_lifetime(run: Run) -> None:
    arguments = ("--role", "cs_ops", "--name", "Ana", "--expires-in", "90d", "--json")
    made = json.loads(run("keys", "create", *arguments).stdout)
    end = datetime.fromisoformat(made["expires_at"])
    assert timedelta(days=89) < end - datetime.now(UTC) <= timedelta(days=90)
    (row,) = json.loads(run("keys", "list", "--json").stdout)["data"]
    assert (row["state"], row["expires_at"]) == ("live", made["expires_at"])


def test_a_key_may_have_a_last_day_where_the_organisation_is(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROUNDSWELL_TIMEZONE", "Europe/Berlin")
    arguments = ("--role", "cs_ops", "--name", "Ana", "--expires", "2999-12-31", "--json")
    made = json.loads(run("keys", "create", *arguments).stdout)
    assert made["expires_at"] == "2999-12-31T23:00:00Z"
    assert "2999-12-31T23:00:00Z" in run("keys", "list").stdout


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--expires-in", "soon"), 1),
        (("--expires", "2020-01-01"), 1),
        (("--expires", "31.12.2999"), 1),
        (("--expires", "2999-12-31", "--expires-in", "90d"), 2),
    ],
)
def test_an_end_that_can_not_be_makes_no_key(
    run: Run, arguments: tuple[str, ...], code: int
) -> None:
    refused = run("keys", "create", "--role", "admin", "--name", "x", *arguments)
    assert refused.exit_code == code
    assert refused.stdout == ""


def _create(run: Run, _folder: Path) -> None:
    assert run("keys", "create", "--role", "admin", "--name", "x").exit_code == 0


def _revoke(run: Run, _folder: Path) -> None:
    arguments = ("--role", "admin", "--name", "x", "--json")
    made = json.loads(run("keys", "create", *arguments).stdout)
    assert run("keys", "revoke", made["id"]).exit_code == 0


def _load(noun: str, row: dict[str, object]) -> Callable[[Run, Path], None]:
    def load(run: Run, folder: Path) -> None:
        assert run("load", noun, str(write_lines(folder / "in.jsonl", row))).exit_code == 0

    return load


def _run(run: Run, _folder: Path) -> None:
    _create(run, _folder)
    assert run("run").exit_code == 0


ITEM = {"feature_area": "Export", "customer_need": "Bulk export", "description": "All."}


@pytest.mark.parametrize(
    ("write", "action"),
    [
        (_create, "key.created"),
        (_revoke, "key.revoked"),
        (_load("accounts", {"account_id": "a-1", "arr": 1}), "accounts.upsert"),
        (_load("csms", {"csm_id": "c-1", "name": "Ana"}), "csms.upsert"),
        (_load("taxonomy", ITEM), "taxonomy.upsert"),
        (_load("notes", note()), "notes.batch"),
        (_run, "run.queued"),
    ],
)
def test_what_a_command_writes_is_in_the_audit_trail(
    run: Run, tmp_path: Path, database: Path, write: Callable[[Run, Path], None], action: str
) -> None:
    write(run, tmp_path)
    assert ("command line", action) in trail(database)
