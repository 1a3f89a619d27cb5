"""Hold a job while it is worked on: a beat in a thread of its own, and its progress."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import Self

from models.errors import Unavailable
from service.flows.jobs import LEASE, Job, keep_job
from service.storage.engine import Store

# How soon progress is seen, and how often a claim is renewed where there is none.
BEAT_SECONDS = 1.0
RENEW_SECONDS = LEASE.total_seconds() / 4


class Lease:
    """Within `with`, the job stays claimed however long one step of it takes.

    A step may be a minute inside HDBSCAN, which tells nothing meanwhile; so the claim is
    renewed from the side. `lost` turns true when another worker has the job.
    """

    def __init__(self, store: Store, job: Job, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._job = job
        self._clock = clock
        self.progress = (0, 0)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="lease", daemon=True)
        self.lost = False

    def show(self, done: int, total: int) -> None:
        """Tell how far the job is; written with the next beat."""
        self.progress = (done, total)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _beat(self) -> None:
        shown = (0, 0)
        waited = 0.0
        while not self._ended.wait(BEAT_SECONDS):
            waited += BEAT_SECONDS
            if self.progress == shown and waited < RENEW_SECONDS:
                continue
            shown, waited = self.progress, 0.0
            self._renew(*shown)

    def _renew(self, done: int, total: int) -> None:
        try:
            held = keep_job(self._store, self._job, now=self._clock(), done=done, total=total)
        except Unavailable:
            return  # Busy: the lease outlasts several missed beats.
        self.lost = self.lost or not held
