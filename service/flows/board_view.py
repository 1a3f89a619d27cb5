"""The board as people look at it: a page of signals, and what the whole quarter comes to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TypedDict

from models.conditions import arr_share
from models.policy import Level
from models.severity import Severity
from models.signal import Board, Signal
from models.trend import recent_months
from models.window import Calendar
from service.flows.boards import kept_board
from service.flows.month_history import month_history
from service.flows.signal_rows import (
    BoardHead,
    MonthRow,
    SignalRow,
    board_head,
    share_figure,
    signal_row,
)
from service.flows.signals import SignalQuery, chosen, judging_of, one_page
from service.storage import figures
from service.storage.engine import Store

MONTHS = 6


class Named(TypedDict):
    """A theme by its name."""

    theme_id: str
    label: str


class Urgent(TypedDict):
    """What the quarter's P1s come to together, each account counted once."""

    themes: list[Named]
    accounts: int
    arr: Decimal
    arr_share: float | None
    at_risk_accounts: int
    renewing_accounts: int


class Nearest(Named):
    """The signal that one change would make a P1, that change, and whether it is sure to."""

    margin: str
    sure: bool


class Held(TypedDict):
    """What the quarter's signals can be filtered by."""

    areas: list[str]
    segments: list[str]
    severities: list[str]


class BoardView(BoardHead):
    """A page of signals, and the quarter they are of.

    `in_quarter` counts all themes, `levels` those that pass every filter but the level's.
    `months` are the last of each row in `history`, oldest first, by theme.
    """

    data: list[SignalRow]
    next_cursor: str
    in_quarter: int
    levels: dict[str, int]
    held: Held
    urgent: Urgent | None
    nearest: Nearest | None
    history: dict[str, list[MonthRow]]
    pending_notes: int


def board_view(store: Store, query: SignalQuery, *, today: date, calendar: Calendar) -> BoardView:
    """The signals that a query asks for, in a fixed number of queries however many they are.

    Raises:
        InvalidInput: as `signals`.
    """
    judging = judging_of(query, today=today, calendar=calendar)
    months = recent_months(calendar, judging.quarter, judging.as_of, MONTHS)
    with store.read() as connection:
        board = kept_board(store, connection, judging, calendar=calendar)
        history = month_history(store, connection, months, calendar=calendar)
        pending = figures.pending_notes(connection)
    at_any_level = chosen(board, replace(query, level=None))
    shown, next_cursor = one_page(chosen(board, query), query)
    silent = [0] * len(months)
    return BoardView(
        **board_head(board),
        data=[signal_row(signal) for signal in shown],
        next_cursor=next_cursor,
        in_quarter=len(board.signals),
        levels=dict(Counter(signal.level.value for signal in at_any_level)),
        held=_held(board.signals),
        urgent=_urgent(board),
        nearest=_nearest(board.signals),
        history={
            signal.theme.theme_id: [
                MonthRow(month=str(month), accounts=count)
                for month, count in zip(
                    months, history.get(signal.theme.theme_id, silent), strict=True
                )
            ]
            for signal in shown
        },
        pending_notes=pending,
    )


def _held(signals: Sequence[Signal]) -> Held:
    worst = {signal.evidence.severity for signal in signals}
    return Held(
        areas=sorted({s.theme.feature_area for s in signals if s.theme.feature_area}),
        segments=sorted({name for s in signals for name in s.evidence.segments}),
        severities=[severity.value for severity in Severity if severity in worst],
    )


def _urgent(board: Board) -> Urgent | None:
    found = [signal for signal in board.signals if signal.level is Level.P1]
    if not found:
        return None
    accounts = {entry.account.account_id: entry for s in found for entry in s.evidence.accounts}
    arr = sum((a.account.arr for a in accounts.values() if a.account.arr is not None), Decimal(0))
    return Urgent(
        themes=[Named(theme_id=s.theme.theme_id, label=s.theme.label) for s in found],
        accounts=len(accounts),
        arr=arr,
        arr_share=share_figure(arr_share(arr, board.total_arr)),
        at_risk_accounts=sum(entry.risk.at_risk for entry in accounts.values()),
        renewing_accounts=len({name for signal in found for name in signal.verdict.raised_by}),
    )


def _nearest(signals: Sequence[Signal]) -> Nearest | None:
    for signal in signals:
        for tip in signal.verdict.tips:
            condition = signal.verdict.conditions[tip.condition]
            if tip.level is Level.P1 and tip.direction == "up" and condition.margin is not None:
                return Nearest(
                    theme_id=signal.theme.theme_id,
                    label=signal.theme.label,
                    margin=str(condition.margin["text"]),
                    sure=condition.met is not None,
                )
    return None
