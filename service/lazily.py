"""Something heavy, made once by whoever needs it first, and shared by all threads after."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Lazily(Generic[T]):
    """Call it to have the value. A making that failed is tried again at the next call."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._made: T | None = None

    def __call__(self) -> T:
        """The value, made under a lock the first time; raises what the making raises."""
        with self._lock:
            if self._made is None:
                self._made = self._make()
            return self._made
