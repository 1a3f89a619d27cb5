"""The month's digest: what it holds, by RULES 'Reports'."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from fractions import Fraction

from models.conditions import arr_share
from models.evidence import Mention, Standings, independent, weigh_reports
from models.heard import Heard, accounts_in, by_accounts, heard_in
from models.policy import Lines, Policy, Verdict, judge_by, lines
from models.signal import ThemeFacts
from models.theme import DeliveryState
from models.trend import Trend, compare
from models.window import Calendar, Month, Window

TOP_THEMES = 3
# The source asks for the assessment within five; to say 'got it' should take less.
ACKNOWLEDGE_DAYS = 2
PRIORITY_DAYS = 5


class Ending(StrEnum):
    """Why a theme is listed as resolved or closed."""

    SHIPPED = "shipped"
    CLOSED = "closed"
    NO_LONGER_REPORTED = "no_longer_reported"


@dataclass(frozen=True, slots=True)
class DigestTheme:
    """One of the top themes.

    Attributes:
        before: its distinct accounts in the month before.
        verdict: how the quarter so far judges it, up to the month's end.
        is_new: this is its first month ever.
    """

    heard: Heard
    before: int
    trend: Trend
    arr_share: Fraction | None
    verdict: Verdict
    is_new: bool


@dataclass(frozen=True, slots=True)
class Ended:
    """A theme that was resolved or closed in the month.

    `before` is its accounts in the month before; `on` the day of product's word, None where
    there was none.
    """

    theme: ThemeFacts
    ending: Ending
    before: int
    on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What a digest holds.

    Attributes:
        accounts: distinct accounts that reported anything; `themes` that they reported.
        complete: the month is over.
        acknowledge_by, prioritise_by: what is asked of product, by when.
    """

    month: Month
    as_of: date
    complete: bool
    accounts: int
    themes: int
    top: Sequence[DigestTheme] = field(default=())
    new: Sequence[Heard] = field(default=())
    ended: Sequence[Ended] = field(default=())
    acknowledge_by: date
    prioritise_by: date | None


def is_over(month: Month, today: date) -> bool:
    """Whether this is the month's last day or later: what is sent then is the whole month."""
    return today >= month.last_day


def business_days_after(day: date, count: int) -> date:
    """So many Mondays to Fridays after a day; no holidays are known."""
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day


def digest_window(calendar: Calendar, month: Month) -> Window:
    """The span of mentions that `build_digest` needs: from the start of the quarter that the
    month before lies in to the month's end."""
    before = calendar.quarter_of_day(month.shifted(-1).first_day)
    return Window(calendar.window(before).start, calendar.window(month).end)


def build_digest(
    mentions: Iterable[Mention],
    facts: Mapping[str, ThemeFacts],
    delivered: Mapping[str, datetime],
    standings: Standings,
    *,
    month: Month,
    calendar: Calendar,
    policy: Policy,
    today: date,
) -> Digest:
    """The digest of a month, from what was said up to its end.

    `delivered` tells when product last said something of a theme; `standings` are those of
    the digest's day. It is asked for as of `today`: what it asks is due from then on.
    """
    window, before = calendar.window(month), calendar.window(month.shifted(-1))
    by_theme: dict[str, list[Mention]] = {}
    for mention in mentions:
        if mention.occurred_at < window.end and mention.theme_id in facts:
            by_theme.setdefault(mention.theme_id, []).append(mention)
    bars = lines(policy, standings.portfolio)
    judging = _Judging(by_theme, facts, standings, calendar, bars)
    heard = heard_in(by_theme, window, facts, standings)
    last_month = accounts_in(by_theme, before)
    ranked = by_accounts(heard)
    issued = max(today, month.shifted(1).first_day)
    return Digest(
        month=month,
        as_of=standings.as_of,
        complete=is_over(month, today),
        accounts=len({key for one in heard for key in one.evidence.account_ids}),
        themes=len(heard),
        top=[
            judging.theme(one, last_month.get(one.theme.theme_id, 0), month)
            for one in ranked[:TOP_THEMES]
        ],
        new=_new(heard, ranked, window),
        ended=judging.ended(heard, last_month, delivered, month, over=is_over(month, today)),
        acknowledge_by=business_days_after(issued, ACKNOWLEDGE_DAYS),
        prioritise_by=business_days_after(issued, PRIORITY_DAYS) if ranked else None,
    )


def _new(heard: Sequence[Heard], ranked: Sequence[Heard], window: Window) -> list[Heard]:
    """Themes whose first request ever is of this month; those without an account last."""
    silent = [one for one in heard if not one.accounts]
    return [one for one in (*ranked, *silent) if _began_in(one.theme, window)]


def _began_in(theme: ThemeFacts, window: Window) -> bool:
    return theme.first_reported_at is not None and theme.first_reported_at in window


@dataclass(frozen=True, slots=True)
class _Judging:
    """What all themes of a digest share."""

    by_theme: Mapping[str, Sequence[Mention]]
    facts: Mapping[str, ThemeFacts]
    standings: Standings
    calendar: Calendar
    bars: Lines

    def theme(self, heard: Heard, before: int, month: Month) -> DigestTheme:
        return DigestTheme(
            heard=heard,
            before=before,
            trend=compare(heard.accounts, before),
            arr_share=arr_share(heard.evidence.arr, self.standings.portfolio.total_arr),
            verdict=self._verdict(heard.theme.theme_id, month),
            is_new=_began_in(heard.theme, self.calendar.window(month)),
        )

    def ended(
        self,
        heard: Sequence[Heard],
        last_month: Mapping[str, int],
        delivered: Mapping[str, datetime],
        month: Month,
        *,
        over: bool,
    ) -> list[Ended]:
        """What product shipped or closed in the month, and what is no longer reported.

        The latter is told of an open theme that had reached candidate, was heard of in the
        month before and is silent now: once, in its first silent month, when that is `over`.
        """
        found = []
        spoken = {one.theme.theme_id for one in heard}
        window = self.calendar.window(month)
        for theme_id, theme in self.facts.items():
            before = last_month.get(theme_id, 0)
            state, at = theme.delivery.state, delivered.get(theme_id)
            if state in (DeliveryState.SHIPPED, DeliveryState.CLOSED):
                if at is not None and at in window:
                    day = self.calendar.local_day(at)
                    found.append(Ended(theme, Ending(state.value), before, day))
            elif (
                over
                and state is not DeliveryState.DECLINED
                and theme_id in last_month
                and theme_id not in spoken
                and self._counted(theme_id, month.shifted(-1))
            ):
                found.append(Ended(theme, Ending.NO_LONGER_REPORTED, before))
        order = list(Ending)
        return sorted(
            found,
            key=lambda one: (
                order.index(one.ending),
                -one.before,
                one.theme.label.casefold(),
                one.theme.theme_id,
            ),
        )

    def _counted(self, theme_id: str, month: Month) -> bool:
        return self._verdict(theme_id, month).level.value != "anecdote"

    def _verdict(self, theme_id: str, month: Month) -> Verdict:
        """How the quarter that the month lies in judges the theme, up to the month's end."""
        quarter = self.calendar.quarter_of_day(month.first_day)
        start, end = self.calendar.window(quarter).start, self.calendar.window(month).end
        mine = [
            mention
            for mention in self.by_theme.get(theme_id, ())
            if start <= mention.occurred_at < end
        ]
        return judge_by(weigh_reports(independent(mine), self.standings), self.bars)
