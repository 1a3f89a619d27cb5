"""RULES 'Health of the process': five figures of a quarter, each held against its target."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction

from models.account import Portfolio
from models.evidence import Mention, Standings
from models.policy import Policy, lines
from models.recognition import recognised_on
from models.window import Calendar, Quarter


class MetricCode(StrEnum):
    """The five metrics, in the order in which they are shown."""

    TAGGED_SHARE = "tagged_share"
    PATTERNS_SURFACED = "patterns_surfaced"
    BACKLOG_SHARE = "backlog_share"
    DAYS_TO_RECOGNITION = "days_to_recognition"
    CONTRIBUTION_RATE = "contribution_rate"


class Status(StrEnum):
    """How a value stands to its target."""

    OK = "ok"
    LOW = "low"
    HIGH = "high"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Target:
    """Where a value should be: from `at_least` to `at_most`, and under `below`."""

    at_least: Fraction | None = None
    at_most: Fraction | None = None
    below: Fraction | None = None

    def status(self, value: Fraction | None) -> Status:
        """Low or high outside of it; unknown where there is no value."""
        if value is None:
            return Status.UNKNOWN
        if self.at_least is not None and value < self.at_least:
            return Status.LOW
        over = self.at_most is not None and value > self.at_most
        late = self.below is not None and value >= self.below
        return Status.HIGH if over or late else Status.OK


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One metric of one quarter.

    Attributes:
        value: exact: a share of 1, a count or days; None where the denominator is zero.
        of: what `value` was taken over: requests, themes or CSMs.
        points_at: what a miss points at; None where there is none.
    """

    code: MetricCode
    value: Fraction | None
    of: int
    target: Target
    status: Status
    points_at: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarterCounts:
    """What a quarter's metrics are made of.

    Attributes:
        requests: all of the quarter but dismissed ones; `tagged` of them are on a live item.
        surfaced: themes that reached candidate; `in_hand` of them are in backlog or shipped.
        days: for each theme that first reached candidate in this quarter, the days since its
            first request.
        csms_heard: active CSMs with a request, of `csms_active`.
    """

    requests: int
    tagged: int
    surfaced: int
    in_hand: int
    days: tuple[int, ...]
    csms_heard: int
    csms_active: int


TARGETS: Mapping[MetricCode, Target] = {
    MetricCode.TAGGED_SHARE: Target(at_least=Fraction(85, 100)),
    MetricCode.PATTERNS_SURFACED: Target(at_least=Fraction(4), at_most=Fraction(8)),
    MetricCode.BACKLOG_SHARE: Target(at_least=Fraction(30, 100), at_most=Fraction(50, 100)),
    MetricCode.DAYS_TO_RECOGNITION: Target(below=Fraction(45)),
    MetricCode.CONTRIBUTION_RATE: Target(at_least=Fraction(80, 100)),
}
LOOP_IS_BROKEN = Fraction(60, 100)

_POINTS_AT = {
    (MetricCode.TAGGED_SHARE, Status.LOW): "training, or too complex a taxonomy",
    (MetricCode.PATTERNS_SURFACED, Status.LOW): "over-filtering, or under-aggregation: one need"
    " scattered over themes that are each too small to count",
    (MetricCode.PATTERNS_SURFACED, Status.HIGH): "under-aggregation: one need told as several"
    " themes",
    (MetricCode.BACKLOG_SHARE, Status.LOW): "over-escalation, or product not triaging",
    (MetricCode.BACKLOG_SHARE, Status.HIGH): "product not triaging: most of what surfaces is"
    " taken in",
    (MetricCode.DAYS_TO_RECOGNITION, Status.HIGH): "cadence, or an aggregation bottleneck",
    (MetricCode.CONTRIBUTION_RATE, Status.LOW): "CSMs who see no outcome",
}


