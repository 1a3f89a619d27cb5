"""Signals: each theme's evidence in a quarter, judged; and the board of them all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from models.account import Portfolio
from models.coincidence import account_counts, hit_probabilities
from models.conditions import arr_share
from models.evidence import Evidence, Mention, Standings, independent, weigh_reports
from models.policy import (
    CsmThresholds,
    Level,
    Lines,
    Policy,
    Verdict,
    judge_by,
    lines,
)
from models.recognition import recognised_on
from models.theme import Delivery, ThemeStatus
from models.trend import MonthCounts, MonthlyAccounts, Trend, quarter_trend, trend_months
from models.window import Calendar, Quarter, Window


@dataclass(frozen=True, slots=True, kw_only=True)
class ThemeFacts:
    """What a signal shows of its theme besides evidence.

    `feature_area` and `customer_need` are None until it is accepted; `first_reported_at` is
    the time of its first request ever, in whatever quarter.
    """

    theme_id: str
    label: str
    status: ThemeStatus
    feature_area: str | None = None
    customer_need: str | None = None
    delivery: Delivery = field(default_factory=Delivery)
    first_reported_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """A theme's evidence in a quarter, judged by the policy.

    Attributes:
        arr_share: theme ARR / total ARR, exact; None with no total.
        coincidence: P(X >= its accounts) under the null model of `models.coincidence`.
        trend: of the quarter's last complete month; None while none is complete.
        monthly: distinct accounts of the month before the quarter and of its months.
        recognised_on: the first local day on which the evidence reached candidate.
    """

    theme: ThemeFacts
    evidence: Evidence
    verdict: Verdict
    arr_share: Fraction | None
    coincidence: float
    trend: Trend | None
    monthly: tuple[MonthlyAccounts, ...]
    recognised_on: date | None

    @property
    def level(self) -> Level:
        """The level, from the verdict."""
        return self.verdict.level


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """All signals of a quarter, highest level first, then by ARR, then by theme id.

    `calibrated_accounts` is the smallest account count that is a coincidence with less than
    the policy's limit (0.15); None where no account reported anything.
    """

    quarter: Quarter
    as_of: date
    policy: Policy
    total_arr: Decimal | None
    csms: CsmThresholds
    calibrated_accounts: int | None
    signals: tuple[Signal, ...]


def evidence_window(calendar: Calendar, quarter: Quarter) -> Window:
    """The span of mentions that `build_board` needs: the quarter and, for trends, the month
    before it."""
    before = trend_months(calendar, quarter)[0]
    return Window(calendar.window(before).start, calendar.window(quarter).end)


def build_board(
    facts: Mapping[str, ThemeFacts],
    mentions: Iterable[Mention],
    *,
    portfolio: Portfolio,
    calendar: Calendar,
    quarter: Quarter,
    as_of: date,
    policy: Policy,
) -> Board:
    """Judge every theme with a request in the quarter.

    Mentions before the quarter count only for the trend. Themes that are rejected, merged
    away or not in `facts` weigh nothing: not in the null model either.
    """
    window = calendar.window(quarter)
    by_theme: dict[str, list[Mention]] = {
        theme_id: []
        for theme_id, theme in facts.items()
        if theme.status in (ThemeStatus.PROPOSED, ThemeStatus.ACCEPTED)
    }
    for mention in mentions:
        of_theme = by_theme.get(mention.theme_id)
        if of_theme is not None:
            of_theme.append(mention)
    builder = _Builder(portfolio, calendar, quarter, as_of, policy)
    drafts = []
    for theme_id, all_mentions in by_theme.items():
        current = [m for m in all_mentions if window.start <= m.occurred_at < window.end]
        if current:
            drafts.append(builder.draft(facts[theme_id], current, all_mentions))
    return builder.board(drafts)


@dataclass(frozen=True, slots=True)
class _Draft:
    """A signal before its place among the others is known."""

    theme: ThemeFacts
    evidence: Evidence
    verdict: Verdict
    monthly: tuple[MonthlyAccounts, ...]
    recognised_on: date | None


class _Builder:
    """What every theme of a board shares."""

    def __init__(
        self,
        portfolio: Portfolio,
        calendar: Calendar,
        quarter: Quarter,
        as_of: date,
        policy: Policy,
    ) -> None:
        self._calendar = calendar
        self._quarter = quarter
        self._as_of = as_of
        self._bars: Lines = lines(policy, portfolio)
        self._standings = Standings(portfolio, as_of, policy.renewal_days)
        self._months = MonthCounts(trend_months(calendar, quarter), calendar)

    def draft(
        self, theme: ThemeFacts, current: Sequence[Mention], all_mentions: Sequence[Mention]
    ) -> _Draft:
        """Weigh and judge one theme by its mentions of the quarter."""
        evidence = weigh_reports(independent(current), self._standings)
        return _Draft(
            theme,
            evidence,
            judge_by(evidence, self._bars),
            self._months.of(all_mentions),
            recognised_on(current, self._standings, self._bars, self._calendar),
        )

    def board(self, drafts: Sequence[_Draft]) -> Board:
        """Add what depends on all themes together, and put them in order."""
        probabilities = hit_probabilities(
            {draft.theme.theme_id: draft.evidence.account_ids for draft in drafts}
        )
        counts = account_counts(probabilities)
        bars = self._bars
        signals = [
            Signal(
                theme=draft.theme,
                evidence=draft.evidence,
                verdict=draft.verdict,
                arr_share=arr_share(draft.evidence.arr, bars.total_arr),
                coincidence=counts.at_least(len(draft.evidence.accounts)),
                trend=quarter_trend(draft.monthly, self._as_of),
                monthly=draft.monthly,
                recognised_on=draft.recognised_on,
            )
            for draft in drafts
        ]
        signals.sort(key=lambda s: (s.level.rank, -s.evidence.arr, s.theme.theme_id))
        return Board(
            quarter=self._quarter,
            as_of=self._as_of,
            policy=bars.policy,
            total_arr=bars.total_arr,
            csms=bars.csms,
            calibrated_accounts=counts.first_below(bars.policy.coincidence_limit)
            if probabilities
            else None,
            signals=tuple(signals),
        )
