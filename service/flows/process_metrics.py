"""`GET /process-metrics`: how healthy the process is, quarter by quarter."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import TypedDict

from sqlalchemy import Connection

from models.policy import Policy
from models.process_metrics import Metric, QuarterCounts, metrics
from models.theme import DeliveryState
from models.window import Calendar, Quarter, parse_quarter
from service.flows.kept import Kept
from service.flows.surfaced import Judging, Surfaced, kept_surfaced
from service.storage import quarter_counts, themes
from service.storage.engine import Store
from service.storage.quarter_counts import SpanCount

_IN_HAND = (DeliveryState.BACKLOG.value, DeliveryState.SHIPPED.value)


class TargetRow(TypedDict):
    """Where a value should be; None where that side is open."""

    at_least: Fraction | None
    at_most: Fraction | None
    below: Fraction | None


class MetricRow(TypedDict):
    """One metric. `of` is what it was taken over: requests, themes or CSMs."""

    value: Fraction | None
    target: TargetRow
    status: str
    points_at: str | None
    of: int


class ProcessMetrics(TypedDict):
    """The five metrics of one quarter, by their codes."""

    quarter: str
    as_of: date
    policy: str
    metrics: dict[str, MetricRow]


def process_metrics(
    store: Store,
    quarter: str | None,
    *,
    today: date,
    calendar: Calendar,
    policy: Policy,
    quarters: int = 1,
) -> list[ProcessMetrics]:
    """The metrics of the quarter asked for (today's when left out), and of those before it.

    `quarters` is how many in all; the one asked for comes last.

    Raises:
        InvalidInput: `unknown_quarter`.
    """
    asked = parse_quarter(quarter) if quarter else calendar.quarter_of_day(today)
    shown = [asked.shifted(place - quarters + 1) for place in range(quarters)]
    judging = Judging(today, calendar, policy)
    with store.read() as connection:
        return _ANSWERS.get(
            store,
            connection,
            (judging, tuple(shown)),
            lambda: _answers(store, connection, judging, shown),
        )


_ANSWERS: Kept[list[ProcessMetrics]] = Kept(most=8)


def _answers(
    store: Store, connection: Connection, judging: Judging, shown: Sequence[Quarter]
) -> list[ProcessMetrics]:
    calendar = judging.calendar
    surfaced = kept_surfaced(store, connection, judging)
    records = themes.get_many(connection, surfaced.when.first)
    in_hand = frozenset(
        theme_id for theme_id, record in records.items() if record.delivery.get("state") in _IN_HAND
    )
    starts = [calendar.window(one).start for one in shown]
    spans = quarter_counts.by_csm(connection, [*starts, calendar.window(shown[-1]).end])
    counts = _counts(surfaced, in_hand, shown, spans)
    return [
        ProcessMetrics(
            quarter=str(one),
            as_of=min(judging.today, calendar.days(one)[1]),
            policy=judging.policy.name,
            metrics={metric.code.value: _row(metric) for metric in metrics(counts[one])},
        )
        for one in shown
    ]


def _counts(
    surfaced: Surfaced,
    in_hand: frozenset[str],
    quarters: Sequence[Quarter],
    spans: Sequence[SpanCount],
) -> dict[Quarter, QuarterCounts]:
    found = {}
    for place, quarter in enumerate(quarters):
        mine = [span for span in spans if span.span == place]
        reached = surfaced.when.in_quarter.get(quarter, {})
        first_here = [key for key, (at, _) in surfaced.when.first.items() if at == quarter]
        found[quarter] = QuarterCounts(
            requests=sum(span.requests for span in mine),
            tagged=sum(span.tagged for span in mine),
            surfaced=len(reached),
            in_hand=len(in_hand & reached.keys()),
            days=tuple(surfaced.days[key] for key in sorted(first_here)),
            csms_heard=len({span.csm_id for span in mine} & surfaced.active_csms),
            csms_active=len(surfaced.active_csms),
        )
    return found


def _row(metric: Metric) -> MetricRow:
    return MetricRow(
        value=metric.value,
        target=TargetRow(
            at_least=metric.target.at_least,
            at_most=metric.target.at_most,
            below=metric.target.below,
        ),
        status=metric.status.value,
        points_at=metric.points_at,
        of=metric.of,
    )
