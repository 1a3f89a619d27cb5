"""The queue as it was last worked out, kept for as long as nothing in the store changes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from weakref import WeakKeyDictionary

from sqlalchemy import Connection

from service.flows.reviewing.impact import Judge
from service.flows.reviewing.questions import Question
from service.storage.engine import Store

Place = tuple[int, Decimal, str, str]
"""Where a question stands: by its gain, then ARR, then when it is due, then by name."""


@dataclass(frozen=True, slots=True)
class Queue:
    """Every question in its place, first things first; ids and figures alone, no words."""

    judge: Judge
    entries: Sequence[tuple[Place, Question]]


_LOCK = threading.Lock()
_KEPT: WeakKeyDictionary[Store, tuple[Hashable, Queue]] = WeakKeyDictionary()


def kept_queue(
    store: Store, connection: Connection, asked: Hashable, work_out: Callable[[], Queue]
) -> Queue:
    """The queue for what was `asked` (day, calendar, policy), worked out once per data version."""
    state = (store.data_version(connection), asked)
    with _LOCK:
        known, queue = _KEPT.get(store, (None, None))
    if queue is None or known != state:
        queue = work_out()
        with _LOCK:
            _KEPT[store] = (state, queue)
    return queue
