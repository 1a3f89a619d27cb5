"""Distinct accounts by month, and the quarter's trend."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from models.evidence import Mention
from models.trend import MonthCounts, Trend, compare, quarter_trend, trend_months
from models.window import Calendar
from tests.models.factories import Q3, UTC_CALENDAR, day, mention

MONTHS = trend_months(UTC_CALENDAR, Q3)


def trend(mentions: list[Mention], as_of: date) -> Trend | None:
    return quarter_trend(MonthCounts(MONTHS, UTC_CALENDAR).of(mentions), as_of)


def heard(month: int, *accounts: str | None) -> list[Mention]:
    return [mention(account, at=day(month, 5)) for account in accounts]


def test_more_as_many_or_fewer_accounts() -> None:
    assert compare(3, 2) is Trend.INCREASING
    assert compare(2, 2) is Trend.STABLE
    assert compare(1, 2) is Trend.DECREASING


def test_the_months_are_the_quarters_and_the_one_before() -> None:
    assert [str(month) for month in MONTHS] == ["2026-06", "2026-07", "2026-08", "2026-09"]


def test_an_account_counts_once_a_month_and_again_the_next() -> None:
    mentions = heard(7, "a", "a", "b") + heard(8, "a") + heard(5, "a") + heard(10, "a")
    counts = MonthCounts(MONTHS, UTC_CALENDAR).of(mentions)
    assert [count.accounts for count in counts] == [0, 2, 1, 0]


def test_a_pre_read_without_an_account_is_no_account() -> None:
    counts = MonthCounts(MONTHS, UTC_CALENDAR).of(heard(7, None))
    assert [count.accounts for count in counts] == [0, 0, 0, 0]


def test_months_are_local() -> None:
    berlin = Calendar(ZoneInfo("Europe/Berlin"))
    late = mention("a", at=day(7, 31, hour=22))
    counts = MonthCounts(trend_months(berlin, Q3), berlin).of([late])
    assert [count.accounts for count in counts] == [0, 0, 1, 0]


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        (date(2026, 7, 30), None),
        (date(2026, 7, 31), Trend.INCREASING),
        (date(2026, 8, 30), Trend.INCREASING),
        (date(2026, 8, 31), Trend.DECREASING),
        (date(2026, 9, 29), Trend.DECREASING),
        (date(2026, 9, 30), Trend.STABLE),
        (date(2027, 1, 1), Trend.STABLE),
    ],
)
def test_the_last_complete_month_is_held_against_the_one_before(
    as_of: date, expected: Trend | None
) -> None:
    mentions = heard(6, "a") + heard(7, "a", "b") + heard(8, "c") + heard(9, "d")
    assert trend(mentions, as_of) is expected
