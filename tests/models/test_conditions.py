"""The six conditions at and around their lines, and what they say would tip them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from models.account import Account, Health, Portfolio
from models.conditions import Condition, title
from models.evidence import Mention
from models.policy import COMBINED, ConditionCode, Policy, assess
from models.severity import Severity
from tests.models.factories import AS_OF, MILLIONS, account, mention, portfolio

BLOCKING = Severity.BLOCKING


def condition(
    code: str,
    mentions: Sequence[Mention],
    known: Portfolio,
    policy: Policy = COMBINED,
) -> Condition:
    return assess(mentions, policy, known, AS_OF).conditions[ConditionCode(code)]


def heard_from(*accounts: Account, total: Any = MILLIONS, **said: Any) -> dict[str, Any]:
    return {
        "mentions": [mention(entry.account_id, **said) for entry in accounts],
        "known": portfolio(accounts, total=total),
    }


def text_of(found: Condition) -> object:
    assert found.margin is not None
    return found.margin["text"]


def test_all_six_are_reported_in_order() -> None:
    assert list(assess([mention()], COMBINED, portfolio([]), AS_OF).conditions) == [
        "frequency",
        "arr",
        "churn",
        "three_csms",
        "five_csms",
        "direct",
    ]


def test_every_condition_has_a_name() -> None:
    assert len({title(code) for code in ConditionCode}) == 6


@pytest.mark.parametrize(
    ("accounts", "met", "text"),
    [
        (1, False, "2 more accounts meet this"),
        (2, False, "one more account meets this"),
        (3, True, "one account fewer and this no longer holds"),
        (4, True, "2 accounts fewer and this no longer holds"),
    ],
)
def test_frequency(accounts: int, met: bool, text: str) -> None:
    found = condition("frequency", **heard_from(*(account(f"a{i}") for i in range(accounts))))
    assert (found.value, found.threshold, found.met) == (accounts, 3, met)
    assert text_of(found) == text


@pytest.mark.parametrize(
    ("arr", "met"), [("500000", False), ("500000.0001", True), ("499999.9999", False)]
)
def test_exactly_ten_percent_does_not_pass(arr: str, met: bool) -> None:
    found = condition("arr", **heard_from(account("a", arr)))
    assert found.met is met
    assert found.value == Fraction(arr) / 5_000_000
    assert found.threshold == Decimal("0.10")


def test_shares_are_compared_unrounded() -> None:
    # 10 % of this total has more digits than the default decimal context keeps.
    accounts = [account(f"a{i}", "999999999999999.9999") for i in range(10)]
    known = portfolio([*accounts, account("tiny", "0.0001", active=False)])
    exact, over = [mention("a0")], [mention("a0"), mention("tiny")]
    assert condition("arr", exact, known).met is False
    assert condition("arr", over, known).met is True


def test_a_line_of_many_digits_is_not_rounded_either() -> None:
    # The line is 10^-27 below 100, which 28 digits would round up onto it.
    policy = Policy(name="own", arr_share=Decimal("0.0" + "9" * 29))
    heard = heard_from(account("a", 100), total=1_000)
    assert condition("arr", **heard, policy=policy).met is True


def test_what_the_arr_share_lacks() -> None:
    found = condition("arr", **heard_from(account("a", "460000")))
    assert text_of(found) == "more than $40,000 of further ARR meets this"
    assert found.margin is not None and found.margin["arr_needed"] == 40_000
    assert text_of(condition("arr", **heard_from(account("a", "459999.5")))) == (
        "more than $40,001 of further ARR meets this"
    )


def test_at_exactly_ten_percent_any_arr_tips_it() -> None:
    assert text_of(condition("arr", **heard_from(account("a", 500_000)))) == (
        "any further ARR meets this"
    )


def test_what_the_arr_share_is_without_the_largest_account() -> None:
    acme, other = account("a", 400_000, name="Acme"), account("b", 305_000)
    found = condition("arr", **heard_from(acme, other))
    assert text_of(found) == "without Acme the share falls to 6.1 %"
    assert found.margin is not None
    assert found.margin["account_id"] == "a"
    assert found.margin["share_without"] == Fraction(61, 1000)


def test_a_share_that_stands_without_its_largest_account() -> None:
    found = condition(
        "arr", **heard_from(account("a", 600_000, name="Acme"), account("b", 500_001))
    )
    assert text_of(found) == "even without Acme, its largest account, the share is 10.00002 %"
    assert not found.one_change


def test_a_share_that_falls_to_just_the_line() -> None:
    found = condition("arr", **heard_from(account("a", 600_000), account("b", 500_000)))
    assert text_of(found) == "without Name of a the share falls to 10 %"


def test_of_equal_accounts_the_first_id_is_named() -> None:
    found = condition("arr", **heard_from(account("b", 300_000), account("a", 300_000)))
    assert found.margin is not None and found.margin["account_id"] == "a"


def test_an_account_without_arr_leaves_the_share_open() -> None:
    unknown = account("u", None, name="Umbra")
    found = condition("arr", **heard_from(account("a", 50_000), unknown))
    assert found.met is None
    assert found.value == Fraction(1, 100)
    # 50,000 + x has to exceed a tenth of 5,000,000 + x.
    assert text_of(found) == "Umbra has no ARR on record; more than $500,000 there meets this"
    assert found.margin is not None and found.margin["arr_needed"] == 500_000


def test_the_unknown_arr_that_is_named_is_where_it_tips() -> None:
    accounts = [account("a", 50_000), account("rest", 4_950_000)]
    mentions = [mention("a"), mention("u")]
    for arr, met in ((500_000, False), (500_001, True)):
        assert condition("arr", mentions, portfolio([*accounts, account("u", arr)])).met is met


def test_an_inactive_account_without_arr_does_not_move_the_total() -> None:
    gone = account("u", None, name="Umbra", active=False)
    found = condition("arr", **heard_from(account("a", 50_000), gone))
    assert text_of(found) == "Umbra has no ARR on record; more than $450,000 there meets this"


def test_several_accounts_without_arr() -> None:
    accounts = [account("u", None), account("v", None), account("a", 50_000)]
    found = condition("arr", **heard_from(*accounts))
    assert text_of(found) == (
        "2 accounts have no ARR on record; more than $500,000 between them meets this"
    )
    assert found.margin is not None and found.margin["account_ids"] == ("u", "v")


def test_at_the_line_any_unknown_arr_tips_it() -> None:
    found = condition("arr", **heard_from(account("a", 500_000), account("u", None)))
    assert text_of(found) == "Name of u has no ARR on record; any ARR there meets this"


def test_where_the_share_holds_already_unknown_arr_changes_nothing() -> None:
    assert condition("arr", **heard_from(account("a", 500_001), account("u", None))).met is True


@pytest.mark.parametrize("arr", [None, 0])
def test_with_no_total_the_share_is_unknown(arr: object) -> None:
    found = condition("arr", **heard_from(account("a", arr), total=None))
    assert (found.value, found.met) == (None, None)
    assert text_of(found) == (
        "no active account has an ARR above zero on record, so no share is known"
    )


def test_a_theme_of_no_account_has_no_share_of_a_known_total() -> None:
    found = condition("arr", [mention(None)], portfolio([], total=MILLIONS))
    assert (found.value, found.met) == (0, False)


@pytest.mark.parametrize(
    ("at_risk", "met", "text"),
    [
        (0, False, "2 more at-risk accounts meet this"),
        (1, False, "one more at-risk account meets this"),
        (2, True, "one at-risk account fewer and this no longer holds"),
        (3, True, "2 at-risk accounts fewer and this no longer holds"),
    ],
)
def test_churn(at_risk: int, met: bool, text: str) -> None:
    accounts = [account(f"a{i}", at_risk=i < at_risk) for i in range(4)]
    found = condition("churn", **heard_from(*accounts))
    assert (found.value, found.threshold, found.met) == (at_risk, 2, met)
    assert text_of(found) == text


def test_churn_names_the_account_that_time_will_put_at_risk() -> None:
    def yellow(name: str, days: int) -> Account:
        renews = AS_OF + timedelta(days=days)
        return account(name, name=name, at_risk=None, health=Health.YELLOW, renewal_date=renews)

    two_short = condition("churn", **heard_from(yellow("Late", 90), yellow("Soon", 61)))
    assert text_of(two_short) == "2 more at-risk accounts meet this"
    found = condition(
        "churn", **heard_from(yellow("Late", 90), yellow("Soon", 61), yellow("Now", 60))
    )
    assert text_of(found) == (
        "one more at-risk account meets this; "
        "Soon becomes one on 2026-10-01 if it is still yellow then"
    )
    assert found.margin is not None and found.margin["next_account_id"] == "Soon"


@pytest.mark.parametrize(
    ("csms", "met", "text"),
    [
        (1, False, "2 more CSMs meet this"),
        (2, False, "one more CSM meets this"),
        (3, True, "one CSM fewer and this no longer holds"),
    ],
)
def test_three_csms(csms: int, met: bool, text: str) -> None:
    mentions = [mention("a", csm=f"c{i}") for i in range(csms)]
    found = condition("three_csms", mentions, portfolio([account("a")]))
    assert (found.value, found.threshold, found.met) == (csms, 3, met)
    assert text_of(found) == text


@pytest.mark.parametrize(
    ("csms", "segments", "met", "text"),
    [
        (5, 1, False, "one more segment meets this"),
        (4, 2, False, "one more CSM meets this"),
        (3, 1, False, "2 more CSMs and one more segment meet this"),
        (3, 0, False, "2 more CSMs and 2 more segments meet this"),
        (5, 2, True, "one CSM fewer or one segment fewer and this no longer holds"),
        (6, 3, True, "2 CSMs fewer or 2 segments fewer and this no longer holds"),
    ],
)
def test_five_csms(csms: int, segments: int, met: bool, text: str) -> None:
    accounts = [account(f"a{i}", segment=f"s{i}") for i in range(segments)] or [account("a0")]
    mentions = [mention(f"a{i % len(accounts)}", csm=f"c{i}") for i in range(csms)]
    found = condition("five_csms", mentions, portfolio(accounts))
    assert found.value == {"csms": csms, "segments": segments}
    assert found.threshold == {"csms": 5, "segments": 2}
    assert found.met is met
    assert text_of(found) == text


@pytest.mark.parametrize(("arr", "met"), [("250000", False), ("250000.0001", True)])
def test_exactly_five_percent_with_a_blocking_request_does_not_pass(arr: str, met: bool) -> None:
    found = condition("direct", **heard_from(account("a", arr), severity=BLOCKING))
    assert found.met is met
    assert found.value == {"account_id": "a", "share": Fraction(arr) / 5_000_000}
    assert found.threshold == {"account_id": None, "share": Decimal("0.05")}


def test_direct_needs_the_blocking_request_from_the_large_account_itself() -> None:
    large, small = account("a", 400_000, name="Acme"), account("b", 10_000)
    mentions = [mention("a"), mention("b", severity=BLOCKING)]
    found = condition("direct", mentions, portfolio([large, small], total=MILLIONS))
    assert found.met is False
    assert found.value == {"account_id": "b", "share": Fraction(1, 500)}
    assert text_of(found) == "a blocking request from Acme (8 % of total ARR) meets this"


def test_two_small_blocking_accounts_do_not_add_up() -> None:
    accounts = (account("a", 200_000), account("b", 200_000))
    found = condition("direct", **heard_from(*accounts, severity=BLOCKING))
    assert found.met is False
    assert text_of(found) == (
        "a blocking request from an account with more than $250,000 of ARR meets this"
    )


def test_who_carries_direct() -> None:
    acme, other = account("a", 400_000, name="Acme"), account("b", 300_000)
    one = condition("direct", **heard_from(acme, severity=BLOCKING))
    assert text_of(one) == "without Acme (8 % of total ARR) this no longer holds"
    two = condition("direct", **heard_from(acme, other, severity=BLOCKING))
    assert text_of(two) == "2 accounts each carry this alone"
    assert two.margin is not None and two.margin["account_ids"] == ("a", "b")


def test_a_blocking_account_without_arr_leaves_direct_open() -> None:
    unknown = account("u", None, name="Umbra")
    found = condition("direct", **heard_from(unknown, severity=BLOCKING))
    assert found.met is None
    assert found.value == {"account_id": "u", "share": None}
    # x has to exceed a twentieth of 5,000,000 + x: 263,157.89...
    assert text_of(found) == (
        "Umbra has a blocking request and no ARR on record; more than $263,158 there meets this"
    )


def test_several_blocking_accounts_without_arr_count_each_by_itself() -> None:
    found = condition(
        "direct", **heard_from(account("u", None), account("v", None), severity=BLOCKING)
    )
    assert text_of(found) == (
        "2 accounts with a blocking request have no ARR on record; "
        "more than $263,158 at one of them meets this"
    )


def test_an_account_without_arr_and_without_blocking_leaves_nothing_open() -> None:
    assert condition("direct", **heard_from(account("u", None))).met is False


def test_direct_holds_whatever_else_is_unknown() -> None:
    accounts = (account("a", 250_001), account("u", None))
    assert condition("direct", **heard_from(*accounts, severity=BLOCKING)).met is True


def test_direct_with_no_total() -> None:
    blocked = condition("direct", **heard_from(account("a", None), total=None, severity=BLOCKING))
    assert (blocked.value, blocked.met) == ({"account_id": "a", "share": None}, None)
    assert text_of(blocked) == (
        "no active account has an ARR above zero on record, so no share is known"
    )
    free = condition("direct", **heard_from(account("a", None), total=None))
    assert free.met is False
    assert text_of(free) == (
        "a blocking request from an account with more than 5 % of total ARR meets this"
    )


def test_the_line_can_be_set() -> None:
    policy = Policy(name="own", frequency=1, arr_share=Decimal("0.02"))
    heard = heard_from(account("a", 100_001))
    assert condition("frequency", **heard, policy=policy).met is True
    assert condition("arr", **heard, policy=policy).met is True
