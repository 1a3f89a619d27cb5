"""The queue as it was last worked out, kept until it is worked out anew."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from weakref import WeakKeyDictionary

from sqlalchemy import Connection

from service.flows.reviewing.impact import Judge
from service.flows.reviewing.questions import Question
from service.storage.engine import Store

Place = tuple[int, Decimal, str, str]
"""Where a question stands: by its gain, then ARR, then when it is due, then by name."""
Entry = tuple[Place, Question]

# So many answered questions can come back by an undo before the queue is worked out anew.
_REMEMBERED = 100


@dataclass(frozen=True, slots=True)
class Queue:
    """Every question in its place, first things first; ids and figures alone, no words.

    Attributes:
        theme_versions: of the open themes, as the judge saw them.
        last_decision: the number of the last decision that it knows of.
        gone: questions that queues before this one held and this one doesn't, newest first.
    """

    judge: Judge
    entries: Sequence[Entry]
    theme_versions: Mapping[str, int]
    last_decision: int
    gone: Sequence[Entry] = ()


_LOCK = threading.Lock()
_KEPT: WeakKeyDictionary[Store, tuple[int, Hashable, Queue]] = WeakKeyDictionary()


def kept_queue(
    store: Store, connection: Connection, asked: Hashable, work_out: Callable[[], Queue]
) -> Queue:
    """The queue for what was `asked` (day, calendar, policy), worked out once per data version."""
    version = store.data_version(connection)
    known = _known(store, asked)
    if known is not None and known[0] == version:
        return known[1]
    queue = work_out()
    if known is not None:
        queue = replace(queue, gone=_gone(known[1], queue))
    with _LOCK:
        _KEPT[store] = (version, asked, queue)
    return queue


def last_queue(
    store: Store, connection: Connection, asked: Hashable, work_out: Callable[[], Queue]
) -> tuple[Queue, bool]:
    """The queue as it was last worked out, however old; and whether it is that of this state.

    It is worked out where there is none yet.
    """
    known = _known(store, asked)
    if known is None:
        return kept_queue(store, connection, asked, work_out), True
    return known[1], known[0] == store.data_version(connection)


def _known(store: Store, asked: Hashable) -> tuple[int, Queue] | None:
    with _LOCK:
        version, what, queue = _KEPT.get(store, (-1, None, None))
    return (version, queue) if queue is not None and what == asked else None


def _gone(before: Queue, after: Queue) -> list[Entry]:
    there = {place[3] for place, _ in after.entries}
    left = [entry for entry in (*before.entries, *before.gone) if entry[0][3] not in there]
    return left[:_REMEMBERED]
