"""The health of the process as the store tells it."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from models.errors import InvalidInput
from models.policy import COMBINED
from models.window import Calendar
from service.flows.process_metrics import process_metrics
from service.storage.engine import Store
from service.storage.tables import csms, requests, themes
from tests.flows.spoken_signals import ask as signals_of
from tests.flows.spoken_signals import (
    exports_and_access,
    note_with_request,
    say,
    with_portfolio,
)
from tests.models.factories import UTC_CALENDAR
from tests.stored import put_theme

TODAY = date(2026, 9, 30)


def ask(store: Store, quarter: str | None = "2026-Q3", **options: Any) -> dict[str, Any]:
    options = {"today": TODAY, "calendar": UTC_CALENDAR, "policy": COMBINED} | options
    return dict(process_metrics(store, quarter, **options)[-1])


def value(store: Store, code: str, quarter: str = "2026-Q3") -> Any:
    return ask(store, quarter)["metrics"][code]["value"]


@pytest.fixture
def loaded(store: Store) -> Store:
    return with_portfolio(store)


@pytest.fixture
def local(sqlite_store: Store) -> Store:
    return with_portfolio(sqlite_store)


def test_tagged_counts_requests_on_live_items_of_all_but_dismissed_ones(loaded: Store) -> None:
    say(loaded, verbatim="one")
    say(loaded, "a-2", verbatim="two")
    note_with_request(loaded, None)
    assert value(loaded, "tagged_share") == Fraction(2, 3)
    with loaded.write() as connection:
        connection.execute(
            update(requests).where(requests.c.theme_id.is_(None)).values(dismissed=True)
        )
    assert value(loaded, "tagged_share") == 1


def test_a_request_on_a_proposed_theme_is_not_tagged(local: Store) -> None:
    note_with_request(local, put_theme(local))
    assert value(local, "tagged_share") == 0


def test_surfaced_themes_are_those_that_the_board_puts_at_candidate_or_above(local: Store) -> None:
    exports_and_access(local)
    levels = [row["level"] for row in signals_of(local)["data"]]
    assert levels == ["signal", "anecdote"]
    assert value(local, "patterns_surfaced") == 1


@pytest.mark.parametrize(
    ("state", "share"), [("open", 0), ("backlog", 1), ("shipped", 1), ("declined", 0)]
)
def test_backlog_and_shipped_are_taken_up(local: Store, state: str, share: int) -> None:
    exports_and_access(local)
    with local.write() as connection:
        connection.execute(update(themes).values(delivery={"state": state}))
    assert value(local, "backlog_share") == share


def test_days_run_from_the_first_request_ever_to_the_first_recognition(loaded: Store) -> None:
    say(loaded, "a-2", csm_id="c-1", verbatim="zero", occurred_at="2026-06-03T09:00:00Z")
    for number, on in ((1, "07-01"), (2, "07-11"), (3, "07-21")):
        at = f"2026-{on}T09:00:00Z"
        say(loaded, f"a-{number}", csm_id="c-1", verbatim=str(number), occurred_at=at)
    # 3 June to 21 July.
    assert value(loaded, "days_to_recognition") == 48
    assert value(loaded, "days_to_recognition", "2026-Q2") is None


def test_a_theme_that_was_recognised_before_is_not_counted_again(local: Store) -> None:
    for month in (5, 8):
        for number in (1, 2, 3):
            at = f"2026-{month:02d}-{number:02d}T09:00:00Z"
            say(local, f"a-{number}", csm_id="c-1", verbatim=f"{at}", occurred_at=at)
    assert value(local, "days_to_recognition", "2026-Q2") == 2
    assert value(local, "days_to_recognition") is None
    assert value(local, "patterns_surfaced") == 1


def test_contribution_is_of_active_csms(loaded: Store) -> None:
    for number in (1, 2, 3):
        say(loaded, csm_id=f"c-{number}", verbatim=f"{number}")
    assert value(loaded, "contribution_rate") == Fraction(3, 12)
    with loaded.write() as connection:
        connection.execute(
            update(csms).where(csms.c.csm_id.in_(["c-3", "c-12"])).values(active=False)
        )
    assert value(loaded, "contribution_rate") == Fraction(2, 10)


def test_quarters_come_oldest_first_each_as_of_its_own_day(local: Store) -> None:
    found = process_metrics(
        local, None, today=date(2026, 8, 15), calendar=UTC_CALENDAR, policy=COMBINED, quarters=3
    )
    assert [(row["quarter"], row["as_of"]) for row in found] == [
        ("2026-Q1", date(2026, 3, 31)),
        ("2026-Q2", date(2026, 6, 30)),
        ("2026-Q3", date(2026, 8, 15)),
    ]


def test_a_change_shows_at_once(local: Store) -> None:
    assert value(local, "patterns_surfaced") == 0
    exports_and_access(local)
    assert value(local, "patterns_surfaced") == 1


def test_another_calendar_is_another_answer(local: Store) -> None:
    exports_and_access(local)
    assert ask(local, "2026-Q3")["metrics"]["patterns_surfaced"]["value"] == 1
    fiscal = Calendar(ZoneInfo("UTC"), fiscal_year_start=2)
    # July is the last month of the second quarter of the year that ends in January 2027.
    assert ask(local, "2027-Q2", calendar=fiscal)["metrics"]["patterns_surfaced"]["value"] == 1
    assert ask(local, "2027-Q3", calendar=fiscal)["metrics"]["patterns_surfaced"]["value"] == 0


def test_a_quarter_that_is_none_is_refused(local: Store) -> None:
    with pytest.raises(InvalidInput) as refused:
        ask(local, "2026-Q5")
    assert refused.value.code == "unknown_quarter"
