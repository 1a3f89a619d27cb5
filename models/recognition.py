"""The day on which a theme's evidence first sufficed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from models.evidence import Mention, Standings, in_order
from models.policy import Level, level_of
from models.severity import Severity
from models.thresholds import ConditionCode, Lines
from models.window import Calendar


class _Growing:
    """A theme's evidence as its mentions come in, in order of time."""

    def __init__(self, standings: Standings, bars: Lines) -> None:
        self._standings = standings
        self._bars = bars
        self._accounts: set[str] = set()
        self._texts: set[tuple[str, str]] = set()
        self._csms: set[str] = set()
        self._segments: set[str] = set()
        self._arr = Decimal(0)
        self._at_risk = 0
        self._direct = False

    def add(self, mention: Mention) -> bool:
        """Take one more mention in; whether it could have changed the level."""
        account_id = mention.account_id
        if account_id is None:
            return self._add_csm(mention.csm_id)
        blocked = mention.severity is Severity.BLOCKING and self._block(account_id)
        if mention.text_key:
            key = (account_id, mention.text_key)
            if key in self._texts:
                # A copy: its first mention was credited, and only its severity can add.
                return blocked
            self._texts.add(key)
        new_account = account_id not in self._accounts
        if new_account:
            self._add_account(account_id)
        return self._add_csm(mention.csm_id) or new_account or blocked

    def reaches_candidate(self) -> bool:
        """Whether what came in so far is at least a candidate."""
        policy, csms = self._bars.policy, self._bars.csms
        met = {
            ConditionCode.FREQUENCY: len(self._accounts) >= policy.frequency,
            ConditionCode.ARR: self._bars.arr_met(self._arr),
            ConditionCode.CHURN: self._at_risk >= policy.churn,
            ConditionCode.THREE_CSMS: len(self._csms) >= csms.three_csms,
            ConditionCode.FIVE_CSMS: len(self._csms) >= csms.five_csms
            and len(self._segments) >= policy.segments,
            ConditionCode.DIRECT: self._direct,
        }
        return level_of(met, policy).rank <= Level.CANDIDATE.rank

    def _add_csm(self, csm_id: str) -> bool:
        known = csm_id in self._csms
        self._csms.add(csm_id)
        return not known

    def _block(self, account_id: str) -> bool:
        account, _ = self._standings.of(account_id)
        before = self._direct
        self._direct = before or self._bars.direct_met(account.arr)
        return self._direct and not before

    def _add_account(self, account_id: str) -> None:
        account, its_risk = self._standings.of(account_id)
        self._accounts.add(account_id)
        self._arr += account.arr or 0
        self._at_risk += its_risk.at_risk
        if account.segment:
            self._segments.add(account.segment)


def recognised_on(
    mentions: Iterable[Mention], standings: Standings, bars: Lines, calendar: Calendar
) -> date | None:
    """RULES 'Recognised': the first local day whose evidence up to it reaches candidate.

    Evidence only grows with time (the earliest of equal reports is the credited one), so the
    day is that of the first mention with which it suffices. `mentions` are those of one theme
    in one quarter; ARR, health and risk are those of `standings`, not of the day.
    """
    growing = _Growing(standings, bars)
    for mention in sorted(mentions, key=in_order):
        if growing.add(mention) and growing.reaches_candidate():
            return calendar.local_day(mention.occurred_at)
    return None
