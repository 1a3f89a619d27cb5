"""Another policy over evidence that is weighed once: the same answers as the rules give."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from models.evidence import Mention, Standings
from models.policy import COMBINED, SINGLE_GATE, Level, Policy, assess, lines
from models.recognition import recognised_on
from models.severity import Severity
from models.simulation import Outcome, course_of, outcome, tally
from tests.models.factories import AS_OF, MILLIONS, UTC_CALENDAR, account, day, mention, portfolio

ACCOUNTS = [
    account("a", 100_000, at_risk=True, segment="small"),
    account("b", 400_000, at_risk=True, segment="large"),
    account("c", 700_000, segment="large"),
    account("d"),
]
KNOWN = portfolio(ACCOUNTS, total=MILLIONS)


def judged(mentions: list[Mention], policy: Policy = COMBINED) -> Outcome:
    course = course_of("t", mentions, Standings(KNOWN, AS_OF))
    return outcome(course, lines(policy, KNOWN), UTC_CALENDAR)


def test_a_lower_line_makes_a_signal_and_says_since_when() -> None:
    mentions = [mention("a", at=day(7, 1)), mention("b", at=day(8, 2))]
    assert judged(mentions) == Outcome(Level.CANDIDATE, date(2026, 8, 2), None)
    lower = replace(COMBINED, frequency=2)
    assert judged(mentions, lower) == Outcome(Level.SIGNAL, date(2026, 8, 2), date(2026, 8, 2))


def test_a_higher_line_misses_it() -> None:
    mentions = [mention(name, at=day(7, 1 + n)) for n, name in enumerate("acd")]
    found = judged(mentions, replace(COMBINED, frequency=4, arr_share=Decimal("0.5")))
    assert found == Outcome(Level.ANECDOTE, None, None)


def test_the_other_policy_escalates_on_one_gate() -> None:
    mentions = [mention("a", at=day(7, 1)), mention("b", at=day(8, 2))]
    assert judged(mentions, SINGLE_GATE).is_signal


def test_levels_are_counted_highest_first() -> None:
    found = tally([Outcome(Level.SIGNAL, None, None), Outcome(Level.SIGNAL, None, None)])
    assert [*found] == [*Level] and found[Level.SIGNAL] == 2 and found[Level.P1] == 0


MENTIONS = st.lists(
    st.builds(
        mention,
        st.sampled_from(["a", "b", "c", "d", None]),
        csm=st.sampled_from(["c0", "c1", "c2", "c3", "c4", "c5"]),
        at=st.builds(day, st.integers(7, 9), st.integers(1, 28)),
        text=st.sampled_from(["one", "two", ""]),
        severity=st.sampled_from(Severity),
    ),
    min_size=1,
    max_size=25,
)
POLICIES_TRIED = st.builds(
    replace,
    st.sampled_from([COMBINED, SINGLE_GATE]),
    frequency=st.integers(1, 5),
    churn=st.integers(1, 3),
    arr_share=st.sampled_from([Decimal("0.02"), Decimal("0.1"), Decimal("0.3")]),
    three_csms=st.integers(1, 4),
    five_csms=st.integers(2, 6),
    segments=st.integers(1, 3),
    direct_share=st.sampled_from([Decimal("0.01"), Decimal("0.05"), Decimal("0.2")]),
)


@given(mentions=MENTIONS, policy=POLICIES_TRIED)
def test_level_and_day_are_those_of_the_rules(mentions: list[Mention], policy: Policy) -> None:
    bars = lines(policy, KNOWN)
    found = judged(mentions, policy)
    assert found.level is assess(mentions, bars.policy, KNOWN, AS_OF).level
    standings = Standings(KNOWN, AS_OF)
    assert found.recognised_on == recognised_on(mentions, standings, bars, UTC_CALENDAR)
    assert (found.signal_on is not None) == found.is_signal
