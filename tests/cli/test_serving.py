"""`serve`, `work` and `demo` as processes and as commands."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.commands.demo import demo_clock
from tests.cli.conftest import Run

START = "from service.cli import main; main()"
ROOT = Path(__file__).parents[2]


@contextmanager
def served(folder: Path, *arguments: str, **environ: str) -> Iterator[str]:
    """A server in a process of its own; yields its address and stops it as a supervisor does."""
    process = subprocess.Popen(
        [sys.executable, "-c", START, "serve", "--port", "0", *arguments],
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "GROUNDSWELL_DATABASE_URL": f"sqlite:///{folder / 'x.db'}",
            **environ,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        found = re.search(r"http://\S+?(?=[\s(]|$)", process.stdout.readline())
        assert found, process.communicate()[1]
        yield found[0]
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) in (0, -signal.SIGTERM)
    finally:
        process.kill()
        process.communicate()


def get(address: str) -> tuple[int, str]:
    with urllib.request.urlopen(address, timeout=60) as answer:
        return answer.status, answer.read().decode()


def test_a_new_users_first_command_serves(tmp_path: Path) -> None:
    with served(tmp_path, "--no-worker", GROUNDSWELL_AUTH="off") as address:
        assert get(f"{address}/health/live") == (200, '{"status":"alive"}')
        assert get(f"{address}/health/ready")[0] == 200
        assert "There are no notes yet" in get(f"{address}/")[1]


def test_a_port_that_is_taken_is_a_clear_failure(run: Run) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        failed = run("serve", "--port", str(other.getsockname()[1]))
    assert failed.exit_code == 1
    assert "[address_taken]" in failed.stderr


def test_the_demo_prints_the_signals_of_its_quarter(run: Run, tmp_path: Path) -> None:
    done = run("demo", "--no-serve", "--folder", str(tmp_path / "mine"))
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("Signals 2026-Q3, as of 2026-09-30, policy combined")
    assert "Loaded 420 notes." in done.stderr
    assert (tmp_path / "mine" / "groundswell.db").exists()


def test_the_demo_never_touches_a_folder_that_is_there(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    refused = run("demo", "--no-serve", "--folder", str(tmp_path / "mine"))
    assert refused.exit_code == 1
    assert "[folder_exists]" in refused.stderr
    assert list((tmp_path / "mine").iterdir()) == []


def test_the_demo_takes_a_new_folder_each_time(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.commands.demo._load_sample", lambda store: None)
    for _ in range(2):
        assert run("demo", "--no-serve").exit_code == 0
    assert sorted(path.name for path in tmp_path.glob("groundswell-demo*")) == [
        "groundswell-demo",
        "groundswell-demo-2",
    ]


def test_the_demos_clock_is_never_before_its_notes() -> None:
    early = datetime(2026, 1, 1, tzinfo=UTC)
    late = datetime(2027, 1, 1, tzinfo=UTC)
    assert demo_clock(lambda: early)() == datetime(2026, 10, 1, tzinfo=UTC)
    assert demo_clock(lambda: late)() == late
