"""`evaluate --review`: a reviewer who knows the gold works through the API of the real service."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.labelled_folder import EXPORT, ODD, SIGN_ON, language, write_folder


@pytest.fixture
def evaluate(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command with models of a few lines, on a corpus of five notes."""
    # The reader takes a pleasantry for a request; nobody asked for it.
    models = language(EXPORT, SIGN_ON, ODD, "Lovely weather")
    monkeypatch.setattr("service.flows.language.load_language", lambda name, **_: models)
    write_folder(tmp_path)
    return run


def test_the_curve_begins_before_the_first_decision_and_ends_with_the_queue(
    evaluate: Run, tmp_path: Path
) -> None:
    done = evaluate("evaluate", str(tmp_path), "--review", "30", "--json")
    assert done.exit_code == 0, done.output
    curve = json.loads(done.stdout)["after_decisions"]
    numbers = [int(number) for number in curve]
    assert numbers[0] == 0
    assert numbers == sorted(numbers)
    assert 0 < numbers[-1] <= 30
    first, last = curve["0"], curve[str(numbers[-1])]
    assert last["signals"]["at_signal"]["f1"] >= first["signals"]["at_signal"]["f1"]
    assert last["signals"]["at_signal"]["f1"] == 1.0


def test_the_table_has_the_curve_too(evaluate: Run, tmp_path: Path) -> None:
    done = evaluate("evaluate", str(tmp_path), "--review", "1")
    assert done.exit_code == 0, done.output
    assert "after_decisions.0.signals.at_signal.f1" in done.stdout
    assert "after_decisions.1.signals.at_signal.f1" in done.stdout


def test_without_it_nobody_reviews(evaluate: Run, tmp_path: Path) -> None:
    done = evaluate("evaluate", str(tmp_path), "--json")
    assert done.exit_code == 0, done.output
    assert "after_decisions" not in json.loads(done.stdout)
