"""Each notebook runs from top to bottom on a small store, and is committed without outputs."""

from __future__ import annotations

import ast
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from service.flows.observe import record_observation
from service.flows.taxonomy import upsert_items
from service.storage.engine import Store

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
NOW = datetime(2026, 10, 1, tzinfo=UTC)
ITEM = {"feature_area": "Data", "customer_need": "Bulk export", "description": "All at once."}


def cells(notebook: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in found if cell["cell_type"] == "code"]


@pytest.fixture
def heard(sqlite_store: Store) -> None:
    """One theme, heard from two accounts."""
    upsert_items(sqlite_store, [(1, ITEM)], now=NOW, actor="test", live=True)
    for account in ("a-1", "a-2"):
        observation = {
            "csm_id": "c-1",
            "account_id": account,
            "occurred_at": "2026-08-01T09:00:00Z",
            "feature_area": "Data",
            "customer_need": "Bulk export",
            "severity": "minor",
            "accounts_count": 1,
            "verbatim": f"{account} copies page by page.",
        }
        record_observation(sqlite_store, observation, now=NOW, actor="test")


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_runs_from_top_to_bottom(
    notebook: Path,
    heard: None,
    sqlite_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("GROUNDSWELL_DATABASE_URL", sqlite_url)
    names: dict[str, Any] = {}
    for number, cell in enumerate(cells(notebook), start=1):
        source = "".join(cell["source"])
        exec(compile(source, f"{notebook.name} cell {number}", "exec"), names)
    assert "Bulk export" in capsys.readouterr().out


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_is_committed_without_outputs(notebook: Path) -> None:
    assert [cell["outputs"] for cell in cells(notebook) if cell["outputs"]] == []
    assert {cell["execution_count"] for cell in cells(notebook)} == {None}


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_uses_our_code_and_defines_none(notebook: Path) -> None:
    tree = ast.parse("\n".join("".join(cell["source"]) for cell in cells(notebook)))
    kinds = [type(node) for node in ast.walk(tree)]
    assert ast.ImportFrom in kinds
    assert not {ast.FunctionDef, ast.ClassDef, ast.Lambda} & set(kinds)