def metrics(counts: QuarterCounts) -> tuple[Metric, ...]:
    """The five metrics of a quarter, in their order."""
    return (
        _metric(MetricCode.TAGGED_SHARE, _share(counts.tagged, counts.requests), counts.requests),
        _patterns(counts),
        _metric(MetricCode.BACKLOG_SHARE, _share(counts.in_hand, counts.surfaced), counts.surfaced),
        _metric(
            MetricCode.DAYS_TO_RECOGNITION,
            _share(sum(counts.days), len(counts.days)),
            len(counts.days),
        ),
        _contribution(counts),
    )


@dataclass(frozen=True)
class Surfacing:
    """When themes reached candidate.

    Attributes:
        in_quarter: quarter -> theme -> the first local day in it whose evidence sufficed.
        first: theme -> the quarter and the day in which that was so for the first time.
    """

    in_quarter: Mapping[Quarter, Mapping[str, date]] = field(default_factory=dict)
    first: Mapping[str, tuple[Quarter, date]] = field(default_factory=dict)


class Surfacer:
    """Says when a theme reached candidate, in every quarter in which it was heard of.

    Risk is that of the quarter's last day, or of today where that is earlier: the day that a
    quarter's signals are judged on unless another is asked for.
    """

    def __init__(
        self, portfolio: Portfolio, *, calendar: Calendar, policy: Policy, today: date
    ) -> None:
        self._portfolio = portfolio
        self._calendar = calendar
        self._bars = lines(policy, portfolio)
        self._today = today
        self._standings: dict[Quarter, Standings] = {}

    def days(self, mentions: Iterable[Mention]) -> dict[Quarter, date]:
        """Of one theme's mentions: the first local day of each quarter, earliest first, whose
        evidence sufficed; no quarter in which it never did."""
        by_quarter: dict[Quarter, list[Mention]] = {}
        for mention in mentions:
            by_quarter.setdefault(self._calendar.quarter_of(mention.occurred_at), []).append(
                mention
            )
        found = {}
        for quarter in sorted(by_quarter):
            standings = self._standings_in(quarter)
            day = recognised_on(by_quarter[quarter], standings, self._bars, self._calendar)
            if day is not None:
                found[quarter] = day
        return found

    def _standings_in(self, quarter: Quarter) -> Standings:
        if quarter not in self._standings:
            as_of = min(self._today, self._calendar.days(quarter)[1])
            days = self._bars.policy.renewal_days
            self._standings[quarter] = Standings(self._portfolio, as_of, days)
        return self._standings[quarter]


def surfacing(days: Mapping[str, Mapping[Quarter, date]]) -> Surfacing:
    """When themes reached candidate, from each one's days by quarter, earliest first."""
    in_quarter: dict[Quarter, dict[str, date]] = {}
    first: dict[str, tuple[Quarter, date]] = {}
    for theme_id, reached in days.items():
        for quarter, day in reached.items():
            in_quarter.setdefault(quarter, {})[theme_id] = day
            first.setdefault(theme_id, (quarter, day))
    return Surfacing(in_quarter, first)


def _share(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None


def _metric(code: MetricCode, value: Fraction | None, of: int) -> Metric:
    target = TARGETS[code]
    status = target.status(value)
    return Metric(
        code=code,
        value=value,
        of=of,
        target=target,
        status=status,
        points_at=_POINTS_AT.get((code, status)),
    )


def _patterns(counts: QuarterCounts) -> Metric:
    """A count has no denominator, but where nothing was said it can't be judged."""
    code = MetricCode.PATTERNS_SURFACED
    value = Fraction(counts.surfaced)
    judged = _metric(code, value if counts.requests else None, counts.requests)
    return Metric(
        code=code,
        value=value,
        of=judged.of,
        target=judged.target,
        status=judged.status,
        points_at=judged.points_at,
    )


def _contribution(counts: QuarterCounts) -> Metric:
    value = _share(counts.csms_heard, counts.csms_active)
    metric = _metric(MetricCode.CONTRIBUTION_RATE, value, counts.csms_active)
    if value is None or value >= LOOP_IS_BROKEN:
        return metric
    return Metric(
        code=metric.code,
        value=value,
        of=metric.of,
        target=metric.target,
        status=metric.status,
        points_at=f"a loop that is broken: {metric.points_at}",
    )
