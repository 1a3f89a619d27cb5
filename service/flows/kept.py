"""What was worked out from a store, kept in this process until a write can have changed it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Connection

from service.storage.engine import Store

T = TypeVar("T")


class Kept(Generic[T]):
    """The last `most` answers of each store, by what was asked; safe to share between threads.

    They are told apart by the data version in the caller's own snapshot, or by a `version` that
    says when what they follow from was last changed; so an answer is never older than what is
    committed, whichever process wrote it.
    """

    def __init__(
        self, most: int, version: Callable[[Connection], int] = Store.data_version
    ) -> None:
        self._most = most
        self._version = version
        self._shelves: WeakKeyDictionary[Store, _Shelf[T]] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def get(
        self, store: Store, connection: Connection, asked: Hashable, work_out: Callable[[], T]
    ) -> T:
        """What was `asked`, worked out on this connection where it isn't kept.

        In a write it is worked out and not kept: its data version may yet be another's.
        """
        if not store.is_read(connection):
            return work_out()
        version = self._version(connection)
        with self._lock:
            shelf = self._shelves.setdefault(store, _Shelf(self._most))
        found = shelf.find(version, asked)
        if found is not None:
            return found
        # One at a time: who asks for the same meanwhile waits, and then finds it here.
        with shelf.working:
            found = shelf.find(version, asked)
            if found is None:
                found = work_out()
                shelf.put(version, asked, found)
        return found


class _Shelf(Generic[T]):
    """What is kept of one store: all of it of one version."""

    def __init__(self, most: int) -> None:
        self.working = threading.Lock()
        self._most = most
        self._lock = threading.Lock()
        self._version = -1
        self._answers: OrderedDict[Hashable, T] = OrderedDict()

    def find(self, version: int, asked: Hashable) -> T | None:
        with self._lock:
            if version != self._version or asked not in self._answers:
                return None
            self._answers.move_to_end(asked)
            return self._answers[asked]

    def put(self, version: int, asked: Hashable, answer: T) -> None:
        with self._lock:
            if version < self._version:
                # A snapshot that was opened before the last write: right for its own reader.
                return
            if version > self._version:
                self._answers.clear()
                self._version = version
            self._answers[asked] = answer
            while len(self._answers) > self._most:
                self._answers.popitem(last=False)
