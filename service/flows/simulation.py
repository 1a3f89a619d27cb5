"""What another policy would have made of the last quarters, beside the policy in force."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy import Connection

from models.account import Portfolio
from models.evidence import Standings
from models.policy import Level, Lines, Policy, lines
from models.signal import ThemeFacts
from models.simulation import Course, Outcome, course_of, outcome, tally
from models.window import Calendar, Quarter, parse_quarter
from service.flows.boards import kept_facts, kept_portfolio
from service.flows.kept_by_theme import KeptByTheme
from service.storage import mentions, touched
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
class _Judged:
    """The themes of one quarter, the most ARR first, as either policy judges them."""

    quarter: Quarter
    courses: Sequence[Course]
    now: Mapping[str, Outcome]
    then: Mapping[str, Outcome]


# A year's quarters, and two of the past; what policies make of them: the one in force, and
# those that were tried last.
_COURSES: KeptByTheme[Course] = KeptByTheme(most=6)
_OUTCOMES: KeptByTheme[Outcome] = KeptByTheme(most=8 * QUARTERS)


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

    After a write only the themes that it touched are read again, whatever is tried. ARR,
    health and risk are those of today, and of a past quarter's last day, as on its board.

    Raises:
        InvalidInput: `unknown_quarter`.
    """
    last = parse_quarter(quarter) if quarter else calendar.quarter_of_day(today)
    with store.read() as connection:
        facts = kept_facts(store, connection)
        desk = _Desk(store, connection, kept_portfolio(store, connection), today, calendar)
        judged = [
            desk.judge(last.shifted(-back), in_force, tried, among=facts)
            for back in range(QUARTERS)
        ]
    return _compared(judged, facts)


@dataclass(frozen=True, slots=True)
class _Desk:
    """What the quarters of one simulation are judged with."""

    store: Store
    connection: Connection
    portfolio: Portfolio
    today: date
    calendar: Calendar

    def judge(
        self, quarter: Quarter, in_force: Policy, tried: Policy, *, among: Collection[str]
    ) -> _Judged:
        """One quarter's themes, those `among` the ones that weigh, by either policy."""
        as_of = min(self.today, self.calendar.days(quarter)[1])
        portfolio_version = touched.portfolio_version(self.connection)
        asked = (quarter, as_of, self.calendar, in_force.renewal_days, portfolio_version)
        standings = Standings(self.portfolio, as_of, in_force.renewal_days)
        courses = _COURSES.get(
            self.store, self.connection, asked, partial(self._courses, quarter, standings)
        )
        now, then = (
            _OUTCOMES.get(
                self.store,
                self.connection,
                (asked, policy),
                partial(self._outcomes, courses, lines(policy, self.portfolio)),
            )
            for policy in (in_force, tried)
        )
        shown = [course for theme_id, course in courses.items() if theme_id in among]
        shown.sort(key=lambda course: (-course.end.arr, course.theme_id))
        return _Judged(quarter, shown, now, then)

    def _courses(
        self, quarter: Quarter, standings: Standings, theme_ids: frozenset[str] | None
    ) -> dict[str, Course]:
        said = mentions.by_theme(self.connection, self.calendar.window(quarter), theme_ids)
        return {key: course_of(key, found, standings) for key, found in said.items()}

    def _outcomes(
        self, courses: Mapping[str, Course], bars: Lines, theme_ids: frozenset[str] | None
    ) -> dict[str, Outcome]:
        among = courses.keys() if theme_ids is None else courses.keys() & theme_ids
        return {key: outcome(courses[key], bars, self.calendar) for key in among}


def _compared(judged: Sequence[_Judged], facts: Mapping[str, ThemeFacts]) -> Simulation:
    changes: list[Change] = []
    sooner = later = 0
    for one in judged:
        for course in one.courses:
            before = one.now[course.theme_id]
            after = one.then[course.theme_id]
            first, second = before.recognised_on, after.recognised_on
            sooner += second is not None and (first is None or second < first)
            later += first is not None and (second is None or second > first)
            if before.level is not after.level or first != second:
                changes.append(
                    Change(
                        str(one.quarter),
                        course.theme_id,
                        facts[course.theme_id].label,
                        course.end.accounts,
                        before,
                        after,
                    )
                )
    levels = [c for c in changes if c.now.level is not c.then.level]
    return Simulation(
        quarters=[
            QuarterTally(str(one.quarter), _tally(one, one.now), _tally(one, one.then))
            for one in judged
        ],
        gained=[c for c in changes if c.then.is_signal and not c.now.is_signal],
        missed=[c for c in changes if c.now.is_signal and not c.then.is_signal],
        others=[c for c in levels if c.now.is_signal == c.then.is_signal],
        other_days=[c for c in changes if c.now.level is c.then.level],
        sooner=sooner,
        later=later,
    )


def _tally(judged: _Judged, outcomes: Mapping[str, Outcome]) -> Mapping[Level, int]:
    return tally(outcomes[course.theme_id] for course in judged.courses)
