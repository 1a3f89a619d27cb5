"""The six conditions: value, threshold, whether met, and the margin that would tip it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from models.evidence import AccountEvidence, Evidence
from models.margins import (
    Figure,
    Margin,
    arr_margin,
    carried_margin,
    count_margin,
    no_total_margin,
    segments_margin,
    unknown_arr_margin,
    wanted_blocking_margin,
)
from models.severity import Severity
from models.thresholds import ConditionCode, Lines

Value = Figure | Mapping[str, Figure]

_TITLES: Mapping[ConditionCode, str] = {
    ConditionCode.FREQUENCY: "Accounts",
    ConditionCode.ARR: "ARR share",
    ConditionCode.CHURN: "At-risk accounts",
    ConditionCode.THREE_CSMS: "CSMs",
    ConditionCode.FIVE_CSMS: "CSMs across segments",
    ConditionCode.DIRECT: "Blocking request of one large account",
}


def title(code: ConditionCode) -> str:
    """The condition's name in a sentence or a table head."""
    return _TITLES[code]


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition, judged.

    Attributes:
        value: what there is; a number, or an object for `five_csms` and `direct`.
        threshold: what it is held against, in the same shape. ARR shares have to exceed it.
        met: None where an account without ARR could tip it, or no total ARR is known.
        margin: what would tip it: `text`, and the figures in it.
        one_change: whether the margin names one change that turns the condition.
    """

    code: ConditionCode
    value: Value
    threshold: Value
    met: bool | None
    margin: Mapping[str, Figure] | None
    one_change: bool = True


def arr_share(arr: Decimal, total: Decimal | None) -> Fraction | None:
    """The exact share of total ARR; None with no total."""
    return None if total is None else Fraction(arr) / Fraction(total)


def conditions(evidence: Evidence, bars: Lines) -> dict[ConditionCode, Condition]:
    """All six, in their order."""
    policy = bars.policy
    csms = len(evidence.csm_ids)
    found = (
        _count(ConditionCode.FREQUENCY, len(evidence.accounts), policy.frequency),
        _arr(evidence, bars),
        _churn(evidence, bars),
        _count(ConditionCode.THREE_CSMS, csms, bars.csms.three_csms),
        _five_csms(evidence, bars),
        _direct(evidence, bars),
    )
    return {condition.code: condition for condition in found}


_NOUNS: Mapping[ConditionCode, tuple[str, str]] = {
    ConditionCode.FREQUENCY: ("account", "accounts"),
    ConditionCode.CHURN: ("at-risk account", "at-risk accounts"),
    ConditionCode.THREE_CSMS: ("CSM", "CSMs"),
}


def _count(code: ConditionCode, value: int, threshold: int) -> Condition:
    margin = count_margin(value, threshold, _NOUNS[code])
    return Condition(code, value, threshold, value >= threshold, margin.as_dict())


def _churn(evidence: Evidence, bars: Lines) -> Condition:
    value, threshold = len(evidence.at_risk), bars.policy.churn
    margin = count_margin(value, threshold, _NOUNS[ConditionCode.CHURN])
    soon = _next_at_risk(evidence) if threshold - value == 1 else None
    if soon is not None:
        margin = margin.with_next_at_risk(soon, bars.policy.renewal_days)
    return Condition(ConditionCode.CHURN, value, threshold, value >= threshold, margin.as_dict())


def _next_at_risk(evidence: Evidence) -> AccountEvidence | None:
    """The yellow account whose renewal is the next to come near."""
    waiting = [a for a in evidence.accounts if a.risk.reason_code == "yellow_renewal_far"]
    return min(waiting, key=lambda a: a.risk.days_to_renewal or 0, default=None)


def _five_csms(evidence: Evidence, bars: Lines) -> Condition:
    csms, segments = len(evidence.csm_ids), len(evidence.segments)
    least_csms, least_segments = bars.csms.five_csms, bars.policy.segments
    margin = segments_margin(csms, segments, least_csms, least_segments)
    return Condition(
        ConditionCode.FIVE_CSMS,
        {"csms": csms, "segments": segments},
        {"csms": least_csms, "segments": least_segments},
        csms >= least_csms and segments >= least_segments,
        margin.as_dict(),
    )


def _arr(evidence: Evidence, bars: Lines) -> Condition:
    share = arr_share(evidence.arr, bars.total_arr)
    met, margin = _arr_met(evidence, bars)
    return Condition(
        ConditionCode.ARR,
        share,
        bars.policy.arr_share,
        met,
        margin.as_dict(),
        one_change=margin.one_change,
    )


def _arr_met(evidence: Evidence, bars: Lines) -> tuple[bool | None, Margin]:
    if bars.total_arr is None or bars.arr_over is None:
        return None, no_total_margin()
    met = bars.arr_met(evidence.arr)
    unknown = [a for a in evidence.accounts if a.account.arr is None]
    if not met and unknown:
        return None, unknown_arr_margin(
            unknown, evidence.arr, bars.arr_over, bars.policy.arr_share, blocking=False
        )
    return met, arr_margin(evidence, bars.total_arr, bars.arr_over)


def _direct(evidence: Evidence, bars: Lines) -> Condition:
    blocking = sorted(
        (a for a in evidence.accounts if a.severity is Severity.BLOCKING), key=_largest_first
    )
    largest = blocking[0] if blocking else None
    met, margin = _direct_met(evidence, blocking, bars)
    share = None
    if largest is not None and largest.account.arr is not None:
        share = arr_share(largest.account.arr, bars.total_arr)
    return Condition(
        ConditionCode.DIRECT,
        {"account_id": largest.account.account_id if largest else None, "share": share},
        {"account_id": None, "share": bars.policy.direct_share},
        met,
        margin.as_dict(),
        one_change=margin.one_change,
    )


def _direct_met(
    evidence: Evidence, blocking: list[AccountEvidence], bars: Lines
) -> tuple[bool | None, Margin]:
    over = bars.direct_over
    if bars.total_arr is None or over is None:
        # Without any blocking request no ARR could tip it: that much is known.
        return (None, no_total_margin()) if blocking else (False, wanted_blocking_margin(bars))
    carrying = [a for a in blocking if bars.direct_met(a.account.arr)]
    if carrying:
        return True, carried_margin(carrying, bars.total_arr, over)
    unknown = [a for a in blocking if a.account.arr is None]
    if unknown:
        return None, unknown_arr_margin(
            unknown, Decimal(0), over, bars.policy.direct_share, blocking=True
        )
    large = [a for a in evidence.accounts if bars.direct_met(a.account.arr)]
    return False, wanted_blocking_margin(bars, min(large, key=_largest_first, default=None))


def _largest_first(entry: AccountEvidence) -> tuple[bool, Decimal, str]:
    arr = entry.account.arr
    return (arr is None, -(arr or Decimal(0)), entry.account.account_id)
