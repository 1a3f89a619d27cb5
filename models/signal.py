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

_OPEN = (ThemeStatus.PROPOSED, ThemeStatus.ACCEPTED)


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
    by_theme: dict[str, list[Mention]] = {}
    for mention in mentions:
        by_theme.setdefault(mention.theme_id, []).append(mention)
    builder = BoardBuilder(portfolio, calendar, quarter, as_of, policy)
    weighed = {theme_id: builder.weigh(by_theme.get(theme_id, ())) for theme_id in facts}
    return builder.board(facts, {key: theme for key, theme in weighed.items() if theme})


@dataclass(frozen=True, slots=True)
class Weighed:
    """What one theme's mentions come to in a quarter, whatever it is called."""

    evidence: Evidence
    verdict: Verdict
    monthly: tuple[MonthlyAccounts, ...]
    recognised_on: date | None


class BoardBuilder:
    """Makes a quarter's board, theme by theme: what one theme weighs hangs on no other."""

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
        self._window = calendar.window(quarter)
        self._as_of = as_of
        self._bars: Lines = lines(policy, portfolio)
        self._standings = Standings(portfolio, as_of, policy.renewal_days)
        self._months = MonthCounts(trend_months(calendar, quarter), calendar)

    def weigh(self, mentions: Sequence[Mention]) -> Weighed | None:
        """Weigh and judge one theme by its mentions in `evidence_window`; None for one that
        nobody asked for in the quarter itself."""
        start, end = self._window.start, self._window.end
        current = [mention for mention in mentions if start <= mention.occurred_at < end]
        if not current:
            return None
        evidence = weigh_reports(independent(current), self._standings)
        return Weighed(
            evidence,
            judge_by(evidence, self._bars),
            self._months.of(mentions),
            recognised_on(current, self._standings, self._bars, self._calendar),
        )

    def board(self, facts: Mapping[str, ThemeFacts], weighed: Mapping[str, Weighed]) -> Board:
        """The open ones among these themes, with what depends on all of them together."""
        themes = {
            theme_id: theme
            for theme_id, theme in weighed.items()
            if theme_id in facts and facts[theme_id].status in _OPEN
        }
        probabilities = hit_probabilities(
            {theme_id: theme.evidence.account_ids for theme_id, theme in themes.items()}
        )
        counts = account_counts(probabilities)
        bars = self._bars
        signals = [
            Signal(
                theme=facts[theme_id],
                evidence=theme.evidence,
                verdict=theme.verdict,
                arr_share=arr_share(theme.evidence.arr, bars.total_arr),
                coincidence=counts.at_least(len(theme.evidence.accounts)),
                trend=quarter_trend(theme.monthly, self._as_of),
                monthly=theme.monthly,
                recognised_on=theme.recognised_on,
            )
            for theme_id, theme in themes.items()
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
