"""Distinct accounts by month: the same as counting them one by one."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from models.trend import recent_months
from models.window import Calendar, Month, parse_quarter
from service.flows.month_history import month_history
from service.storage.engine import Store
from tests.flows.spoken_signals import say, with_portfolio

MONTHS = [Month(2026, number) for number in (7, 8, 9)]


def history(store: Store, zone: str = "UTC") -> list[list[int]]:
    with store.read() as connection:
        found = month_history(store, connection, MONTHS, calendar=Calendar(ZoneInfo(zone)))
    return [list(counts) for counts in found.values()]


def test_an_account_counts_once_a_month(store: Store) -> None:
    with_portfolio(store)
    for day in ("2026-07-01", "2026-07-20", "2026-09-02"):
        say(store, "a-1", occurred_at=f"{day}T09:00:00Z", verbatim=day)
    say(store, "a-2", occurred_at="2026-07-05T09:00:00Z")
    say(store, None, occurred_at="2026-08-05T09:00:00Z")
    say(store, "a-3", occurred_at="2026-10-01T00:00:00Z")
    assert history(store) == [[2, 0, 1]]


def test_months_are_those_of_the_calendar(store: Store) -> None:
    say(with_portfolio(store), occurred_at="2026-07-31T22:30:00Z")
    assert history(store) == [[1, 0, 0]]
    assert history(store, "Europe/Berlin") == [[0, 1, 0]]


@pytest.mark.parametrize(
    ("as_of", "first", "last"),
    [
        ("2026-09-30", "2026-04", "2026-09"),
        ("2026-08-15", "2026-03", "2026-08"),
        ("2027-05-01", "2026-04", "2026-09"),
        ("2025-01-01", "2026-02", "2026-07"),
    ],
)
def test_the_months_end_with_the_day_asked_about(as_of: str, first: str, last: str) -> None:
    calendar = Calendar(ZoneInfo("UTC"))
    months = recent_months(calendar, parse_quarter("2026-Q3"), date.fromisoformat(as_of), 6)
    assert (str(months[0]), str(months[-1]), len(months)) == (first, last, 6)
