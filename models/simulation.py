"""What another policy would have made of a quarter: evidence weighed once, judged by any lines."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from models.evidence import Mention, Standings
from models.policy import Level, Lines, level_of
from models.recognition import Grown, growth, met_by
from models.window import Calendar


@dataclass(frozen=True, slots=True)
class Course:
    """How one theme's evidence grew within a quarter; at least one step, earliest first."""

    theme_id: str
    steps: tuple[Grown, ...]

    @property
    def end(self) -> Grown:
        """What it came to."""
        return self.steps[-1]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a policy makes of a course.

    Attributes:
        level: at the end of the quarter.
        recognised_on: the first local day at `candidate` or above.
        signal_on: the first local day at `signal` or above.
    """

    level: Level
    recognised_on: date | None
    signal_on: date | None

    @property
    def is_signal(self) -> bool:
        """Whether it is escalated: a signal or a P1."""
        return self.level.rank <= Level.SIGNAL.rank


def course_of(theme_id: str, mentions: Iterable[Mention], standings: Standings) -> Course:
    """The course of one theme, from its mentions of one quarter, at least one."""
    return Course(theme_id, tuple(growth(mentions, standings)))


def outcome(course: Course, bars: Lines, calendar: Calendar) -> Outcome:
    """Judge a course by a policy's lines; the same as the board's level and day."""
    level = _level(course.end, bars)
    return Outcome(
        level,
        _reached(course, Level.CANDIDATE, level, bars, calendar),
        _reached(course, Level.SIGNAL, level, bars, calendar),
    )


def tally(outcomes: Iterable[Outcome]) -> Mapping[Level, int]:
    """How many there are at each level, highest first."""
    counts = dict.fromkeys(Level, 0)
    for found in outcomes:
        counts[found.level] += 1
    return counts


def _level(grown: Grown, bars: Lines) -> Level:
    return level_of(met_by(grown, bars), bars.policy)


def _reached(
    course: Course, wanted: Level, level: Level, bars: Lines, calendar: Calendar
) -> date | None:
    if level.rank > wanted.rank:
        return None
    # Evidence never falls, so neither does the level: the first day can be found by halving.
    first = bisect_left(
        course.steps, True, key=lambda grown: _level(grown, bars).rank <= wanted.rank
    )
    return calendar.local_day(course.steps[first].at)
