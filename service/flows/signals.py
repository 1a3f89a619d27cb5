"""`GET /signals`: a quarter's themes, judged, filtered and in pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from models.policy import COMBINED, Level, Policy
from models.raw_fields import money, one_of, parse_date
from models.severity import Severity
from models.signal import Board, Signal
from models.theme import ThemeStatus
from models.window import Calendar, parse_quarter
from service.flows.boards import Judging, kept_board
from service.flows.pages import amount_in_cursor, decode_cursor, encode_cursor
from service.flows.signal_rows import BoardHead, SignalRow, board_head, signal_row
from service.storage.engine import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalQuery:
    """What is asked of the signals, mostly as text from the edge; it is checked on use.

    `quarter`, `as_of` and `policy` say what is judged. The others choose rows and change no
    figure: `level` and `status` exactly, `severity` the worst in the window, `segment` one
    of the theme's, `min_arr` at least. `limit` None is every row.
    """

    quarter: str | None = None
    as_of: str | None = None
    policy: Policy = COMBINED
    level: str | None = None
    feature_area: str | None = None
    severity: str | None = None
    segment: str | None = None
    min_arr: str | None = None
    status: str | None = None
    cursor: str = ""
    limit: int | None = None


class SignalsAnswer(BoardHead):
    """A page of signals, highest level first, then by ARR."""

    data: list[SignalRow]
    next_cursor: str


def signals(store: Store, query: SignalQuery, *, today: date, calendar: Calendar) -> SignalsAnswer:
    """The signals of a quarter. `today` is the local day that the defaults go by.

    Raises:
        InvalidInput: `unknown_quarter`, `bad_date`, `unknown_level`, `unknown_severity`,
            `unknown_status`, `not_a_number`, `bad_cursor`.
    """
    judging = judging_of(query, today=today, calendar=calendar)
    with store.read() as connection:
        board = kept_board(store, connection, judging, calendar=calendar)
    shown, next_cursor = one_page(chosen(board, query), query)
    return SignalsAnswer(
        **board_head(board),
        data=[signal_row(signal) for signal in shown],
        next_cursor=next_cursor,
    )


def chosen(board: Board, query: SignalQuery) -> list[Signal]:
    """The signals that pass the query's filters, in the board's order.

    Raises:
        InvalidInput: `unknown_level`, `unknown_severity`, `unknown_status`, `not_a_number`.
    """
    choice = _choice(query)
    return [signal for signal in board.signals if _is_chosen(signal, choice)]


def one_page(passing: Sequence[Signal], query: SignalQuery) -> tuple[Sequence[Signal], str]:
    """Those after the query's cursor, as many as its limit; and the cursor of the next page.

    Raises:
        InvalidInput: `bad_cursor`.
    """
    after = _place(query.cursor)
    rest = [s for s in passing if _sort_key(s) > after] if after is not None else passing
    shown = rest if query.limit is None else rest[: query.limit]
    more = len(shown) < len(rest) and bool(shown)
    return shown, _cursor(shown[-1]) if more else ""


def judging_of(query: SignalQuery, *, today: date, calendar: Calendar) -> Judging:
    """The query's quarter, day and policy; today's quarter, and today or that quarter's last
    day, whichever is earlier, where they are left out.

    Raises:
        InvalidInput: `unknown_quarter`, `bad_date`.
    """
    quarter = parse_quarter(query.quarter) if query.quarter else calendar.quarter_of_day(today)
    last_day = calendar.days(quarter)[1]
    as_of = parse_date(query.as_of, "as_of") if query.as_of else min(today, last_day)
    return Judging(quarter, as_of, query.policy)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Choice:
    """The query's filters, checked; None lets everything through."""

    level: Level | None
    feature_area: str | None
    severity: Severity | None
    segment: str | None
    min_arr: Decimal | None
    status: ThemeStatus | None


def _choice(query: SignalQuery) -> _Choice:
    def word(value: str | None, field: str, words: tuple[str, ...]) -> str | None:
        return one_of(value, field, words, code=f"unknown_{field}") if value else None

    level = word(query.level, "level", tuple(Level))
    severity = word(query.severity, "severity", tuple(Severity))
    status = word(query.status, "status", tuple(ThemeStatus))
    return _Choice(
        level=Level(level) if level else None,
        feature_area=query.feature_area or None,
        severity=Severity(severity) if severity else None,
        segment=query.segment or None,
        min_arr=money(query.min_arr, "min_arr") if query.min_arr else None,
        status=ThemeStatus(status) if status else None,
    )


def _is_chosen(signal: Signal, choice: _Choice) -> bool:
    theme, evidence = signal.theme, signal.evidence
    return (
        (choice.level is None or signal.level is choice.level)
        and (choice.feature_area is None or theme.feature_area == choice.feature_area)
        and (choice.severity is None or evidence.severity is choice.severity)
        and (choice.segment is None or choice.segment in evidence.segments)
        and (choice.min_arr is None or evidence.arr >= choice.min_arr)
        and (choice.status is None or theme.status is choice.status)
    )


_SortKey = tuple[int, Decimal, str]


def _sort_key(signal: Signal) -> _SortKey:
    """The board's order: level, then ARR from large to small, then theme id."""
    return (signal.level.rank, -signal.evidence.arr, signal.theme.theme_id)


def _cursor(last: Signal) -> str:
    return encode_cursor(last.level.rank, str(last.evidence.arr), last.theme.theme_id)


def _place(cursor: str) -> _SortKey | None:
    place = decode_cursor(cursor, int, str, str)
    if place is None:
        return None
    return (int(place[0]), -amount_in_cursor(place[1]), str(place[2]))
