"""The queue of CS Ops: what waits for an answer, most decisive first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TypedDict

from sqlalchemy import Connection

from models.policy import Policy
from models.review import overdue
from models.window import Calendar
from service.flows.pages import Page, amount_in_cursor, decode_cursor, encode_cursor
from service.flows.request_rows import RequestRow, request_rows
from service.flows.reviewing.answers import (
    OfferedAnswer,
    answers_to_requests,
    answers_to_theme,
)
from service.flows.reviewing.impact import ChangedSignal, Judge
from service.flows.reviewing.keeping import Place, Queue, kept_queue
from service.flows.reviewing.questions import Question, questions
from service.flows.theme_rows import ThemeRow, theme_rows
from service.masking import PUBLIC, Sight
from service.storage import decisions, mentions, requests, themes
from service.storage.accounts import load_portfolio
from service.storage.engine import Store


class ImpactRow(TypedDict):
    """The levels that hang on the answer, and the ARR behind the requests."""

    signals: list[ChangedSignal]
    arr: Decimal


class ReviewRow(TypedDict):
    """One question: a proposed theme, or requests of which the machine is not sure.

    `suggested_action` is the likeliest answer, `alternatives` are further ones, each with a
    body that can be posted to the theme's decisions as it is.
    """

    kind: str
    theme: ThemeRow
    requests: list[RequestRow]
    impact: ImpactRow
    due_at: datetime
    overdue: bool
    suggested_action: OfferedAnswer
    alternatives: list[OfferedAnswer]


def review_queue(
    store: Store,
    *,
    now: datetime,
    calendar: Calendar,
    policy: Policy,
    today: date | None = None,
    cursor: str = "",
    limit: int = 100,
    sight: Sight = PUBLIC,
) -> Page[ReviewRow]:
    """What waits for CS Ops, by what an answer is expected to change among this quarter's
    signals, then by ARR, then by when it is due.

    Raises:
        InvalidInput: `bad_cursor`.
    """
    after = place_in(cursor)
    day = today or calendar.local_day(now)
    with store.read() as connection:
        queue = kept_queue(
            store,
            connection,
            (day, calendar, policy),
            lambda: work_out_queue(store, connection, day, calendar, policy),
        )
        left = [entry for entry in queue.entries if after is None or entry[0] > after]
        shown = left[:limit]
        rows = _rows(
            store, connection, queue.judge, [question for _, question in shown], now, sight
        )
    more = len(left) > limit and bool(shown)
    return Page(rows, cursor_at(shown[-1][0]) if more else "")


def work_out_queue(
    store: Store, connection: Connection, today: date, calendar: Calendar, policy: Policy
) -> Queue:
    """Every question in its place, as of this snapshot."""
    window = calendar.window(calendar.quarter_of_day(today))
    judge = Judge(
        mentions.in_window(connection, window),
        window,
        load_portfolio(connection),
        policy,
        today,
    )
    asked = questions(store, connection, judge.gains())
    entries = [(_key(question, judge), question) for question in asked]
    return Queue(
        judge,
        sorted(entries, key=lambda entry: entry[0]),
        themes.versions(connection),
        decisions.next_seq(connection) - 1,
    )


def _rows(
    store: Store,
    connection: Connection,
    judge: Judge,
    asked: Sequence[Question],
    now: datetime,
    sight: Sight,
) -> list[ReviewRow]:
    wanted = themes.get_many(connection, {question.theme_id for question in asked})
    shown_themes = theme_rows(connection, [*wanted.values()], now=now, mask=sight.mask)
    known = requests.get_many(connection, {name for question in asked for name in question.members})
    shown = [known[name] for name in sorted({name for q in asked for name in q.shown})]
    shown_requests = {row["id"]: row for row in request_rows(store, connection, shown, sight)}
    rows = []
    for question in asked:
        theme = shown_themes[question.theme_id]
        if question.kind == "theme":
            answers = answers_to_theme(theme["proposal"])
        else:
            answers = answers_to_requests(question.theme_id, question.shown, question.votes)
        rows.append(
            ReviewRow(
                kind=question.kind,
                theme=theme,
                requests=[shown_requests[name] for name in question.shown],
                impact=ImpactRow(
                    signals=judge.changes(question, [known[name] for name in question.members]),
                    arr=judge.arr(question.accounts),
                ),
                due_at=question.due_at,
                overdue=overdue(question.due_at, now),
                suggested_action=answers[0],
                alternatives=answers[1:],
            )
        )
    return rows


def _key(question: Question, judge: Judge) -> Place:
    first = question.shown[0] if question.kind == "requests" else ""
    # Millionths, so that a cursor can hold it exactly.
    return (
        -round(1_000_000 * question.gain),
        -judge.arr(question.accounts),
        question.due_at.isoformat(),
        f"{question.kind}/{question.theme_id}/{first}",
    )


def cursor_at(key: Place) -> str:
    """The cursor of what comes after this place."""
    return encode_cursor(key[0], str(key[1]), key[2], key[3])


def place_in(cursor: str) -> Place | None:
    """The place that a cursor holds; None for the empty one.

    Raises:
        InvalidInput: `bad_cursor`.
    """
    place = decode_cursor(cursor, int, str, str, str)
    if place is None:
        return None
    return int(place[0]), amount_in_cursor(place[1]), str(place[2]), str(place[3])
