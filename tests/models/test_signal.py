"""The board: who is on it, in what order, with what figures."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from models.account import Portfolio
from models.evidence import Mention
from models.policy import COMBINED, SINGLE_GATE, Level
from models.signal import Board, ThemeFacts, build_board, evidence_window
from models.theme import ThemeStatus
from models.trend import Trend
from tests.models.factories import (
    AS_OF,
    MILLIONS,
    Q3,
    UTC_CALENDAR,
    account,
    day,
    mention,
    portfolio,
)


def facts(*theme_ids: str, status: ThemeStatus = ThemeStatus.ACCEPTED) -> dict[str, ThemeFacts]:
    return {
        theme_id: ThemeFacts(theme_id=theme_id, label=theme_id, status=status)
        for theme_id in theme_ids
    }


def board(
    mentions: list[Mention],
    known: Portfolio | None = None,
    themes: dict[str, ThemeFacts] | None = None,
    **changes: Any,
) -> Board:
    settings: dict[str, Any] = {
        "portfolio": portfolio([], total=MILLIONS) if known is None else known,
        "calendar": UTC_CALENDAR,
        "quarter": Q3,
        "as_of": AS_OF,
        "policy": COMBINED,
    }
    themes = facts(*{m.theme_id for m in mentions}) if themes is None else themes
    return build_board(themes, mentions, **{**settings, **changes})


def ids(found: Board) -> list[str]:
    return [signal.theme.theme_id for signal in found.signals]


def test_only_themes_with_a_request_in_the_quarter_are_on_it() -> None:
    mentions = [
        mention(theme_id="first_day", at=day(7, 1, hour=0)),
        mention(theme_id="before", at=day(6, 30, hour=23)),
        mention(theme_id="after", at=day(10, 1, hour=0)),
    ]
    assert ids(board(mentions)) == ["first_day"]


@pytest.mark.parametrize("status", [ThemeStatus.REJECTED, ThemeStatus.MERGED])
def test_rejected_and_merged_themes_weigh_nothing_anywhere(status: ThemeStatus) -> None:
    kept = [mention("a", theme_id="kept"), mention("b", theme_id="other")]
    gone = [mention("a", theme_id="gone"), mention("a", theme_id="unheard of")]
    themes = facts("kept", "other") | facts("gone", status=status)
    assert board(kept + gone, themes=themes) == board(kept, themes=themes)


def test_proposed_themes_are_on_it() -> None:
    found = board([mention(theme_id="p")], themes=facts("p", status=ThemeStatus.PROPOSED))
    assert ids(found) == ["p"]


def test_the_order_is_level_then_arr_then_id() -> None:
    known = portfolio([account("big", 90_000), account("small", 10)], total=MILLIONS)
    mentions = [
        *(mention(f"x{i}", theme_id="candidate") for i in range(3)),
        mention("big", theme_id="t_large"),
        mention("small", theme_id="t_b"),
        mention("small", theme_id="t_a"),
    ]
    assert ids(board(mentions, known)) == ["candidate", "t_large", "t_a", "t_b"]


def test_the_board_says_what_it_was_judged_by() -> None:
    found = board([mention()], portfolio([], total=MILLIONS, csms=4), policy=SINGLE_GATE)
    assert (found.quarter, found.as_of, found.policy) == (Q3, AS_OF, SINGLE_GATE)
    assert found.total_arr == Decimal(5_000_000)
    assert (found.csms.active_csms, found.csms.three_csms, found.csms.scaled) == (4, 2, True)


def test_an_empty_quarter_has_no_signals_and_no_calibration() -> None:
    found = board([])
    assert (found.signals, found.calibrated_accounts) == ((), None)


def test_a_quarter_heard_of_without_accounts_has_no_calibration() -> None:
    found = board([mention(None)])
    assert found.calibrated_accounts is None
    assert found.signals[0].coincidence == 1.0


def test_coincidence_is_worked_out_over_all_themes_of_the_quarter() -> None:
    mentions = [
        mention("a", theme_id="t1"),
        mention("b", theme_id="t1"),
        mention("a", theme_id="t2"),
        mention("b", theme_id="t3"),
        mention(None, theme_id="t4"),
        mention("a", theme_id="t1", at=day(6, 1)),
    ]
    found = {s.theme.theme_id: s.coincidence for s in board(mentions).signals}
    # a and b reported 2 of 4 themes each: P(X >= 2) = 1/4, P(X >= 1) = 3/4.
    assert found == {"t1": 0.25, "t2": 0.75, "t3": 0.75, "t4": 1.0}
    assert board(mentions).calibrated_accounts == 3


def test_the_share_is_exact_and_none_with_no_total() -> None:
    known = portfolio([account("a", 1)], total=3)
    assert board([mention("a")], known).signals[0].arr_share == Fraction(1, 3)
    assert board([mention("a")], Portfolio({}, {})).signals[0].arr_share is None


def test_the_trend_sees_the_month_before_the_quarter_which_weighs_nothing_else() -> None:
    mentions = [
        mention("a", at=day(6, 20)),
        mention("b", at=day(6, 20)),
        mention("a", at=day(7, 20)),
    ]
    (signal,) = board(mentions, as_of=date(2026, 7, 31)).signals
    assert signal.trend is Trend.DECREASING
    assert [count.accounts for count in signal.monthly] == [2, 1, 0, 0]
    assert signal.evidence.account_ids == ("a",)


def test_the_window_to_load_holds_the_month_before() -> None:
    window = evidence_window(UTC_CALENDAR, Q3)
    assert (window.start, window.end) == (day(6, 1, hour=0), day(10, 1, hour=0))


def test_as_of_dates_the_risk_and_leaves_no_note_out() -> None:
    mentions = [mention(name, at=day(9, 29)) for name in "abc"]
    (signal,) = board(mentions, as_of=date(2026, 7, 1)).signals
    assert signal.level is Level.CANDIDATE
    assert signal.recognised_on == date(2026, 9, 29)


def test_an_anecdote_was_never_recognised() -> None:
    assert board([mention()]).signals[0].recognised_on is None


def test_a_split_thread_is_one_report_in_each_theme() -> None:
    mentions = [
        mention("a", csm="c1", theme_id="t1", text="same"),
        mention("a", csm="c2", theme_id="t2", text="same"),
    ]
    assert [s.evidence.requests for s in board(mentions).signals] == [1, 1]


def test_asking_twice_changes_nothing() -> None:
    mentions = [mention(name, theme_id=theme) for name in "abc" for theme in ("t1", "t2")]
    assert board(mentions) == board(list(reversed(mentions)))
