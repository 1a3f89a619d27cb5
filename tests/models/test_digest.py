"""What a digest holds, and its sentences, worked by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from models import digest_words as words
from models.account import Portfolio
from models.digest import Digest, Ending, build_digest, business_days_after, digest_window
from models.evidence import Mention, Standings
from models.policy import COMBINED, Level
from models.severity import Severity
from models.signal import ThemeFacts
from models.theme import Delivery, DeliveryState, ThemeStatus
from models.trend import Trend
from models.window import Month
from tests.models.factories import MILLIONS, UTC_CALENDAR, account, day, mention, portfolio

SEPTEMBER = Month(2026, 9)
TODAY = date(2026, 10, 1)


def build(
    *said: Mention,
    known: Portfolio | None = None,
    deliveries: Mapping[str, Delivery] | None = None,
    delivered: Mapping[str, datetime] | None = None,
    today: date = TODAY,
) -> Digest:
    deliveries = deliveries or {}
    firsts: dict[str, datetime] = {}
    for one in sorted(said, key=lambda one: one.occurred_at):
        firsts.setdefault(one.theme_id, one.occurred_at)
    facts = {
        theme_id: ThemeFacts(
            theme_id=theme_id,
            label=f"Need {theme_id}",
            status=ThemeStatus.ACCEPTED,
            delivery=deliveries.get(theme_id, Delivery()),
            first_reported_at=firsts.get(theme_id),
        )
        for theme_id in firsts.keys() | deliveries.keys()
    }
    known = known or portfolio([account(f"a{n}", 100_000) for n in range(9)], total=MILLIONS)
    return build_digest(
        said,
        facts,
        delivered or {},
        Standings(known, min(today, SEPTEMBER.last_day)),
        month=SEPTEMBER,
        calendar=UTC_CALENDAR,
        policy=COMBINED,
        today=today,
    )


def heard(theme: str, accounts: int, month: int = 9, **other: Any) -> list[Mention]:
    """So many accounts ask for one thing in a month, each by a CSM of its own."""
    return [
        mention(f"a{n}", csm=f"c{n}", theme_id=theme, at=day(month, 10 + n), **other)
        for n in range(accounts)
    ]


def test_the_top_three_are_those_of_most_accounts() -> None:
    said = [*heard("t1", 1), *heard("t4", 4), *heard("t2", 2), *heard("t3", 3)]
    assert [one.heard.theme.theme_id for one in build(*said).top] == ["t4", "t3", "t2"]


def test_a_top_theme_has_its_figures_and_trend() -> None:
    top = build(*heard("t", 3), *heard("t", 2, month=8), *heard("t", 1, month=5)).top[0]
    assert (top.heard.accounts, top.before, top.trend) == (3, 2, Trend.INCREASING)
    assert (top.heard.evidence.arr, top.arr_share) == (Decimal(300_000), Fraction(6, 100))
    assert not top.is_new


def test_the_level_is_that_of_the_quarter_up_to_the_months_end() -> None:
    said = [
        *heard("t", 1),
        mention("a7", theme_id="t", at=day(7, 1)),
        mention("a8", theme_id="t", at=day(8, 1)),
    ]
    later = mention("a6", theme_id="u", at=day(9, 1))
    assert build(*said, later).top[0].verdict.level is Level.CANDIDATE
    assert build(*heard("t", 2), *heard("t", 5, month=10)).top[0].verdict.level is Level.ANECDOTE


def test_new_is_a_themes_first_month_ever() -> None:
    said = [*heard("old", 1), *heard("old", 1, month=2), *heard("new", 1), *heard("wide", 2)]
    assert [one.theme.theme_id for one in build(*said).new] == ["wide", "new"]


@pytest.mark.parametrize("state", ["shipped", "closed"])
def test_what_product_finished_in_the_month_is_resolved(state: str) -> None:
    done = Delivery(DeliveryState(state), reason="workaround documented")
    found = build(
        deliveries={"t": done, "u": done},
        delivered={"t": day(9, 3), "u": day(8, 3)},
    ).ended
    assert [(one.theme.theme_id, one.ending.value, one.on) for one in found] == [
        ("t", state, date(2026, 9, 3))
    ]


def test_an_open_theme_that_counted_and_fell_silent_is_no_longer_reported() -> None:
    found = build(*heard("t", 3, month=8), *heard("small", 1, month=8)).ended
    assert [(one.theme.theme_id, one.ending, one.before) for one in found] == [
        ("t", Ending.NO_LONGER_REPORTED, 3)
    ]


def test_a_month_that_goes_on_calls_nothing_silent_yet() -> None:
    assert build(*heard("t", 3, month=8), today=date(2026, 9, 20)).ended == []


def test_a_silence_is_told_in_its_first_month_alone() -> None:
    assert build(*heard("t", 3, month=7)).ended == []


def test_what_product_declined_is_not_told_as_silent() -> None:
    declined = {"t": Delivery(DeliveryState.DECLINED, reason="no")}
    assert build(*heard("t", 3, month=8), deliveries=declined).ended == []


def test_it_is_asked_to_acknowledge_and_to_give_the_top_theme_a_priority() -> None:
    # 1 October 2026 is a Thursday.
    found = build(*heard("t", 1))
    assert (found.acknowledge_by, found.prioritise_by) == (date(2026, 10, 5), date(2026, 10, 8))
    assert build().prioritise_by is None


def test_a_month_that_goes_on_is_asked_from_its_end() -> None:
    found = build(*heard("t", 1), today=date(2026, 9, 20))
    assert (found.complete, found.acknowledge_by) == (False, date(2026, 10, 5))


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        (date(2026, 10, 1), 1, date(2026, 10, 2)),
        (date(2026, 10, 2), 1, date(2026, 10, 5)),
        (date(2026, 10, 3), 5, date(2026, 10, 9)),
        (date(2026, 10, 1), 0, date(2026, 10, 1)),
    ],
)
def test_business_days_leave_weekends_out(start: date, count: int, end: date) -> None:
    assert business_days_after(start, count) == end


def test_the_window_reaches_back_over_the_quarter_of_the_month_before() -> None:
    assert digest_window(UTC_CALENDAR, SEPTEMBER).start == day(7, 1, hour=0)
    assert digest_window(UTC_CALENDAR, Month(2026, 7)).start == day(4, 1, hour=0)


# The sentences.


def summary(*said: Mention, **options: Any) -> str:
    return words.of_theme(build(*said, **options).top[0], SEPTEMBER)


def test_a_theme_is_told_in_three_sentences() -> None:
    risky = portfolio(
        [account("a0", 400_000, at_risk=True), account("a1", 840_000), account("a2", 1)],
        total=MILLIONS,
    )
    said = [*heard("t", 1, severity=Severity.BLOCKING), *heard("t", 3), *heard("t", 2, month=8)]
    assert summary(*said, known=risky) == (
        "Three accounts asked for this in September, up from two in August; together they pay"
        " $1.24 million a year, 24.8 % of all ARR. It stops the work of one of them, and one of"
        " them is at risk. Three CSMs brought it in; on the evidence of the quarter it is a signal"
        " to escalate."
    )


def test_one_account_is_told_as_one() -> None:
    assert summary(*heard("t", 1)) == (
        "One account asked for this in September, for the first time; it pays $100,000 a year,"
        " 2.0 % of all ARR. It costs that account time, but stops nobody. One CSM brought it in;"
        " on the evidence of the quarter it is still an anecdote."
    )


def test_arr_that_is_not_known_is_said_to_be_so() -> None:
    partly = portfolio([account("a0", None), account("a1", 50_000)], total=MILLIONS)
    assert "they pay $50,000 a year, 1.0 % of all ARR, not counting one of unknown ARR." in summary(
        *heard("t", 2), known=partly
    )
    nothing = portfolio([account("a0", None)])
    assert "; what they pay is not known." in summary(*heard("t", 1), known=nothing)


@pytest.mark.parametrize(
    ("before", "told"),
    [(1, "up from one in August"), (2, "as many as in August"), (3, "down from three in August")],
)
def test_the_month_before_is_what_it_is_held_against(before: int, told: str) -> None:
    assert f", {told};" in summary(*heard("t", 2), *heard("t", before, month=8))


def test_a_month_of_silence_before_is_told() -> None:
    assert ", after none in August;" in summary(*heard("t", 2), *heard("t", 1, month=7))


def test_the_opening_counts_accounts_and_themes() -> None:
    said = [*heard("t", 3), *heard("u", 2)]
    assert words.opening(build(*said)) == (
        "In September 2026, three accounts reported something on two themes."
    )
    assert words.opening(build(*said, today=date(2026, 9, 20))).startswith(
        "In September 2026 so far, "
    )
    assert words.opening(build()) == "In September 2026 nothing was reported on any theme."


def test_a_new_theme_is_told_in_a_sentence() -> None:
    known = portfolio([account("a0", 80_000, at_risk=True), account("a1", None)], total=MILLIONS)
    found = build(*heard("t", 2), known=known).new[0]
    assert words.of_new(found) == (
        "First heard from two accounts paying $80,000 a year, one of them at risk."
    )
    unnamed = build(mention(None, theme_id="t", at=day(9, 1))).new[0]
    assert words.of_new(unnamed) == "First heard from one CSM, who named no account."


def test_an_end_is_told_with_its_reason() -> None:
    silent = build(*heard("t", 3, month=8)).ended[0]
    assert words.of_ended(silent, SEPTEMBER) == (
        "No longer reported: three accounts asked for it in August, nobody in September."
    )
    shipped = Delivery(DeliveryState.SHIPPED, release_note="Exports run overnight")
    done = build(deliveries={"t": shipped}, delivered={"t": day(9, 3)}).ended[0]
    assert words.of_ended(done, SEPTEMBER) == "Shipped: Exports run overnight."


def test_what_is_asked_names_the_day() -> None:
    found = build(*heard("t", 3))
    assert words.to_acknowledge(found) == "Acknowledge this digest by Monday 5 October 2026."
    assert words.to_prioritise(found) == (
        "Give “Need t” a preliminary priority by Thursday 8 October 2026, within five business"
        " days. The evidence suggests P3."
    )
    assert words.to_prioritise(build()) == ""


@pytest.mark.parametrize(
    ("amount", "told"),
    [("999999.4", "$999,999"), ("1000000", "$1 million"), ("1240000", "$1.24 million")],
)
def test_money_is_told_as_one_says_it(amount: str, told: str) -> None:
    assert words.money(Decimal(amount)) == told
