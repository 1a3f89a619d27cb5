"""Help, exit codes and the error shape of every command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run

COMMANDS = [
    ("demo",),
    ("serve",),
    ("work",),
    ("migrate",),
    ("keys", "create"),
    ("keys", "list"),
    ("keys", "revoke"),
    ("load", "accounts"),
    ("load", "csms"),
    ("load", "taxonomy"),
    ("load", "notes"),
    ("run",),
    ("signals",),
    ("export",),
    ("cluster-file",),
    ("evaluate",),
]


def groundswell(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", "from service.cli import main; main()", *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), **environ},
        check=False,
    )


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_help_with_an_example(run: Run, command: tuple[str, ...]) -> None:
    shown = run(*command, "--help")
    assert shown.exit_code == 0
    assert f"Example: groundswell {' '.join(command)}" in shown.output


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("load", "notes"),
        ("load", "notes", "not-there.jsonl"),
        ("signals", "--nonsense"),
        ("serve", "--port", "http"),
        ("serve", "--port", "70000"),
        ("export", "everything", "out.jsonl"),
        ("keys", "create", "--role", "cs_ops"),
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_2(run: Run, arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2


def test_a_file_of_an_unknown_kind_is_wrong_usage(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "notes.xlsx"
    file.write_text("x")
    assert run("load", "notes", str(file)).exit_code == 2


def test_a_failure_exits_1_with_one_sentence_on_stderr(run: Run) -> None:
    failed = run("signals", "--quarter", "2026-Q3")
    assert failed.exit_code == 1
    assert failed.stdout == ""
    assert failed.stderr.startswith("error: ")
    assert "groundswell migrate" in failed.stderr


def test_with_json_the_failure_is_the_one_error_shape(run: Run) -> None:
    run("migrate")
    failed = run("signals", "--quarter", "2026-Q5", "--json")
    assert failed.exit_code == 1
    error = json.loads(failed.stderr)["error"]
    assert (error["code"], error["field"]) == ("unknown_quarter", "quarter")


def test_a_bad_setting_is_named_and_exits_1(tmp_path: Path) -> None:
    ended = groundswell("keys", "list", GROUNDSWELL_TIMEZONE="Mars/Olympus")
    assert ended.returncode == 1
    assert "GROUNDSWELL_TIMEZONE" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_process_exits_with_the_same_codes(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    assert groundswell("migrate", GROUNDSWELL_DATABASE_URL=url).returncode == 0
    assert groundswell("keys", "revoke", "x", GROUNDSWELL_DATABASE_URL=url).returncode == 1
    assert groundswell("nonsense").returncode == 2


def test_serving_without_keys_is_refused_where_others_can_reach_it(
    run: Run, monkeypatch: pytest.MonkeyPatch, database: Path
) -> None:
    monkeypatch.setenv("GROUNDSWELL_AUTH", "off")
    for host in ("0.0.0.0", "::", "192.168.1.5", "example.com"):
        refused = run("serve", "--host", host)
        assert refused.exit_code == 1
        assert "auth_off_needs_loopback" in refused.stderr
    assert not database.exists()
