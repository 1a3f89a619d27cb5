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
from service.flows.reviewing.keeping import Queue, kept_queue
from service.flows.reviewing.looking import ENDS_THEME, Found, NotAsked, look, why_not_asked
from service.flows.reviewing.questions import Question
from service.flows.reviewing.still_open import OpenQuestion
from service.flows.theme_names import DecidedName, names_of
from service.masking import PUBLIC, Sight
from service.storage import decisions
from service.storage.decisions import DecisionRecord
from service.storage.engine import Store


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
        is_wanted: the question is the one that was wanted by its name.
        not_asked: why that one is not asked.
        after: the cursor where the queue goes on; None where nothing else is open there.
        more: whether there are more than the upcoming ones.
        left, overdue: questions that nobody has answered, and those of them that are late.
        decided_today: standing decisions of this person since midnight, local time.
        others: what was decided since the number `seen`, newest first, besides `own`.
        last_decision: the number of the last decision, to be handed in as `seen`.
        is_older: the order is not of this state of the store; `renew_queue` mends that.
    """

    question: DeskQuestion | None
    is_wanted: bool
    not_asked: NotAsked | None
    upcoming: Sequence[Upcoming]
    after: str | None
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
    wanted: str = "",
    upcoming: int = 7,
    sight: Sight = PUBLIC,
) -> Desk:
    """The first open question behind the cursor, and what a reviewer should know besides.

    `wanted` is the name of a question that is asked instead. Where it is open no longer, nothing
    is asked, unless the reviewer has just answered: then the queue goes on.

    Raises:
        InvalidInput: `bad_cursor`.
    """
    with store.read() as connection:
        find = partial(
            look,
            store,
            connection,
            asked.key,
            partial(asked.work_out, store, connection),
            after=place_in(cursor),
            most=upcoming,
        )
        found, not_asked = find(wanted=wanted), None
        is_wanted = bool(wanted) and found.first is not None
        if wanted and not is_wanted and reviewer.own:
            found = find(wanted="")
        elif wanted and not is_wanted:
            not_asked = why_not_asked(connection, wanted)
        since = _since(connection, found.queue, reviewer)
        left = _unanswered(found.queue, since)
        return Desk(
            question=_asked(store, connection, found, asked.calendar, sight, now),
            is_wanted=is_wanted,
            not_asked=not_asked,
            upcoming=[_upcoming(found.queue.judge, one, now) for one in found.others],
            after=_goes_on(found, cursor),
            more=_are_more(found),
            left=len(left),
            overdue=sum(overdue(q.due_at, now) for q in left),
            decided_today=decisions.count_by(
                connection, reviewer.name, _midnight(asked.calendar, now)
            ),
            others=_others(connection, since, reviewer),
            last_decision=max([found.queue.last_decision, *(d.seq for d in since)]),
            is_older=not found.is_current,
        )


def _asked(
    store: Store,
    connection: Connection,
    found: Found,
    calendar: Calendar,
    sight: Sight,
    now: datetime,
) -> DeskQuestion | None:
    if found.first is None:
        return None
    return asked_now(
        store,
        connection,
        found.queue,
        found.first,
        calendar,
        sight,
        now=now,
        is_current=found.is_current,
    )


def _goes_on(found: Found, cursor: str) -> str | None:
    if not found.others:
        return None
    first = found.first
    return cursor_at(first.place) if first is not None and found.in_order else cursor


def _are_more(found: Found) -> bool:
    return bool(found.others) and found.last is not None and found.last > found.others[-1].place


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
    own = (change for change in changes if change["theme_id"] == found.question.theme_id)
    return Upcoming(
        found.theme.label,
        found.question.kind,
        next(own, None),
        overdue(found.question.due_at, now),
    )


def _since(connection: Connection, queue: Queue, reviewer: Reviewer) -> list[DecisionRecord]:
    """What was decided since the queue was worked out, or since the reviewer looked."""
    seen = queue.last_decision if reviewer.seen is None else reviewer.seen
    return decisions.after(connection, min(queue.last_decision, seen))


def _unanswered(queue: Queue, since: Sequence[DecisionRecord]) -> list[Question]:
    made = [decision for decision in since if decision.seq > queue.last_decision]
    ended = {decision.theme_id for decision in made if decision.action in ENDS_THEME}
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
