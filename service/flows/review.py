"""The queue of CS Ops: what waits for an answer, most decisive first."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TypedDict

from sqlalchemy import Connection

from models.policy import Policy
from models.review import overdue
from models.window import Calendar
from service.flows.pages import Page, amount_in_cursor, decode_cursor, encode_cursor
from service.flows.request_rows import RequestRow, request_rows
from service.flows.reviewing.impact import ChangedSignal, Impact, Judge
from service.flows.reviewing.questions import Question, questions
from service.flows.theme_rows import ThemeRow, theme_rows
from service.storage import mentions, themes
from service.storage.accounts import load_portfolio
from service.storage.engine import Store

Key = tuple[int, Decimal, str, str]


class ImpactRow(TypedDict):
    """The levels that hang on the answer, and the ARR behind the requests."""

    signals: list[ChangedSignal]
    arr: Decimal


class ReviewRow(TypedDict):
    """One question: a proposed theme, or requests of which the machine is not sure."""

    kind: str
    theme: ThemeRow
    requests: list[RequestRow]
    impact: ImpactRow
    due_at: datetime
    overdue: bool


def review_queue(
    store: Store,
    *,
    now: datetime,
    calendar: Calendar,
    policy: Policy,
    today: date | None = None,
    cursor: str = "",
    limit: int = 100,
) -> Page[ReviewRow]:
    """What waits for CS Ops, by what an answer is expected to change among this quarter's
    signals, then by ARR, then by when it is due.

    Raises:
        InvalidInput: `bad_cursor`.
    """
    after = _place(cursor)
    with store.read() as connection:
        judge = _judge(connection, today or calendar.local_day(now), calendar, policy)
        asked = [(question, judge.impact(question)) for question in questions(store, connection)]
        ordered = sorted(((_key(q, impact), q, impact) for q, impact in asked), key=lambda e: e[0])
        left = [entry for entry in ordered if after is None or entry[0] > after]
        shown = left[:limit]
        rows = _rows(store, connection, [(q, impact) for _, q, impact in shown], now)
    more = len(left) > limit and bool(shown)
    return Page(rows, _cursor(shown[-1][0]) if more else "")


def _judge(connection: Connection, today: date, calendar: Calendar, policy: Policy) -> Judge:
    window = calendar.window(calendar.quarter_of_day(today))
    return Judge(
        mentions.in_window(connection, window),
        window,
        load_portfolio(connection),
        policy,
        today,
    )


def _rows(
    store: Store, connection: Connection, asked: list[tuple[Question, Impact]], now: datetime
) -> list[ReviewRow]:
    wanted = themes.get_many(connection, {question.theme_id for question, _ in asked})
    shown_themes = theme_rows(connection, [*wanted.values()], now=now)
    records = {record.id: record for question, _ in asked for record in question.shown}
    shown_requests = {
        row["id"]: row for row in request_rows(store, connection, [*records.values()])
    }
    return [
        ReviewRow(
            kind=question.kind,
            theme=shown_themes[question.theme_id],
            requests=[shown_requests[record.id] for record in question.shown],
            impact=ImpactRow(signals=impact.signals, arr=impact.arr),
            due_at=question.due_at,
            overdue=overdue(question.due_at, now),
        )
        for question, impact in asked
    ]


def _key(question: Question, impact: Impact) -> Key:
    first = question.shown[0].id if question.kind == "requests" else ""
    # Thousandths, so that a cursor can hold it exactly.
    expected = round(1_000 * impact.steps * question.likelihood)
    return (
        -expected,
        -impact.arr,
        question.due_at.isoformat(),
        f"{question.kind}/{question.theme_id}/{first}",
    )


def _cursor(key: Key) -> str:
    return encode_cursor(key[0], str(key[1]), key[2], key[3])


def _place(cursor: str) -> Key | None:
    place = decode_cursor(cursor, int, str, str, str)
    if place is None:
        return None
    return int(place[0]), amount_in_cursor(place[1]), str(place[2]), str(place[3])
