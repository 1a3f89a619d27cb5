"""The day on which a theme's evidence first sufficed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from models.evidence import Mention, Standings, in_order
from models.policy import Level, level_of
from models.severity import Severity
from models.thresholds import ConditionCode, Lines
from models.window import Calendar


class Grown(NamedTuple):
    """What a theme's evidence came to at a time, in the figures that the conditions look at.

    `largest_blocked` is the largest known ARR of an account with a blocking request.
    """

    at: datetime
    accounts: int
    arr: Decimal
    at_risk: int
    csms: int
    segments: int
    largest_blocked: Decimal | None


class _Growing:
    """A theme's evidence as its mentions come in, in order of time."""

    def __init__(self, standings: Standings) -> None:
        self._standings = standings
        self._accounts: set[str] = set()
        self._texts: set[tuple[str, str]] = set()
        self._csms: set[str] = set()
        self._segments: set[str] = set()
        self._arr = Decimal(0)
        self._at_risk = 0
        self._blocked: Decimal | None = None

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

    def as_of(self, at: datetime) -> Grown:
        """What came in so far."""
        return Grown(
            at,
            len(self._accounts),
            self._arr,
            self._at_risk,
            len(self._csms),
            len(self._segments),
            self._blocked,
        )

    def _add_csm(self, csm_id: str) -> bool:
        known = csm_id in self._csms
        self._csms.add(csm_id)
        return not known

    def _block(self, account_id: str) -> bool:
        arr = self._standings.of(account_id)[0].arr
        if arr is None or (self._blocked is not None and arr <= self._blocked):
            return False
        self._blocked = arr
        return True

    def _add_account(self, account_id: str) -> None:
        account, its_risk = self._standings.of(account_id)
        self._accounts.add(account_id)
        self._arr += account.arr or 0
        self._at_risk += its_risk.at_risk
        if account.segment:
            self._segments.add(account.segment)


def growth(mentions: Iterable[Mention], standings: Standings) -> Iterator[Grown]:
    """The evidence of one theme after each mention that adds to it, in order of time.

    No figure ever falls, for the earliest of equal reports is the credited one. ARR, health
    and risk are those of `standings`, not of the day.
    """
    growing = _Growing(standings)
    for mention in sorted(mentions, key=in_order):
        if growing.add(mention):
            yield growing.as_of(mention.occurred_at)


def met_by(grown: Grown, bars: Lines) -> Mapping[ConditionCode, bool]:
    """Which conditions these figures meet."""
    policy, csms = bars.policy, bars.csms
    return {
        ConditionCode.FREQUENCY: grown.accounts >= policy.frequency,
        ConditionCode.ARR: bars.arr_met(grown.arr),
        ConditionCode.CHURN: grown.at_risk >= policy.churn,
        ConditionCode.THREE_CSMS: grown.csms >= csms.three_csms,
        ConditionCode.FIVE_CSMS: grown.csms >= csms.five_csms and grown.segments >= policy.segments,
        ConditionCode.DIRECT: bars.direct_met(grown.largest_blocked),
    }


def recognised_on(
    mentions: Iterable[Mention], standings: Standings, bars: Lines, calendar: Calendar
) -> date | None:
    """RULES 'Recognised': the first local day whose evidence up to it reaches candidate.

    The day is that of the first mention with which it suffices. `mentions` are those of one
    theme in one quarter.
    """
    for grown in growth(mentions, standings):
        if level_of(met_by(grown, bars), bars.policy).rank <= Level.CANDIDATE.rank:
            return calendar.local_day(grown.at)
    return None
