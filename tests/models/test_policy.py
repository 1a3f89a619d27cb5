"""Levels under both policies, team size, suggested priority, tips, and RULES' own examples."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from models.account import CSM, Account, Health, Portfolio
from models.errors import InvalidInput
from models.evidence import Mention
from models.policy import (
    COMBINED,
    SINGLE_GATE,
    ConditionCode,
    Level,
    Policy,
    Verdict,
    assess,
    csm_thresholds,
    level_of,
    policy_named,
)
from models.severity import Severity
from tests.models.factories import AS_OF, MILLIONS, account, mention, portfolio

BLOCKING = Severity.BLOCKING


def verdict(
    accounts: list[Account],
    mentions: list[Mention] | None = None,
    policy: Policy = COMBINED,
    **said: Any,
) -> Verdict:
    heard = mentions or [mention(entry.account_id, **said) for entry in accounts]
    return assess(heard, policy, portfolio(accounts, total=MILLIONS), AS_OF)


def levels(accounts: list[Account], **said: Any) -> tuple[str, str]:
    return (
        verdict(accounts, **said).level.value,
        verdict(accounts, policy=SINGLE_GATE, **said).level.value,
    )


# RULES, "Worked: Q3, total ARR 5,000,000".


def test_worked_three_healthy_accounts_of_150_000_together() -> None:
    assert levels([account(name, 50_000) for name in "abc"]) == ("candidate", "candidate")


def test_worked_three_accounts_of_1_200_000_two_at_risk() -> None:
    accounts = [account(name, 400_000, at_risk=name != "a") for name in "abc"]
    assert levels(accounts) == ("p1", "p1")


def test_worked_one_healthy_account_of_exactly_ten_percent() -> None:
    assert levels([account("a", 500_000)]) == ("anecdote", "anecdote")
    assert levels([account("a", 500_001)]) == ("candidate", "signal")


def test_worked_one_account_of_eight_percent_with_a_blocking_request() -> None:
    assert levels([account("a", 400_000)], severity=BLOCKING) == ("signal", "signal")


def test_worked_two_at_risk_accounts_of_40_000() -> None:
    accounts = [account(name, 20_000, at_risk=True) for name in "ab"]
    assert levels(accounts) == ("candidate", "signal")


def test_worked_six_notes_by_two_csms_on_one_small_account() -> None:
    notes = [mention("a", csm=f"c{i % 2}") for i in range(6)]
    assert verdict([account("a")], notes).level is Level.ANECDOTE


# The definition of the levels, over every combination of conditions.


@pytest.mark.parametrize("met", list(product([False, True], repeat=6)))
def test_levels_by_definition(met: tuple[bool, ...]) -> None:
    frequency, arr, churn, three_csms, five_csms, direct = met
    gates = [frequency, arr, churn]
    if all(gates):
        combined = single = "p1"
    else:
        alone = five_csms or direct
        rest = "candidate" if gates.count(True) == 1 or three_csms else "anecdote"
        combined = "signal" if gates.count(True) == 2 or alone else rest
        single = "signal" if arr or churn or alone else rest
    found = dict(zip(ConditionCode, met, strict=True))
    assert level_of(found, COMBINED).value == combined
    assert level_of(found, SINGLE_GATE).value == single


def test_p1_is_the_highest_rank() -> None:
    ranked = sorted(Level, key=lambda level: level.rank)
    assert [level.value for level in ranked] == ["p1", "signal", "candidate", "anecdote"]


def test_unknown_is_never_met() -> None:
    accounts = [account("u", None), account("b", 10), account("c", 10)]
    found = verdict(accounts)
    assert found.conditions[ConditionCode.ARR].met is None
    assert found.level is Level.CANDIDATE


def test_three_csms_make_a_candidate_and_five_across_two_segments_a_signal() -> None:
    accounts = [account("a", segment="smb"), account("b", segment="mid")]

    def heard(csms: int, names: str) -> Level:
        notes = [mention(names[i % len(names)], csm=f"c{i}") for i in range(csms)]
        return verdict(accounts, notes).level

    assert heard(2, "ab") is Level.ANECDOTE
    assert heard(3, "ab") is Level.CANDIDATE
    assert heard(5, "a") is Level.CANDIDATE
    assert heard(5, "ab") is Level.SIGNAL


def test_merged_themes_count_an_account_once() -> None:
    one = [mention("a", csm="c1", text="x"), mention("b", csm="c1")]
    other = [mention("a", csm="c2", text="x"), mention("b", csm="c1")]
    merged = verdict([account("a", 300_000), account("b", 10_000)], one + other)
    assert merged.conditions[ConditionCode.FREQUENCY].value == 2
    assert merged.conditions[ConditionCode.THREE_CSMS].value == 1
    assert merged.level is Level.ANECDOTE


# Team size.


@pytest.mark.parametrize(
    ("team", "three", "five"),
    [
        (0, 2, 2),
        (1, 2, 2),
        (5, 2, 4),
        (6, 3, 4),
        (7, 3, 5),
        (8, 3, 5),
        (20, 3, 5),
        (21, 4, 6),
        (24, 4, 6),
        (25, 4, 7),
        (26, 4, 7),
        (27, 5, 7),
        (40, 6, 10),
        (41, 7, 11),
    ],
)
def test_csm_counts_follow_the_size_of_the_team(team: int, three: int, five: int) -> None:
    found = csm_thresholds(COMBINED, team)
    assert (found.active_csms, found.three_csms, found.five_csms) == (team, three, five)
    assert found.scaled is (team < 8 or team > 20)


def test_settings_can_fix_the_csm_counts() -> None:
    fixed = csm_thresholds(replace(COMBINED, scale_with_team=False), 4)
    assert (fixed.three_csms, fixed.five_csms, fixed.scaled) == (3, 5, False)


def test_the_counts_in_force_are_stated_with_the_conditions() -> None:
    known = portfolio([account("a")], csms=40)
    found = assess([mention("a")], COMBINED, known, AS_OF).conditions
    assert found[ConditionCode.THREE_CSMS].threshold == 6
    assert found[ConditionCode.FIVE_CSMS].threshold == {"csms": 10, "segments": 2}


def test_inactive_csms_are_no_part_of_the_team() -> None:
    csms = {f"c{i}": CSM(csm_id=f"c{i}", active=i < 4) for i in range(12)}
    known = Portfolio({}, csms)
    mentions = [mention(None, csm="c0"), mention(None, csm="c11")]
    found = assess(mentions, COMBINED, known, AS_OF).conditions[ConditionCode.THREE_CSMS]
    assert (found.value, found.threshold, found.met) == (2, 2, True)


# Suggested priority.


def renewing(days: int, **known: Any) -> Account:
    return account("a", renewal_date=AS_OF + timedelta(days=days), **known)


@pytest.mark.parametrize(
    ("accounts", "priority"),
    [
        ([account("a")], "P4"),
        ([account(name) for name in "abc"], "P3"),
        ([account(name, 200_000) for name in "abc"], "P2"),
        ([account(name, 200_000, at_risk=True) for name in "abc"], "P1"),
    ],
)
def test_each_level_has_its_priority(accounts: list[Account], priority: str) -> None:
    found = verdict(accounts)
    assert found.suggested_priority == priority
    assert found.raised_by == ()


@pytest.mark.parametrize("days", [0, 60])
def test_an_at_risk_account_near_renewal_raises_two_steps(days: int) -> None:
    found = verdict([renewing(days, at_risk=True)])
    assert (found.level, found.suggested_priority) == (Level.ANECDOTE, "P2")
    assert found.raised_by == ("a",)


@pytest.mark.parametrize("days", [-1, 61])
def test_an_at_risk_account_far_from_renewal_raises_nothing(days: int) -> None:
    assert verdict([renewing(days, at_risk=True)]).suggested_priority == "P4"


def test_a_healthy_account_near_renewal_raises_nothing() -> None:
    assert verdict([renewing(10, at_risk=False)]).suggested_priority == "P4"
    assert verdict([renewing(10, at_risk=None, health=Health.GREEN)]).suggested_priority == "P4"


def test_a_yellow_account_near_renewal_is_at_risk_and_raises() -> None:
    assert verdict([renewing(60, at_risk=None, health=Health.YELLOW)]).suggested_priority == "P2"


def test_p3_in_a_renewing_account_is_p1_and_p1_is_the_top() -> None:
    others = [account("b"), account("c")]
    assert verdict([renewing(5, at_risk=True), *others]).suggested_priority == "P1"
    p1 = [renewing(5, at_risk=True, arr=600_000), account("b", at_risk=True), account("c")]
    assert verdict(p1).suggested_priority == "P1"


# What would tip the level.


def tips(found: Verdict) -> list[str]:
    return [tip.text for tip in found.tips]


def test_what_would_lift_a_candidate() -> None:
    accounts = [account("a", 50_000, at_risk=True), account("b", 50_000), account("c", 50_000)]
    assert tips(verdict(accounts)) == [
        "Accounts: one account fewer and this no longer holds. The level is then anecdote.",
        "ARR share: more than $350,000 of further ARR meets this. "
        "The level is then signal or higher.",
        "At-risk accounts: one more at-risk account meets this. "
        "The level is then signal or higher.",
        "CSMs across segments: 4 more CSMs and 2 more segments meet this. "
        "The level is then signal or higher.",
        "Blocking request of one large account: a blocking request from an account with more "
        "than $250,000 of ARR meets this. The level is then signal or higher.",
    ]


def test_what_would_lift_a_signal_to_p1_and_let_it_fall() -> None:
    accounts = [account("a", 450_000, name="Acme", at_risk=True), account("b", 60_000)]
    accounts.append(account("c", 60_000))
    found = verdict(accounts)
    assert found.level is Level.SIGNAL
    assert tips(found) == [
        "Accounts: one account fewer and this no longer holds. "
        "The level is then candidate or lower.",
        "ARR share: without Acme the share falls to 2.4 %. The level is then candidate or lower.",
        "At-risk accounts: one more at-risk account meets this. The level is then p1.",
    ]


def test_a_missing_arr_could_tip_the_level() -> None:
    found = verdict([account("u", None, name="Umbra")])
    assert found.tips[1].text == (
        "ARR share: Umbra has no ARR on record; more than $555,556 there meets this. "
        "The level could then be candidate or higher."
    )
    assert (found.tips[1].direction, found.tips[1].level) == ("up", Level.CANDIDATE)


def test_what_turns_nothing_is_no_tip() -> None:
    accounts = [account("a", 600_000), account("b", 500_001)]
    assert ConditionCode.ARR not in [tip.condition for tip in verdict(accounts).tips]


# Policies by name.


def test_policies_are_known_by_name() -> None:
    assert policy_named("combined") is not SINGLE_GATE
    assert policy_named("combined") == COMBINED
    assert policy_named("single_gate") == SINGLE_GATE


def test_an_unknown_policy_lists_the_known_ones() -> None:
    with pytest.raises(InvalidInput) as caught:
        policy_named("strict")
    assert (caught.value.code, caught.value.field) == ("unknown_policy", "policy")
    assert "combined, single_gate" in caught.value.message


def test_a_number_of_a_policy_can_be_set() -> None:
    assert policy_named("combined", {"frequency": 4}).frequency == 4
    assert policy_named("combined", {"frequency": 4}).name == "combined"


@pytest.mark.parametrize(
    "overrides",
    [
        {"frequency": 0},
        {"arr_share": 0},
        {"direct_share": 1},
        {"renewal_days": -1},
        {"team_most": 7},
        {"name": "x"},
        {"frequencies": 3},
    ],
)
def test_a_senseless_number_is_refused(overrides: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as caught:
        policy_named("combined", overrides)
    assert caught.value.code == "bad_policy"
