"""Quarters, months and weeks in the organisation's time zone and fiscal year."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InvalidInput
from models.window import (
    Calendar,
    Month,
    Quarter,
    Week,
    parse_month,
    parse_quarter,
    parse_week,
)

UTC_CALENDAR = Calendar(ZoneInfo("UTC"))
BERLIN = Calendar(ZoneInfo("Europe/Berlin"))


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


def test_a_quarter_is_half_open() -> None:
    window = UTC_CALENDAR.window(parse_quarter("2026-Q3"))
    assert (window.start, window.end) == (at(2026, 7, 1), at(2026, 10, 1))
    assert window.start in window
    assert window.end not in window
    assert window.end - timedelta(microseconds=1) in window


def test_a_quarter_begins_at_local_midnight() -> None:
    window = BERLIN.window(Quarter(2026, 4))
    assert (window.start, window.end) == (at(2026, 9, 30, 22), at(2026, 12, 31, 23))
    assert BERLIN.quarter_of(at(2026, 9, 30, 22)) == Quarter(2026, 4)
    assert BERLIN.quarter_of(at(2026, 9, 30, 21, 59)) == Quarter(2026, 3)


def test_a_fiscal_year_is_named_by_the_year_it_ends_in() -> None:
    february = Calendar(ZoneInfo("UTC"), fiscal_year_start=2)
    assert february.days(Quarter(2027, 1)) == (date(2026, 2, 1), date(2026, 4, 30))
    assert february.days(Quarter(2027, 4)) == (date(2026, 11, 1), date(2027, 1, 31))
    assert february.quarter_of_day(date(2026, 1, 31)) == Quarter(2026, 4)
    assert february.quarter_of_day(date(2026, 2, 1)) == Quarter(2027, 1)


def test_a_fiscal_year_from_january_is_the_calendar_year() -> None:
    assert UTC_CALENDAR.days(Quarter(2026, 1)) == (date(2026, 1, 1), date(2026, 3, 31))
    assert UTC_CALENDAR.quarter_of_day(date(2026, 12, 31)) == Quarter(2026, 4)


@given(day=st.dates(date(1950, 1, 1), date(2100, 1, 1)), start=st.integers(1, 12))
def test_every_day_is_in_the_quarter_it_is_said_to_be_in(day: date, start: int) -> None:
    calendar = Calendar(ZoneInfo("UTC"), start)
    quarter = calendar.quarter_of_day(day)
    first, last = calendar.days(quarter)
    assert first <= day <= last
    assert calendar.quarter_of_day(last + timedelta(days=1)) == quarter.shifted(1)
    assert calendar.days(quarter.shifted(1))[0] == last + timedelta(days=1)


@given(
    hours=st.integers(0, 50 * 365 * 24),
    zone=st.sampled_from(["UTC", "America/Sao_Paulo", "Asia/Kathmandu", "Pacific/Apia"]),
)
def test_the_window_of_a_day_and_the_day_of_an_instant_agree(hours: int, zone: str) -> None:
    instant = at(1990, 1, 1) + timedelta(hours=hours)
    calendar = Calendar(ZoneInfo(zone))
    day = calendar.local_day(instant)
    assert instant in calendar.days_window(day, day)
    assert instant in calendar.window(calendar.quarter_of(instant))


def test_a_day_whose_midnight_is_skipped_begins_with_the_skip() -> None:
    sao_paulo = Calendar(ZoneInfo("America/Sao_Paulo"))
    window = sao_paulo.days_window(date(2018, 11, 4), date(2018, 11, 4))
    assert window.start == at(2018, 11, 4, 3)


def test_months_and_weeks() -> None:
    assert UTC_CALENDAR.days(parse_month("2028-02")) == (date(2028, 2, 1), date(2028, 2, 29))
    assert UTC_CALENDAR.days(parse_week("2026-W37")) == (date(2026, 9, 7), date(2026, 9, 13))
    assert UTC_CALENDAR.days(parse_week("2026-W53")) == (date(2026, 12, 28), date(2027, 1, 3))
    assert Month(2026, 1).shifted(-1) == Month(2025, 12)
    assert Quarter(2026, 1).shifted(-1) == Quarter(2025, 4)
    assert UTC_CALENDAR.months(Quarter(2026, 3)) == (
        Month(2026, 7),
        Month(2026, 8),
        Month(2026, 9),
    )


def test_periods_print_as_they_are_written() -> None:
    assert [str(period) for period in (Quarter(2026, 3), Month(2026, 9), Week(2026, 7))] == [
        "2026-Q3",
        "2026-09",
        "2026-W07",
    ]


@pytest.mark.parametrize(
    "written",
    ["2026-Q5", "2026-Q0", "2026Q3", "Q3-2026", "2026-q3", "", "0000-Q1", "9999-Q4", "٢٠٢٦-Q3"],
)
def test_an_unknown_quarter_is_refused_with_an_example(written: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_quarter(written)
    assert (caught.value.code, caught.value.field) == ("unknown_quarter", "quarter")
    assert "2026-Q3" in caught.value.message


@pytest.mark.parametrize("written", ["2026-13", "2026-00", "2026-9", "x"])
def test_an_unknown_month_is_refused(written: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_month(written)
    assert caught.value.code == "unknown_month"


@pytest.mark.parametrize("written", ["2025-W53", "2026-W00", "2026-W54", "2026-37", "x"])
def test_an_unknown_week_is_refused(written: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_week(written)
    assert caught.value.code == "unknown_week"


@pytest.mark.parametrize("month", [0, 13])
def test_a_fiscal_year_begins_in_a_month(month: int) -> None:
    with pytest.raises(InvalidInput) as caught:
        Calendar(ZoneInfo("UTC"), month)
    assert caught.value.code == "bad_fiscal_year_start"
