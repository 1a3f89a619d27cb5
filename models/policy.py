"""From evidence to a level: the verdict, the suggested priority, and what would tip it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from models.account import Portfolio
from models.conditions import Condition, conditions, title
from models.evidence import Evidence, Mention, weigh
from models.theme import Priority
from models.thresholds import (
    COMBINED,
    POLICIES,
    SINGLE_GATE,
    ConditionCode,
    CsmThresholds,
    Lines,
    Policy,
    csm_thresholds,
    lines,
    policy_named,
)

__all__ = [
    "COMBINED",
    "POLICIES",
    "SINGLE_GATE",
    "Condition",
    "ConditionCode",
    "CsmThresholds",
    "Level",
    "Lines",
    "Policy",
    "Tip",
    "Verdict",
    "assess",
    "csm_thresholds",
    "judge",
    "judge_by",
    "level_of",
    "lines",
    "policy_named",
]


class Level(StrEnum):
    """Declared from highest to lowest; `rank` 0 is the highest."""

    P1 = "p1"
    SIGNAL = "signal"
    CANDIDATE = "candidate"
    ANECDOTE = "anecdote"

    @property
    def rank(self) -> int:
        """0 for p1 to 3 for anecdote."""
        return _RANKS[self]


_RANKS = {level: rank for rank, level in enumerate(Level)}
_PRIORITIES = tuple(Priority)
_GATES = (ConditionCode.FREQUENCY, ConditionCode.ARR, ConditionCode.CHURN)


@dataclass(frozen=True, slots=True)
class Tip:
    """One change that would move the level.

    Attributes:
        condition: the condition that would change.
        direction: 'up' or 'down'.
        level: at least this level after it (up), or at most this one (down).
        text: a sentence for a person.
    """

    condition: ConditionCode
    direction: str
    level: Level
    text: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """A theme's level with everything that explains it.

    `raised_by` holds the ids of at-risk accounts near renewal that raised the priority.
    """

    level: Level
    conditions: Mapping[ConditionCode, Condition]
    suggested_priority: Priority
    raised_by: tuple[str, ...]
    tips: tuple[Tip, ...]


def level_of(met: Mapping[ConditionCode, bool], policy: Policy) -> Level:
    """RULES 'Levels': the highest that holds."""
    gates = sum(met[code] for code in _GATES)
    if gates == len(_GATES):
        return Level.P1
    if gates >= 2 or any(met[code] for code in policy.enough_alone):
        return Level.SIGNAL
    if gates == 1 or met[ConditionCode.THREE_CSMS]:
        return Level.CANDIDATE
    return Level.ANECDOTE


def judge(evidence: Evidence, policy: Policy, portfolio: Portfolio) -> Verdict:
    """The verdict on a theme's evidence. Weigh it with the policy's `renewal_days`."""
    return judge_by(evidence, lines(policy, portfolio))


def assess(
    mentions: Iterable[Mention], policy: Policy, portfolio: Portfolio, as_of: date
) -> Verdict:
    """Weigh and judge the mentions of one theme in one window."""
    return judge(weigh(mentions, portfolio, as_of, policy.renewal_days), policy, portfolio)


def judge_by(evidence: Evidence, bars: Lines) -> Verdict:
    """As `judge`, with the organisation's lines worked out already."""
    found = conditions(evidence, bars)
    level = level_of(_met(found), bars.policy)
    raised_by = tuple(
        entry.account.account_id
        for entry in evidence.accounts
        if entry.risk.at_risk
        and entry.risk.days_to_renewal is not None
        and 0 <= entry.risk.days_to_renewal <= bars.policy.renewal_days
    )
    steps = bars.policy.priority_steps if raised_by else 0
    return Verdict(
        level=level,
        conditions=found,
        suggested_priority=_PRIORITIES[max(0, level.rank - steps)],
        raised_by=raised_by,
        tips=_tips(found, level, bars.policy),
    )


def _met(found: Mapping[ConditionCode, Condition]) -> dict[ConditionCode, bool]:
    # Unknown is never met.
    return {code: condition.met is True for code, condition in found.items()}


def _tips(
    found: Mapping[ConditionCode, Condition], level: Level, policy: Policy
) -> tuple[Tip, ...]:
    met = _met(found)
    tips = []
    for code, condition in found.items():
        if condition.margin is None or not condition.one_change:
            continue
        flipped = level_of({**met, code: not met[code]}, policy)
        if flipped is level:
            continue
        up = flipped.rank < level.rank
        verb = "could then be" if condition.met is None else "is then"
        sentence = (
            f"{title(code)}: {condition.margin['text']}. The level {verb} {_bound(flipped, up)}."
        )
        tips.append(Tip(code, "up" if up else "down", flipped, sentence))
    return tuple(tips)


def _bound(level: Level, up: bool) -> str:
    """One change may turn other conditions the same way, so the level is a bound."""
    if level in (Level.P1, Level.ANECDOTE):
        return level.value
    return f"{level} or {'higher' if up else 'lower'}"
