"""`evaluate --peers`: a column for each peer beside ours, and how to get them where they lack."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from service.flows.peers import peer_reports
from tests.cli.conftest import Run
from tests.flows.test_peers import PEERS, KeywordEncoder, corpus


def test_without_the_extra_the_command_that_installs_it_is_named(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "umap", None)
    failed = run("evaluate", str(tmp_path), "--peers")
    assert failed.exit_code == 1
    assert "pip install 'groundswell[peers]'" in failed.stderr
    assert "[peers_missing]" in failed.stderr


@pytest.fixture
def evaluated(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """`evaluate` of a corpus on which ours is the first peer, and the second stands beside it."""
    found = peer_reports(corpus(), KeywordEncoder(), PEERS)
    monkeypatch.setattr("service.flows.language.load_language", lambda name, **_: None)
    monkeypatch.setattr(
        "service.flows.quality_report.evaluate_corpus", lambda *_, **__: found["lump"]
    )
    monkeypatch.setattr(
        "service.flows.peers.evaluate_peers", lambda *_, **__: {"shy": found["shy"]}
    )
    return lambda *flags: run("evaluate", str(tmp_path), *flags)


def test_each_measure_shows_ours_and_then_the_peers(evaluated: Run) -> None:
    done = evaluated("--peers")
    assert done.exit_code == 0, done.output
    lines = [line.split() for line in done.stdout.splitlines()]
    assert lines[0] == ["measure", "Groundswell", "shy"]
    assert ["without_taxonomy.missed_merge", "0.000", "1.000"] in lines


def test_json_holds_the_peers_by_name_where_they_were_asked_for(evaluated: Run) -> None:
    asked = json.loads(evaluated("--peers", "--json").stdout)
    assert asked["without_taxonomy"]["missed_merge"] == 0.0
    assert asked["peers"]["shy"]["without_taxonomy"]["missed_merge"] == 1.0
    assert "peers" not in json.loads(evaluated("--json").stdout)
