"""Run commands as a user does, on a store of the test's own, with fake models."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from service.cli import app
from tests.language_fakes import fake_language

Run = Callable[..., Result]

NOTE = {
    "source": "manual",
    "external_id": "n-1",
    "account_id": "a-1",
    "csm_id": "c-1",
    "occurred_at": "2026-07-03T09:30:00Z",
    "text": "They need a bulk export of all records.",
}


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the store will be; there is none yet."""
    path = tmp_path / "groundswell.db"
    monkeypatch.setenv("GROUNDSWELL_DATABASE_URL", f"sqlite:///{path}")
    monkeypatch.chdir(tmp_path)
    return path


@pytest.fixture
def run(database: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run one command in this process, with models that need no download and no torch."""
    monkeypatch.setattr("service.flows.language.load_language", lambda name, **_: fake_language())
    runner = CliRunner()

    def invoke(*arguments: str) -> Result:
        return runner.invoke(app, list(arguments))

    return invoke


def write_lines(path: Path, *rows: Any) -> Path:
    """A file of JSON lines; a text is written as it stands."""
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def note(**changes: Any) -> dict[str, Any]:
    """A note that is accepted as it stands."""
    return {**NOTE, **changes}
