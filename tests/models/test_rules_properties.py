"""What holds of the rules whatever the evidence."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from models.account import Account
from models.evidence import Mention, independent, weigh
from models.policy import COMBINED, SINGLE_GATE, ConditionCode, Policy, assess
from models.severity import Severity
from tests.models.factories import AS_OF, account, day, mention, portfolio

NAMES = [f"a{i}" for i in range(8)]
POLICIES = st.sampled_from([COMBINED, SINGLE_GATE])
ACCOUNTS = st.builds(
    lambda arrs, risks, segments: [
        account(name, arr, at_risk=risk, segment=segment)
        for name, arr, risk, segment in zip(NAMES, arrs, risks, segments, strict=True)
    ],
    st.lists(
        st.one_of(st.none(), st.sampled_from([0, 100_000, 500_000, 500_001, 1_200_000])),
        min_size=8,
        max_size=8,
    ),
    st.lists(st.booleans(), min_size=8, max_size=8),
    st.lists(st.sampled_from([None, "smb", "mid"]), min_size=8, max_size=8),
)
MENTIONS = st.lists(
    st.builds(
        lambda name, csm, hours, severity, text: mention(
            name, csm=csm, at=day(7, 1) + timedelta(hours=hours), severity=severity, text=text
        ),
        st.sampled_from([None, *NAMES]),
        st.sampled_from([f"c{i}" for i in range(7)]),
        st.integers(0, 3),
        st.sampled_from(list(Severity)),
        st.sampled_from(["", "x", "y", "z"]),
    ),
    max_size=16,
)


@given(accounts=ACCOUNTS, mentions=MENTIONS, policy=POLICIES, data=st.data())
def test_a_request_from_one_more_account_in_the_total_never_lowers_a_level(
    accounts: list[Account], mentions: list[Mention], policy: Policy, data: st.DataObject
) -> None:
    known = portfolio(accounts)
    heard = {m.account_id for m in mentions}
    silent = [name for name in NAMES if name not in heard]
    if not silent:
        return
    more = mention(
        data.draw(st.sampled_from(silent)),
        csm=data.draw(st.sampled_from(["c0", "c9"])),
        severity=data.draw(st.sampled_from(list(Severity))),
        text=data.draw(st.sampled_from(["", "x"])),
        at=day(7, 1),
    )
    before = assess(mentions, policy, known, AS_OF)
    after = assess([*mentions, more], policy, known, AS_OF)
    assert after.level.rank <= before.level.rank


@given(accounts=ACCOUNTS, mentions=MENTIONS, policy=POLICIES, random=st.randoms())
def test_the_order_of_notes_is_irrelevant(
    accounts: list[Account], mentions: list[Mention], policy: Policy, random: Random
) -> None:
    known = portfolio(accounts)
    shuffled = list(mentions)
    random.shuffle(shuffled)
    assert weigh(shuffled, known, AS_OF) == weigh(mentions, known, AS_OF)
    assert assess(shuffled, policy, known, AS_OF) == assess(mentions, policy, known, AS_OF)


@given(accounts=ACCOUNTS, one=MENTIONS, other=MENTIONS)
def test_a_merge_never_counts_an_account_twice(
    accounts: list[Account], one: list[Mention], other: list[Mention]
) -> None:
    known = portfolio(accounts)
    merged = weigh(one + other, known, AS_OF)
    apart = [weigh(part, known, AS_OF) for part in (one, other)]
    union = {name for part in apart for name in part.account_ids}
    assert set(merged.account_ids) == union
    assert len(merged.account_ids) == len(union)
    arr = {entry.account_id: entry.arr or Decimal(0) for entry in accounts}
    assert merged.arr == sum((arr[name] for name in union), Decimal(0))
    assert set(merged.at_risk) == {name for part in apart for name in part.at_risk}
    assert set(merged.csm_ids) <= {csm for part in apart for csm in part.csm_ids}
    assert merged.requests <= sum(part.requests for part in apart)


@given(mentions=MENTIONS)
def test_every_mention_is_in_one_report_and_no_two_reports_are_alike(
    mentions: list[Mention],
) -> None:
    reports = independent(mentions)
    ids = [m.request_id for report in reports for m in (report.first, *report.copies)]
    assert sorted(ids) == sorted(m.request_id for m in mentions)
    keys = [
        (report.first.account_id, report.first.text_key)
        for report in reports
        if report.first.account_id is not None and report.first.text_key
    ]
    assert len(keys) == len(set(keys))
    for report in reports:
        assert all(report.first.occurred_at <= copy.occurred_at for copy in report.copies)


@given(accounts=ACCOUNTS, mentions=MENTIONS, policy=POLICIES)
def test_saying_it_again_changes_no_vote(
    accounts: list[Account], mentions: list[Mention], policy: Policy
) -> None:
    known = portfolio(accounts)
    later = day(9, 1)
    copies = [
        mention(m.account_id, csm="c99", at=later, severity=m.severity, text=m.text_key)
        for m in mentions
        if m.account_id is not None and m.text_key
    ]
    once, twice = weigh(mentions, known, AS_OF), weigh(mentions + copies, known, AS_OF)
    assert (twice.requests, twice.csm_ids, twice.accounts) == (
        once.requests,
        once.csm_ids,
        once.accounts,
    )
    assert twice.copies == once.copies + len(copies)
    assert assess(mentions + copies, policy, known, AS_OF) == assess(mentions, policy, known, AS_OF)


@given(accounts=ACCOUNTS, mentions=MENTIONS)
def test_single_gate_never_asks_for_more_than_combined(
    accounts: list[Account], mentions: list[Mention]
) -> None:
    known = portfolio(accounts)
    combined = assess(mentions, COMBINED, known, AS_OF)
    single = assess(mentions, SINGLE_GATE, known, AS_OF)
    assert single.level.rank <= combined.level.rank
    assert single.conditions == combined.conditions


@given(accounts=ACCOUNTS, mentions=MENTIONS, arr=st.integers(0, 10**9))
def test_the_arr_that_is_said_to_be_needed_is_where_it_tips(
    accounts: list[Account], mentions: list[Mention], arr: int
) -> None:
    known = portfolio(accounts)
    heard = {m.account_id for m in mentions}
    unknown = [a for a in accounts if a.arr is None and a.account_id in heard]
    found = assess(mentions, COMBINED, known, AS_OF).conditions[ConditionCode.ARR]
    if known.total_arr is None or found.met is not None or len(unknown) != 1:
        return
    assert found.margin is not None
    needed = found.margin["arr_needed"]
    filled = [replace(a, arr=Decimal(arr)) if a in unknown else a for a in accounts]
    after = assess(mentions, COMBINED, portfolio(filled), AS_OF).conditions[ConditionCode.ARR]
    assert after.met is (arr > needed)  # type: ignore[operator]


@given(accounts=ACCOUNTS, mentions=MENTIONS)
def test_the_share_is_unknown_just_when_an_account_of_the_theme_could_tip_it(
    accounts: list[Account], mentions: list[Mention]
) -> None:
    known = portfolio(accounts)
    evidence = weigh(mentions, known, AS_OF)
    met = assess(mentions, COMBINED, known, AS_OF).conditions[ConditionCode.ARR].met
    if known.total_arr is None:
        assert met is None
    elif evidence.arr * 10 > known.total_arr:
        assert met is True
    else:
        assert met is (None if evidence.arr_unknown else False)
