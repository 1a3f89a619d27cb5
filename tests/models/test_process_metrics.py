"""The five figures of RULES 'Health of the process', worked by hand."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from models.policy import COMBINED
from models.process_metrics import (
    Metric,
    MetricCode,
    QuarterCounts,
    Status,
    Surfacer,
    Surfacing,
    metrics,
    surfacing,
)
from models.window import Calendar, Quarter
from tests.models.factories import MILLIONS, UTC_CALENDAR, account, day, mention, portfolio

HEALTHY = QuarterCounts(
    requests=100,
    tagged=85,
    surfaced=4,
    in_hand=2,
    days=(44, 44),
    csms_heard=8,
    csms_active=10,
)


def of(code: str, **changes: Any) -> Metric:
    values = {name: getattr(HEALTHY, name) for name in QuarterCounts.__slots__} | changes
    return next(m for m in metrics(QuarterCounts(**values)) if m.code is MetricCode(code))


def test_every_metric_is_on_target_at_its_line() -> None:
    assert [(m.code.value, m.value, m.status, m.points_at) for m in metrics(HEALTHY)] == [
        ("tagged_share", Fraction(85, 100), Status.OK, None),
        ("patterns_surfaced", Fraction(4), Status.OK, None),
        ("backlog_share", Fraction(1, 2), Status.OK, None),
        ("days_to_recognition", Fraction(44), Status.OK, None),
        ("contribution_rate", Fraction(8, 10), Status.OK, None),
    ]


@pytest.mark.parametrize(
    ("code", "changes", "status", "points_at"),
    [
        ("tagged_share", {"tagged": 84}, Status.LOW, "training"),
        ("patterns_surfaced", {"surfaced": 3}, Status.LOW, "over-filtering"),
        ("patterns_surfaced", {"surfaced": 9}, Status.HIGH, "under-aggregation"),
        ("patterns_surfaced", {"surfaced": 8}, Status.OK, None),
        ("backlog_share", {"surfaced": 7}, Status.LOW, "over-escalation"),
        ("backlog_share", {"in_hand": 3}, Status.HIGH, "product not triaging"),
        ("days_to_recognition", {"days": (45,)}, Status.HIGH, "cadence"),
        ("days_to_recognition", {"days": (45, 44)}, Status.OK, None),
        ("contribution_rate", {"csms_heard": 7}, Status.LOW, "no outcome"),
    ],
)
def test_a_miss_says_which_way_and_what_it_points_at(
    code: str, changes: dict[str, Any], status: Status, points_at: str | None
) -> None:
    metric = of(code, **changes)
    assert metric.status is status
    assert points_at is None if metric.points_at is None else str(points_at) in metric.points_at


@pytest.mark.parametrize(("heard", "broken"), [(6, False), (5, True)])
def test_under_sixty_percent_of_csms_the_loop_is_broken(heard: int, broken: bool) -> None:
    assert ("broken" in str(of("contribution_rate", csms_heard=heard).points_at)) is broken


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("tagged_share", {"requests": 0, "tagged": 0}),
        ("backlog_share", {"surfaced": 0, "in_hand": 0}),
        ("days_to_recognition", {"days": ()}),
        ("contribution_rate", {"csms_heard": 0, "csms_active": 0}),
    ],
)
def test_a_denominator_of_zero_is_unknown(code: str, changes: dict[str, Any]) -> None:
    metric = of(code, **changes)
    assert (metric.value, metric.status, metric.points_at) == (None, Status.UNKNOWN, None)


def test_a_quarter_in_which_nothing_was_said_has_no_patterns_and_no_verdict_on_them() -> None:
    metric = of("patterns_surfaced", requests=0, surfaced=0)
    assert (metric.value, metric.status) == (0, Status.UNKNOWN)


def when(
    *said: Any, calendar: Calendar = UTC_CALENDAR, today: date = date(2026, 9, 30), **of: Any
) -> Surfacing:
    known = portfolio(of.pop("accounts", ()), total=MILLIONS)
    surfacer = Surfacer(known, calendar=calendar, policy=COMBINED, today=today)
    names = sorted({one.theme_id for one in said})
    by_theme = {name: [one for one in said if one.theme_id == name] for name in names}
    return surfacing({name: surfacer.days(mentions) for name, mentions in by_theme.items()})


def three(month: int, theme: str = "t") -> list[Any]:
    """Three accounts ask for one thing, the last on the 20th."""
    return [mention(f"a{n}", at=day(month, n * 5 + 10), theme_id=theme) for n in range(3)]


def test_a_theme_surfaces_in_each_quarter_and_first_in_one() -> None:
    found = when(*three(5), *three(8))
    q2, q3 = Quarter(2026, 2), Quarter(2026, 3)
    assert found.in_quarter == {q2: {"t": date(2026, 5, 20)}, q3: {"t": date(2026, 8, 20)}}
    assert found.first == {"t": (q2, date(2026, 5, 20))}


def test_accounts_of_two_quarters_do_not_add_up() -> None:
    found = when(mention("a", at=day(6, 1)), mention("b", at=day(6, 2)), mention("c", at=day(7, 1)))
    assert found.first == {}


def test_quarters_in_which_a_theme_was_silent_lie_between() -> None:
    found = when(*three(2), *three(8, "u"))
    assert found.first == {
        "t": (Quarter(2026, 1), date(2026, 2, 20)),
        "u": (Quarter(2026, 3), date(2026, 8, 20)),
    }


def test_the_quarter_is_that_of_the_local_day() -> None:
    tokyo = Calendar(ZoneInfo("Asia/Tokyo"))
    late = [mention(f"a{n}", at=day(6, 30, hour=20)) for n in range(3)]
    assert when(*late, calendar=tokyo).first == {"t": (Quarter(2026, 3), date(2026, 7, 1))}


def test_risk_is_that_of_the_quarters_last_day_or_of_today() -> None:
    from models.account import Health

    soon = {"health": Health.YELLOW, "at_risk": None, "renewal_date": date(2026, 8, 10)}
    near = [account("a", **soon), account("b", **soon)]
    said = [mention("a", at=day(6, 1)), mention("b", at=day(6, 2))]
    # 41 days from the quarter's last day, 70 from the first of June.
    assert when(*said, accounts=near).first == {"t": (Quarter(2026, 2), date(2026, 6, 2))}
    assert when(*said, accounts=near, today=date(2026, 6, 1)).first == {}


def test_nothing_said_is_nothing_surfaced() -> None:
    assert when() == Surfacing()
