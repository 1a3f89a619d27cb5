"""Distinct accounts by month, and whether they grow."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from models.evidence import Mention
from models.window import Calendar, Month, Quarter


class Trend(StrEnum):
    """A month's distinct accounts against those of the month before."""

    INCREASING = "increasing"
    STABLE = "stable"
    DECREASING = "decreasing"


@dataclass(frozen=True, slots=True)
class MonthlyAccounts:
    """Distinct accounts that a theme was heard from in a month."""

    month: Month
    accounts: int


def compare(accounts: int, before: int) -> Trend:
    """The trend from one month's distinct accounts to the next one's."""
    if accounts == before:
        return Trend.STABLE
    return Trend.INCREASING if accounts > before else Trend.DECREASING


def trend_months(calendar: Calendar, quarter: Quarter) -> tuple[Month, ...]:
    """The quarter's months and the one before them, in order: what a trend looks at."""
    months = calendar.months(quarter)
    return (months[0].shifted(-1), *months)


def recent_months(
    calendar: Calendar, quarter: Quarter, as_of: date, count: int
) -> tuple[Month, ...]:
    """So many months up to the one of `as_of`, or where that is not in the quarter, up to the
    quarter's first or last."""
    first, *_, last = calendar.months(quarter)
    end = min(max(Month(as_of.year, as_of.month), first), last)
    return tuple(end.shifted(step) for step in range(1 - count, 1))


class MonthCounts:
    """Counts the distinct accounts in each of some consecutive months, theme after theme."""

    def __init__(self, months: Sequence[Month], calendar: Calendar) -> None:
        self._months = tuple(months)
        self._starts = [calendar.window(month).start for month in months]
        self._end = calendar.window(months[-1]).end

    def of(self, mentions: Iterable[Mention]) -> tuple[MonthlyAccounts, ...]:
        """Those of one theme's mentions; mentions outside the months are left out."""
        accounts: list[set[str]] = [set() for _ in self._months]
        first, end = self._starts[0], self._end
        for mention in mentions:
            if mention.account_id is not None and first <= mention.occurred_at < end:
                place = bisect_right(self._starts, mention.occurred_at) - 1
                accounts[place].add(mention.account_id)
        return tuple(map(MonthlyAccounts, self._months, map(len, accounts)))


def quarter_trend(counts: Sequence[MonthlyAccounts], as_of: date) -> Trend | None:
    """The last complete month against the one before.

    `counts` holds the month before the quarter and then the quarter's months. A month is
    complete when its last day is not after `as_of`; None while none of the quarter's is.
    """
    complete = [index for index in range(1, len(counts)) if counts[index].month.last_day <= as_of]
    if not complete:
        return None
    return compare(counts[complete[-1]].accounts, counts[complete[-1] - 1].accounts)
