"""What another policy would have made of the last quarters, beside the policy in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy import Connection

from models.account import Portfolio
from models.evidence import Standings
from models.policy import Level, Policy, lines
from models.simulation import Course, Outcome, courses, outcome, tally
from models.window import Calendar, Quarter, parse_quarter
from service.flows.kept import Kept
from service.storage import mentions, themes
from service.storage.accounts import load_portfolio
from service.storage.engine import Store

QUARTERS = 4


@dataclass(frozen=True, slots=True)
class QuarterTally:
    """How many themes of a quarter are at each level under either policy."""

    quarter: str
    now: Mapping[Level, int]
    then: Mapping[Level, int]


@dataclass(frozen=True, slots=True)
class Change:
    """A theme that is at another level, or recognised on another day, under the policy tried."""

    quarter: str
    theme_id: str
    label: str
    accounts: int
    now: Outcome
    then: Outcome


@dataclass(frozen=True, slots=True)
class Simulation:
    """Both policies over the last quarters, the latest first.

    Attributes:
        gained: themes that would be signals and are none now; by quarter, then ARR.
        missed: those that are signals now and would be none.
        others: other changes of level.
        other_days: themes at the same level that would have been recognised on another day.
        sooner, later: how many themes would have been recognised on an earlier, a later day.
    """

    quarters: list[QuarterTally]
    gained: list[Change]
    missed: list[Change]
    others: list[Change]
    other_days: list[Change]
    sooner: int
    later: int


@dataclass(frozen=True, slots=True)
class _Year:
    """What both policies judge: of each quarter, latest first, the courses of its themes."""

    portfolio: Portfolio
    labels: Mapping[str, str]
    quarters: Sequence[tuple[Quarter, list[Course]]]


_YEARS: Kept[_Year] = Kept(most=4)
# Of the policy in force, and of those that were tried last.
_OUTCOMES: Kept[list[list[Outcome]]] = Kept(most=8)


def simulate(
    store: Store,
    quarter: str,
    *,
    in_force: Policy,
    tried: Policy,
    today: date,
    calendar: Calendar,
) -> Simulation:
    """Judge the four quarters up to this one (empty: today's) by both policies.

    The store is read once for each state of it, whatever is tried. ARR, health and risk are
    those of today, and of a past quarter's last day, as on its board.

    Raises:
        InvalidInput: `unknown_quarter`.
    """
    last = parse_quarter(quarter) if quarter else calendar.quarter_of_day(today)
    asked = (last, today, calendar, in_force.renewal_days)
    with store.read() as connection:
        year = _YEARS.get(store, connection, asked, lambda: _load(connection, *asked))
        now, then = (
            _OUTCOMES.get(
                store, connection, (asked, policy), partial(_judged, year, policy, calendar)
            )
            for policy in (in_force, tried)
        )
    return _compared(year, now, then)


def _load(
    connection: Connection, last: Quarter, today: date, calendar: Calendar, renewal_days: int
) -> _Year:
    portfolio = load_portfolio(connection)
    quarters = []
    for back in range(QUARTERS):
        quarter = last.shifted(-back)
        as_of = min(today, calendar.days(quarter)[1])
        rows = mentions.in_window(connection, calendar.window(quarter))
        found = courses(rows, Standings(portfolio, as_of, renewal_days))
        # In the order in which changes are shown: the most ARR first.
        found.sort(key=lambda course: (-course.end.arr, course.theme_id))
        quarters.append((quarter, found))
    heard = {course.theme_id for _, found in quarters for course in found}
    labels = {key: record.label for key, record in themes.get_many(connection, heard).items()}
    return _Year(portfolio, labels, quarters)


def _judged(year: _Year, policy: Policy, calendar: Calendar) -> list[list[Outcome]]:
    bars = lines(policy, year.portfolio)
    return [[outcome(course, bars, calendar) for course in found] for _, found in year.quarters]


def _compared(
    year: _Year, now: Sequence[Sequence[Outcome]], then: Sequence[Sequence[Outcome]]
) -> Simulation:
    changes: list[Change] = []
    sooner = later = 0
    for (quarter, found), old, new in zip(year.quarters, now, then, strict=True):
        for course, before, after in zip(found, old, new, strict=True):
            first, second = before.recognised_on, after.recognised_on
            sooner += second is not None and (first is None or second < first)
            later += first is not None and (second is None or second > first)
            if before.level is not after.level or first != second:
                changes.append(
                    Change(
                        str(quarter),
                        course.theme_id,
                        year.labels.get(course.theme_id, course.theme_id),
                        course.end.accounts,
                        before,
                        after,
                    )
                )
    levels = [c for c in changes if c.now.level is not c.then.level]
    return Simulation(
        quarters=[
            QuarterTally(str(quarter), tally(old), tally(new))
            for (quarter, _), old, new in zip(year.quarters, now, then, strict=True)
        ],
        gained=[c for c in changes if c.then.is_signal and not c.now.is_signal],
        missed=[c for c in changes if c.now.is_signal and not c.then.is_signal],
        others=[c for c in levels if c.now.is_signal == c.then.is_signal],
        other_days=[c for c in changes if c.now.level is c.then.level],
        sooner=sooner,
        later=later,
    )
