"""What was worked out theme by theme, kept in this process: after a write only what it touched
is worked out anew."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Connection

from service.storage import touched
from service.storage.engine import Store

T = TypeVar("T")

# Of more than these it is no slower to work everything out.
_FEW = 200

# Given the ids of themes, or None for all: an answer for each of them that has one.
WorkOut = Callable[[frozenset[str] | None], Mapping[str, T]]


@dataclass(frozen=True, slots=True)
class _AsOf(Generic[T]):
    version: int
    answers: Mapping[str, T]


@dataclass(slots=True)
class _Shelf(Generic[T]):
    working: threading.Lock = field(default_factory=threading.Lock)
    answers: OrderedDict[Hashable, _AsOf[T]] = field(default_factory=OrderedDict)


class KeptByTheme(Generic[T]):
    """The last `most` answers of each store, by what was asked; safe to share between threads.

    An answer must follow from a theme's row, its item and what the evidence of its requests is
    made of, as `storage.touched` notes them, and from `asked`. Each is as of the caller's own
    snapshot, whichever process wrote.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._shelves: WeakKeyDictionary[Store, _Shelf[T]] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def get(
        self, store: Store, connection: Connection, asked: Hashable, work_out: WorkOut[T]
    ) -> Mapping[str, T]:
        """Theme -> its answer, each worked out on this connection where it isn't kept.

        A write sees its own work in it, and leaves nothing behind: it may be undone.
        """
        with self._lock:
            shelf = self._shelves.setdefault(store, _Shelf())
        version = store.data_version(connection)
        if not store.is_read(connection):
            return _as_of(connection, shelf.answers.get(asked), version, work_out).answers
        # One at a time: who asks for the same meanwhile waits, and then finds it here.
        with shelf.working:
            kept = shelf.answers.get(asked)
            found = _as_of(connection, kept, version, work_out)
            # An older one too: it is caught up with, and a store may have been put back.
            shelf.answers[asked] = found
            shelf.answers.move_to_end(asked)
            while len(shelf.answers) > self._most:
                shelf.answers.popitem(last=False)
        return found.answers


def _as_of(
    connection: Connection, kept: _AsOf[T] | None, version: int, work_out: WorkOut[T]
) -> _AsOf[T]:
    if kept is None or kept.version > version:
        # None yet, or a snapshot that was opened before the last write.
        return _AsOf(version, work_out(None))
    if kept.version == version:
        return kept
    changed = touched.since(connection, kept.version)
    if len(changed) > _FEW:
        return _AsOf(version, work_out(None))
    if not changed:
        return _AsOf(version, kept.answers)
    others = {key: answer for key, answer in kept.answers.items() if key not in changed}
    return _AsOf(version, {**others, **work_out(changed)})
