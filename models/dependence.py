"""How much a signal hangs on its largest account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from models.account import Portfolio
from models.conditions import arr_share
from models.evidence import AccountEvidence, Evidence, Report, Standings, weigh_reports
from models.policy import Level, Lines, judge_by


@dataclass(frozen=True, slots=True)
class WithoutLargest:
    """What the others come to.

    Attributes:
        largest: the account with the most ARR.
        evidence: what is left when nothing that it said counts; the total ARR stays.
        arr_share: of what is left.
        level: the level then.
    """

    largest: AccountEvidence
    evidence: Evidence
    arr_share: Fraction | None
    level: Level


def without_largest(
    evidence: Evidence, reports: Sequence[Report], bars: Lines
) -> WithoutLargest | None:
    """Judge a theme anew without its largest account; None where no ARR is known.

    `reports` are the independent reports that `evidence` was weighed from.
    """
    known = [entry for entry in evidence.accounts if entry.account.arr is not None]
    if not known:
        return None
    largest = min(known, key=lambda a: (-(a.account.arr or Decimal(0)), a.account.account_id))
    gone = largest.account.account_id
    accounts = {entry.account.account_id: entry.account for entry in evidence.accounts}
    standings = Standings(
        Portfolio(accounts=accounts, csms={}), evidence.as_of, bars.policy.renewal_days
    )
    rest = weigh_reports([r for r in reports if r.first.account_id != gone], standings)
    return WithoutLargest(
        largest=largest,
        evidence=rest,
        arr_share=arr_share(rest.arr, bars.total_arr),
        level=judge_by(rest, bars).level,
    )
