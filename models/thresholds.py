"""The policy's numbers as data, and what they come to for one organisation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal, localcontext
from enum import StrEnum
from typing import Any

from models.account import RENEWAL_DAYS, Portfolio
from models.errors import InvalidInput


class ConditionCode(StrEnum):
    """The six conditions, in the order in which they are shown."""

    FREQUENCY = "frequency"
    ARR = "arr"
    CHURN = "churn"
    THREE_CSMS = "three_csms"
    FIVE_CSMS = "five_csms"
    DIRECT = "direct"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Every number that the rules turn on. Shares are exact and compared strictly.

    Attributes:
        frequency: distinct accounts, at least.
        arr_share: share of total ARR that has to be exceeded.
        churn: distinct at-risk accounts, at least.
        three_csms: distinct CSMs, at least, for a team of `team_least` to `team_most`.
        five_csms: distinct CSMs, at least, that together with `segments` make a signal.
        direct_share: one account's share that has to be exceeded.
        enough_alone: conditions of which one makes a signal.
        renewal_days: how near a renewal puts a yellow account at risk.
        coincidence_limit: probability below which an account count is no coincidence.
        priority_steps: how far an at-risk account near renewal raises the priority.
        scale_with_team: whether the CSM counts follow the size of the team.
    """

    name: str
    frequency: int = 3
    arr_share: Decimal = Decimal("0.10")
    churn: int = 2
    three_csms: int = 3
    five_csms: int = 5
    segments: int = 2
    direct_share: Decimal = Decimal("0.05")
    enough_alone: frozenset[ConditionCode] = frozenset(
        {ConditionCode.FIVE_CSMS, ConditionCode.DIRECT}
    )
    renewal_days: int = RENEWAL_DAYS
    coincidence_limit: float = 0.15
    priority_steps: int = 2
    scale_with_team: bool = True
    team_least: int = 8
    team_most: int = 20

    def __post_init__(self) -> None:
        for field in ("frequency", "churn", "three_csms", "five_csms", "segments", "team_least"):
            if getattr(self, field) < 1:
                raise _bad_policy(field, "must be at least 1")
        for field in ("arr_share", "direct_share", "coincidence_limit"):
            if not 0 < getattr(self, field) < 1:
                raise _bad_policy(field, "must be between 0 and 1")
        for field in ("renewal_days", "priority_steps"):
            if getattr(self, field) < 0:
                raise _bad_policy(field, "must not be negative")
        if self.team_most < self.team_least:
            raise _bad_policy("team_most", "must not be below team_least")

    def numbers(self) -> dict[str, int | float | bool | Decimal | list[str]]:
        """Every number by its name, as an answer shows them; `enough_alone` as sorted words."""
        shown = {field.name: getattr(self, field.name) for field in fields(self)}
        return {
            name: sorted(value) if isinstance(value, frozenset) else value
            for name, value in shown.items()
            if name != "name"
        }


COMBINED = Policy(name="combined")
SINGLE_GATE = Policy(
    name="single_gate",
    enough_alone=COMBINED.enough_alone | {ConditionCode.ARR, ConditionCode.CHURN},
)
POLICIES: Mapping[str, Policy] = {policy.name: policy for policy in (COMBINED, SINGLE_GATE)}


def policy_named(name: str, overrides: Mapping[str, Any] | None = None) -> Policy:
    """The policy of that name, with some of its numbers replaced.

    Raises InvalidInput `unknown_policy` or `bad_policy`.
    """
    if name not in POLICIES:
        raise InvalidInput(
            f"policy must be one of {', '.join(POLICIES)}.", code="unknown_policy", field="policy"
        )
    known = {field.name for field in fields(Policy)} - {"name"}
    for field in overrides or {}:
        if field not in known:
            raise _bad_policy(field, f"is not a number of the policy; known: {sorted(known)}")
    return replace(POLICIES[name], **(overrides or {}))


@dataclass(frozen=True, slots=True)
class CsmThresholds:
    """The CSM counts in force, and the team they were fitted to.

    `scaled` says whether they differ from the source's because of the size of the team.
    """

    active_csms: int
    three_csms: int
    five_csms: int
    scaled: bool


def csm_thresholds(policy: Policy, active_csms: int) -> CsmThresholds:
    """RULES 'Team size'.

    Below `team_least` (8) CSMs a count k becomes max(2, ceil(k*n/8)), above `team_most` (20)
    ceil(k*n/20), which for k = 5 is ceil(n/4).
    """
    in_range = policy.team_least <= active_csms <= policy.team_most
    if in_range or not policy.scale_with_team:
        return CsmThresholds(active_csms, policy.three_csms, policy.five_csms, scaled=False)
    small = active_csms < policy.team_least
    size = policy.team_least if small else policy.team_most

    def scaled(count: int) -> int:
        fitted = -(-count * active_csms // size)
        return max(2, fitted) if small else fitted

    return CsmThresholds(active_csms, scaled(policy.three_csms), scaled(policy.five_csms), True)


@dataclass(frozen=True, slots=True)
class Lines:
    """A policy's lines for one organisation: what has to be reached or exceeded.

    `arr_over` and `direct_over` are exact US dollars to be exceeded; None with no total ARR.
    """

    policy: Policy
    csms: CsmThresholds
    total_arr: Decimal | None
    arr_over: Decimal | None
    direct_over: Decimal | None

    def arr_met(self, arr: Decimal) -> bool:
        """Whether this much known ARR exceeds the line."""
        return self.arr_over is not None and arr > self.arr_over

    def direct_met(self, arr: Decimal | None) -> bool:
        """Whether one account of this ARR exceeds the line of `direct`."""
        return arr is not None and self.direct_over is not None and arr > self.direct_over


def lines(policy: Policy, portfolio: Portfolio) -> Lines:
    """The policy's lines for this portfolio."""
    return lines_of(policy, csm_thresholds(policy, portfolio.active_csms), portfolio.total_arr)


def lines_of(policy: Policy, csms: CsmThresholds, total: Decimal | None) -> Lines:
    """The policy's lines for a total ARR, with CSM counts fitted already."""
    return Lines(
        policy=policy,
        csms=csms,
        total_arr=total,
        arr_over=None if total is None else _exact_product(policy.arr_share, total),
        direct_over=None if total is None else _exact_product(policy.direct_share, total),
    )


def _exact_product(share: Decimal, total: Decimal) -> Decimal:
    # The default context would round at 28 digits.
    with localcontext() as context:
        context.prec = 200
        return share * total


def _bad_policy(field: str, sentence: str) -> InvalidInput:
    return InvalidInput(f"{field} {sentence}.", code="bad_policy", field=field)
