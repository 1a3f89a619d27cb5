"""Signals for a spreadsheet."""

from __future__ import annotations

import csv
import io

import pytest

from service.flows.signal_csv import signals_csv
from service.storage.engine import Store
from tests.flows.spoken_signals import (
    ask,
    exports_and_access,
    note_with_request,
    say,
    with_portfolio,
)
from tests.stored import put_theme


@pytest.fixture
def loaded(sqlite_store: Store) -> Store:
    """The organisation, nothing said yet."""
    return with_portfolio(sqlite_store)


def lines(store: Store) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(signals_csv(ask(store)))))


def test_one_line_a_theme_with_its_figures(loaded: Store) -> None:
    exports_and_access(loaded)
    first, second = lines(loaded)
    expected = {
        "quarter": "2026-Q3",
        "as_of": "2026-09-30",
        "policy": "combined",
        "label": "Bulk export",
        "level": "signal",
        "accounts": "3",
        "arr": "510000",
        "arr_share": "0.102",
        "degraded_requests": "3",
        "frequency_met": "true",
        "churn_met": "false",
        "first_reported_at": "2026-07-03T09:30:00Z",
        "recognised_at": "2026-07-03",
        "delivery": "open",
        "account_ids": "a-1;a-2;a-3",
    }
    assert {name: first[name] for name in expected} == expected
    assert second["label"] == "Single sign-on"
    assert second["recognised_at"] == ""


def test_a_condition_that_is_not_known_says_so(loaded: Store) -> None:
    say(loaded, "a-without-arr")
    assert lines(loaded)[0]["arr_met"] == "unknown"


@pytest.mark.parametrize("label", ["=1+1", "+1", "-1", "@sum", '=HYPERLINK("x","y")'])
def test_a_label_that_looks_like_a_formula_is_not_run(loaded: Store, label: str) -> None:
    note_with_request(loaded, put_theme(loaded, "t_1", label=label))
    assert lines(loaded)[0]["label"] == f"'{label}"
