"""The review desk: one question at a time, drawn at once however large the store is.

Working the queue out reads all that is in doubt. So the order may be of a state of the store
that is a little older: the next that is worked out in the background takes its place. What is
shown of a question is read at the time of asking, and what was answered meanwhile is passed
over. Levels are weighed against accounts as they were when the order was worked out.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from weakref import WeakKeyDictionary

from sqlalchemy import Connection

from models.policy import Policy
from models.review import overdue
from models.window import Calendar
from service.flows.review import cursor_at, place_in, work_out_queue
from service.flows.reviewing.asking import DeskQuestion, asked_now
from service.flows.reviewing.impact import ChangedSignal, Judge
from service.flows.reviewing.keeping import Queue, kept_queue, last_queue
from service.flows.reviewing.questions import Question
from service.flows.reviewing.still_open import OpenQuestion, entries_behind, first_open
from service.flows.theme_names import DecidedName, names_of
from service.masking import PUBLIC, Sight
from service.storage import decisions
from service.storage.decisions import DecisionRecord
from service.storage.engine import Store

_ENDS_THEME = ("accept", "reject", "merge")


@dataclass(frozen=True, slots=True)
class Upcoming:
    """A question further down, and the first level that hangs on it, if any does."""

    label: str
    kind: str
    effect: ChangedSignal | None
    overdue: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What a reviewer sees.

    Attributes:
        after: the cursor that skips this question; empty where none comes after it.
        more: whether there are more than the upcoming ones.
        left, overdue: questions that nobody has answered, and those of them that are late.
        decided_today: standing decisions of this person since midnight, local time.
        others: what was decided since the number `seen`, newest first, besides `own`.
        last_decision: the number of the last decision, to be handed in as `seen`.
        is_older: the order is not of this state of the store; `renew_queue` mends that.
    """

    question: DeskQuestion | None
    upcoming: Sequence[Upcoming]
    after: str
    more: bool
    left: int
    overdue: int
    decided_today: int
    others: Sequence[tuple[DecidedName, str]]
    last_decision: int
    is_older: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewer:
    """Who looks, what they have seen, and which decision was their own a moment ago."""

    name: str
    seen: int | None = None
    own: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the queue is worked out for."""

    today: date
    calendar: Calendar
    policy: Policy

    @property
    def key(self) -> tuple[date, Calendar, Policy]:
        """By what the queue is kept: the same as for GET /review."""
        return self.today, self.calendar, self.policy

    def work_out(self, store: Store, connection: Connection) -> Queue:
        """The queue of this snapshot."""
        return work_out_queue(store, connection, *self.key)


def review_desk(
    store: Store,
    reviewer: Reviewer,
    asked: Asked,
    *,
    now: datetime,
    cursor: str = "",
    upcoming: int = 7,
    sight: Sight = PUBLIC,
) -> Desk:
    """The first open question behind the cursor, and what a reviewer should know besides.

    Raises:
        InvalidInput: `bad_cursor`.
    """
    after = place_in(cursor)
    with store.read() as connection:
        work_out = partial(asked.work_out, store, connection)
        queue, is_current = last_queue(store, connection, asked.key, work_out)
        entries = entries_behind(after, queue, is_current)
        found = first_open(connection, entries, upcoming + 1)
        if not found and not is_current:
            # Before anybody is told that nothing waits.
            queue, is_current = kept_queue(store, connection, asked.key, work_out), True
            entries = entries_behind(after, queue, is_current)
            found = first_open(connection, entries, upcoming + 1)
        since = _since(connection, queue, reviewer)
        left = _unanswered(queue, since)
        question = None
        if found:
            question = asked_now(
                store,
                connection,
                queue,
                found[0],
                asked.calendar,
                sight,
                now=now,
                is_current=is_current,
            )
        return Desk(
            question=question,
            upcoming=[_upcoming(queue.judge, one, now) for one in found[1:]],
            after=cursor_at(found[0].place) if len(found) > 1 else "",
            more=bool(found) and entries[-1][0] > found[-1].place,
            left=len(left),
            overdue=sum(overdue(q.due_at, now) for q in left),
            decided_today=decisions.count_by(
                connection, reviewer.name, _midnight(asked.calendar, now)
            ),
            others=_others(connection, since, reviewer),
            last_decision=max([queue.last_decision, *(d.seq for d in since)]),
            is_older=not is_current,
        )


_BUSY: WeakKeyDictionary[Store, threading.Lock] = WeakKeyDictionary()
_BUSY_LOCK = threading.Lock()


def renew_queue(store: Store, asked: Asked) -> None:
    """Work the order out as the store is now; at once back where that is under way already."""
    with _BUSY_LOCK:
        busy = _BUSY.setdefault(store, threading.Lock())
    if not busy.acquire(blocking=False):
        return
    try:
        with store.read() as connection:
            kept_queue(store, connection, asked.key, partial(asked.work_out, store, connection))
    finally:
        busy.release()


def _upcoming(judge: Judge, found: OpenQuestion, now: datetime) -> Upcoming:
    changes = judge.changes_as_known(found.question, found.members)
    return Upcoming(
        found.theme.label,
        found.question.kind,
        changes[0] if changes else None,
        overdue(found.question.due_at, now),
    )


def _since(connection: Connection, queue: Queue, reviewer: Reviewer) -> list[DecisionRecord]:
    """What was decided since the queue was worked out, or since the reviewer looked."""
    seen = queue.last_decision if reviewer.seen is None else reviewer.seen
    return decisions.after(connection, min(queue.last_decision, seen))


def _unanswered(queue: Queue, since: Sequence[DecisionRecord]) -> list[Question]:
    made = [decision for decision in since if decision.seq > queue.last_decision]
    ended = {decision.theme_id for decision in made if decision.action in _ENDS_THEME}
    answered = {name for decision in made for name in decision.payload.get("requests") or ()}
    return [
        question
        for _, question in queue.entries
        if not (question.theme_id in ended if question.kind == "theme" else False)
        and not (question.kind == "requests" and answered.issuperset(question.shown))
    ]


def _others(
    connection: Connection, since: Sequence[DecisionRecord], reviewer: Reviewer
) -> list[tuple[DecidedName, str]]:
    if reviewer.seen is None:
        return []
    seen = reviewer.seen
    made = [d for d in reversed(since) if d.seq > seen and d.id != reviewer.own]
    return [
        (name, decision.actor)
        for name, decision in zip(names_of(connection, made), made, strict=True)
    ]


def _midnight(calendar: Calendar, now: datetime) -> datetime:
    today = calendar.local_day(now)
    return calendar.days_window(today, today).start
