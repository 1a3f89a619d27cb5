"""Quarters, months and weeks as windows of time in the organisation's time zone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from models.errors import InvalidInput

# Wide enough for any note, narrow enough that no date arithmetic overflows.
FIRST_YEAR, LAST_YEAR = 1900, 9000

_QUARTER = re.compile(r"(\d{4})-Q([1-4])", re.ASCII)
_MONTH = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
_WEEK = re.compile(r"(\d{4})-W(\d{2})", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """A quarter of a fiscal year, which is named by the year in which it ends."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year:04d}-Q{self.number}"

    def shifted(self, quarters: int) -> Quarter:
        """The quarter that many later (earlier if negative)."""
        index = self.year * 4 + self.number - 1 + quarters
        return Quarter(index // 4, index % 4 + 1)


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"

    def shifted(self, months: int) -> Month:
        """The month that many later (earlier if negative)."""
        index = self.year * 12 + self.number - 1 + months
        return Month(index // 12, index % 12 + 1)

    @property
    def first_day(self) -> date:
        """Its first local day."""
        return date(self.year, self.number, 1)

    @property
    def last_day(self) -> date:
        """Its last local day."""
        return self.shifted(1).first_day - timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """An ISO 8601 week, Monday to Sunday; `year` is the ISO year."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year:04d}-W{self.number:02d}"

    @property
    def first_day(self) -> date:
        """Its Monday."""
        return date.fromisocalendar(self.year, self.number, 1)

    @property
    def last_day(self) -> date:
        """Its Sunday."""
        return self.first_day + timedelta(days=6)


@dataclass(frozen=True, slots=True)
class Window:
    """The half-open span [start, end) of aware UTC instants."""

    start: datetime
    end: datetime

    def __contains__(self, instant: datetime) -> bool:
        return self.start <= instant < self.end


@dataclass(frozen=True)
class Calendar:
    """The organisation's time zone and the first month of its fiscal year (1 to 12)."""

    timezone: ZoneInfo
    fiscal_year_start: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.fiscal_year_start <= 12:
            raise InvalidInput(
                "The fiscal year's first month must be from 1 to 12.",
                code="bad_fiscal_year_start",
                field="fiscal_year_start",
            )

    def window(self, period: Quarter | Month | Week) -> Window:
        """The span from the period's first local midnight to the one after its last day."""
        first, last = self.days(period)
        return self.days_window(first, last)

    def days_window(self, first: date, last: date) -> Window:
        """The span of whole local days from `first` to `last`, both included."""
        return Window(self._midnight(first), self._midnight(last + timedelta(days=1)))

    def days(self, period: Quarter | Month | Week) -> tuple[date, date]:
        """The period's first and last local day."""
        if isinstance(period, Quarter):
            months = self.months(period)
            return months[0].first_day, months[-1].last_day
        return period.first_day, period.last_day

    def months(self, quarter: Quarter) -> tuple[Month, Month, Month]:
        """The quarter's three months, in order."""
        year = quarter.year if self.fiscal_year_start == 1 else quarter.year - 1
        first = Month(year, self.fiscal_year_start).shifted(3 * (quarter.number - 1))
        return first, first.shifted(1), first.shifted(2)

    def local_day(self, instant: datetime) -> date:
        """The day on the organisation's wall calendar."""
        return instant.astimezone(self.timezone).date()

    def quarter_of(self, instant: datetime) -> Quarter:
        """The quarter that an instant falls in."""
        return self.quarter_of_day(self.local_day(instant))

    def quarter_of_day(self, day: date) -> Quarter:
        """The quarter that a local day falls in."""
        offset = (day.month - self.fiscal_year_start) % 12
        wraps = self.fiscal_year_start > 1 and day.month >= self.fiscal_year_start
        return Quarter(day.year + wraps, offset // 3 + 1)

    def _midnight(self, day: date) -> datetime:
        # Where the clock skips midnight, fold=0 gives the instant of the skip: the day's start.
        return datetime.combine(day, time(), tzinfo=self.timezone).astimezone(UTC)


def parse_quarter(value: str, field: str = "quarter") -> Quarter:
    """'2026-Q3'. Raises InvalidInput `unknown_quarter`."""
    found = _QUARTER.fullmatch(value)
    if found and FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
        return Quarter(int(found[1]), int(found[2]))
    raise InvalidInput(
        f"{field} is not a quarter; write it like 2026-Q3.", code="unknown_quarter", field=field
    )


def parse_month(value: str, field: str = "month") -> Month:
    """'2026-09'. Raises InvalidInput `unknown_month`."""
    found = _MONTH.fullmatch(value)
    if found and FIRST_YEAR <= int(found[1]) <= LAST_YEAR and 1 <= int(found[2]) <= 12:
        return Month(int(found[1]), int(found[2]))
    raise InvalidInput(
        f"{field} is not a month; write it like 2026-09.", code="unknown_month", field=field
    )


def parse_week(value: str, field: str = "week") -> Week:
    """'2026-W37', ISO 8601. Raises InvalidInput `unknown_week`."""
    found = _WEEK.fullmatch(value)
    if found and FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
        year, number = int(found[1]), int(found[2])
        # 28 December is always in the ISO year's last week.
        if 1 <= number <= date(year, 12, 28).isocalendar().week:
            return Week(year, number)
    raise InvalidInput(
        f"{field} is not a week of that year; write it like 2026-W37.",
        code="unknown_week",
        field=field,
    )
