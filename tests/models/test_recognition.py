"""The first local day whose evidence sufficed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from models.account import Account, Portfolio
from models.evidence import Mention, Standings
from models.policy import COMBINED, SINGLE_GATE, Level, Policy, assess, lines
from models.recognition import recognised_on
from models.severity import Severity
from models.window import Calendar
from tests.models.factories import AS_OF, MILLIONS, UTC_CALENDAR, account, day, mention, portfolio


def recognised(
    mentions: list[Mention],
    known: Portfolio,
    calendar: Calendar = UTC_CALENDAR,
    policy: Policy = COMBINED,
) -> date | None:
    return recognised_on(mentions, Standings(known, AS_OF), lines(policy, known), calendar)


def known(*accounts: Account, **settings: Any) -> Portfolio:
    return portfolio(accounts, total=MILLIONS, **settings)


def test_the_third_account_makes_the_day() -> None:
    mentions = [mention("b", at=day(8, 1)), mention("c", at=day(9, 5)), mention("a", at=day(7, 1))]
    assert recognised(mentions, known()) == date(2026, 9, 5)
    assert recognised(mentions[:2], known()) is None


def test_the_third_csm_makes_the_day() -> None:
    mentions = [mention("a", csm=f"c{i}", at=day(7, 1 + i)) for i in range(3)]
    assert recognised(mentions, known()) == date(2026, 7, 3)


def test_the_third_csm_of_pre_reads_without_accounts_makes_the_day() -> None:
    mentions = [mention(None, csm=f"c{i}", at=day(7, 1 + i)) for i in range(3)]
    assert recognised(mentions, known()) == date(2026, 7, 3)


def test_a_paste_by_a_third_csm_is_no_third_csm() -> None:
    mentions = [
        mention("a", csm="c0", at=day(7, 1), text="same"),
        mention("a", csm="c1", at=day(7, 2)),
        mention("a", csm="c2", at=day(7, 3), text="same"),
    ]
    assert recognised(mentions, known()) is None


def test_arr_and_risk_count_as_they_are_today() -> None:
    large = known(account("a", 300_000), account("b", 300_000))
    mentions = [mention("a", at=day(7, 1)), mention("b", at=day(7, 9))]
    assert recognised(mentions, large) == date(2026, 7, 9)
    at_risk = known(account("a", at_risk=True), account("b", at_risk=True))
    assert recognised(mentions, at_risk) == date(2026, 7, 9)
    assert recognised(mentions, known(account("a"), account("b"))) is None


def test_a_blocking_request_of_a_large_account_makes_the_day() -> None:
    mentions = [
        mention("a", at=day(7, 1), text="same"),
        mention("a", at=day(7, 9), text="same", severity=Severity.BLOCKING),
    ]
    assert recognised(mentions, known(account("a", 300_000))) == date(2026, 7, 9)


def test_the_day_is_local() -> None:
    mentions = [mention(name, at=day(7, 1, hour=23)) for name in "abc"]
    assert recognised(mentions, known(), Calendar(ZoneInfo("Asia/Tokyo"))) == date(2026, 7, 2)


SAID = st.builds(
    lambda account, csm, days, severity, text: mention(
        account, csm=csm, at=day(7, 1) + timedelta(hours=7 * days), severity=severity, text=text
    ),
    st.sampled_from([None, "a", "b", "c", "d", "e"]),
    st.sampled_from(["c0", "c1", "c2", "c3", "c4", "c5"]),
    st.integers(0, 40),
    st.sampled_from(list(Severity)),
    st.sampled_from(["", "x", "y"]),
)
PORTFOLIO = known(
    account("a", 300_000, segment="smb"),
    account("b", 260_000, at_risk=True, segment="mid"),
    account("c", None),
    account("d", 1_000, at_risk=True),
    account("e", 200_000),
)


@given(mentions=st.lists(SAID, max_size=12), policy=st.sampled_from([COMBINED, SINGLE_GATE]))
def test_it_is_the_first_day_by_weighing_each_day_anew(
    mentions: list[Mention], policy: Policy
) -> None:
    days = sorted({UTC_CALENDAR.local_day(m.occurred_at) for m in mentions})
    expected = None
    for day_ in days:
        until = [m for m in mentions if UTC_CALENDAR.local_day(m.occurred_at) <= day_]
        if assess(until, policy, PORTFOLIO, AS_OF).level is not Level.ANECDOTE:
            expected = day_
            break
    assert recognised(mentions, PORTFOLIO, policy=policy) == expected
