"""From posted notes to signals with the real encoder: one walk, seen from several sides."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from service.demo import SAMPLE_CORPUS, SAMPLE_QUARTER
from tests.walk.conftest import Walk, file_of, posted_texts

# One process does the walk, whatever the number of test processes.
pytestmark = pytest.mark.xdist_group("walk")


def test_every_request_is_an_exact_span_of_its_note(walk: Walk) -> None:
    texts = posted_texts(walk.first_notes)
    rows = walk.clustered.requests.values()
    assert len(rows) > len(texts) / 2
    for row in rows:
        assert row["text"] == texts[row["external_id"]][row["start"] : row["end"]]


def test_without_a_taxonomy_requests_form_proposed_themes(walk: Walk) -> None:
    themes = walk.clustered.themes.values()
    assert len(themes) > 20
    assert {theme["status"] for theme in themes} == {"proposed"}


def test_another_order_in_another_process_gives_the_same(walk: Walk, tmp_path: Path) -> None:
    reversed_notes = file_of(walk.first_notes[::-1], tmp_path / "reversed.jsonl")
    groundswell(tmp_path, "load", "accounts", str(SAMPLE_CORPUS / "accounts.csv"))
    groundswell(tmp_path, "load", "csms", str(SAMPLE_CORPUS / "csms.csv"))
    groundswell(tmp_path, "load", "notes", str(reversed_notes))
    groundswell(tmp_path, "run")
    groundswell(tmp_path, "export", "requests", "requests.jsonl")
    ours = {key: places(row) for key, row in walk.clustered.requests.items()}
    theirs = [json.loads(line) for line in (tmp_path / "requests.jsonl").open(encoding="utf-8")]
    assert {row["id"]: places(row) for row in theirs} == ours
    board = json.loads(groundswell(tmp_path, "signals", "--quarter", SAMPLE_QUARTER, "--json"))
    assert [levels(row) for row in board["data"]] == [levels(row) for row in walk.clustered.signals]


def test_a_tenth_more_notes_keeps_the_id_of_each_theme_that_kept_half(walk: Walk) -> None:
    before, after = walk.clustered.members, walk.with_more_notes.members
    # Later theme -> the earlier ones that have half of their requests in it.
    joined = {
        later_id: {old for old, were in before.items() if 2 * len(were & later) >= len(were)}
        for later_id, later in after.items()
    }
    kept_half = {old for olds in joined.values() for old in olds}
    # Of a theme cut into two equal halves one half has its id; of joined ones the older id stays.
    lost = {
        old
        for old in kept_half
        if not any(old in olds and later_id in olds for later_id, olds in joined.items())
    }
    assert lost == set()
    assert len(kept_half & set(after)) > len(before) / 2


def test_a_loaded_taxonomy_takes_the_requests_that_fit(walk: Walk) -> None:
    tagged = [row for row in walk.with_taxonomy.requests.values() if row["feature_area"]]
    assert len(tagged) > len(walk.with_taxonomy.requests) / 10
    assert all(len(row["candidates"]) >= 3 for row in walk.with_taxonomy.requests.values())


def test_an_accepted_theme_is_a_live_item_at_once(walk: Walk) -> None:
    theme = walk.after_decision.themes[walk.accepted["id"]]
    assert (theme["status"], theme["feature_area"]) == ("accepted", "Walk")
    assert members_of(walk, walk.accepted["id"])


def test_the_next_run_leaves_an_accepted_theme_accepted(walk: Walk) -> None:
    theme = walk.after_next_run.themes[walk.accepted["id"]]
    assert (theme["status"], theme["customer_need"]) == ("accepted", "What they ask for")


def test_signals_weigh_each_theme_by_the_requests_it_has(walk: Walk) -> None:
    board = walk.with_taxonomy.signals
    assert {"signal", "candidate"} <= {row["level"] for row in board}
    for row in board:
        mine = walk.with_taxonomy.members[row["theme_id"]]
        accounts = {walk.with_taxonomy.requests[key]["account_id"] for key in mine}
        assert set(row["account_ids"]) <= accounts
        assert row["accounts"] == len(row["account_ids"])


def members_of(walk: Walk, theme_id: str) -> set[str]:
    return walk.after_decision.members.get(theme_id, set())


def places(row: dict[str, Any]) -> tuple[Any, ...]:
    """What must not depend on order or process."""
    return (row["start"], row["end"], row["severity"], row["theme_id"], row["candidates"])


def levels(row: dict[str, Any]) -> tuple[Any, ...]:
    return (row["theme_id"], row["label"], row["level"], row["requests"], row["account_ids"])


def groundswell(folder: Path, *words: str) -> str:
    """Run the command in a process of its own, on a store in this folder; its stdout."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("GROUNDSWELL_")}
    command = Path(sys.executable).with_name("groundswell")
    run = subprocess.run(
        [command, *words], cwd=folder, env=own, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    return run.stdout
