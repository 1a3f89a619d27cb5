"""The background worker: one loop that reads pending notes and does queued jobs.

Everything it does is committed step by step and can be done again, so it may be killed at any
moment; any number of workers may share a store.
"""

from __future__ import annotations

import logging
import threading
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from models.errors import GroundswellError, Unavailable
from models.window import Calendar
from service.crm.connector import Fetcher
from service.flows.fetch_notes import fetch_due
from service.flows.items import embed_items
from service.flows.jobs import (
    DEFAULT_PARAMS,
    RUN,
    ClusteringParams,
    Job,
    claim_job,
    count_pending_notes,
    fail_job,
    finish_job,
    put_job_back,
)
from service.flows.read_notes import read_pending
from service.flows.recluster import recluster
from service.flows.retention import erase_outdated, retention_is_due
from service.jobs.lease import Lease
from service.storage.engine import Store

if TYPE_CHECKING:
    from service.flows.language import LanguageModels

logger = logging.getLogger(__name__)

# Few enough for a minute of any machine, many enough to fill the batches of the encoder.
NOTES_AT_ONCE = 768
# A job that failed for a reason we don't know may have been unlucky, this often.
MAX_ATTEMPTS = 3
RETRY_AFTER = timedelta(seconds=15)
IDLE_SECONDS = 0.5
TROUBLE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class WorkerStatus:
    """`state` is starting, idle, reading, running, waiting or stopped.

    `ready` is false while something keeps it from its work; `reason` and `code` say what.
    """

    state: str
    ready: bool = True
    reason: str = ""
    code: str = ""


class Worker:
    """Reads notes and does jobs on one store.

    Args:
        store: the open store; whoever opened it closes it.
        language: gives the encoder and the reader. When it raises Unavailable the work waits,
            is not lost, and is tried again.
        params: of reading, assigning and clustering.
        clock: where `now` comes from.
        calendar: says in which month a request was reported; UTC by default.
        fetchers: source -> who is asked for the notes that its events name; without one they
            wait.
        retention_days: notes older than so many days are erased, once a day; None keeps them.
    """

    def __init__(
        self,
        store: Store,
        language: Callable[[], LanguageModels],
        params: ClusteringParams = DEFAULT_PARAMS,
        *,
        clock: Callable[[], datetime],
        calendar: Calendar | None = None,
        fetchers: Mapping[str, Fetcher] | None = None,
        retention_days: int | None = None,
    ) -> None:
        self._store = store
        self._language = language
        self._params = params
        self._clock = clock
        self._calendar = calendar
        self._fetchers = fetchers or {}
        self._retention_days = retention_days
        self._able = False
        self._status = WorkerStatus("starting", ready=False, reason="The worker is starting.")

    @property
    def status(self) -> WorkerStatus:
        """What it is doing, or why it waits."""
        return self._status

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set; the step in hand is finished first. Never raises."""
        while not stop.is_set():
            try:
                erased = self.erase_outdated()
                # Before there is work, so that a missing encoder is told of at once.
                busy = (self._load() and self.run_once()) or erased
            except Exception as error:
                # The loop is the last one to hold it: a step that broke is tried again.
                self._report(error, "a step of the worker")
                busy = False
                stop.wait(TROUBLE_SECONDS)
            if not busy:
                stop.wait(IDLE_SECONDS if self._status.ready else TROUBLE_SECONDS)
        self._status = WorkerStatus("stopped", ready=False, reason="The worker has stopped.")

    def run_once(self) -> bool:
        """Fetch some notes, then do one job or read one batch; False when there was nothing.

        Trouble that passes (no encoder, a busy or full store) is no error: the work stays
        queued, `status` says why, and the answer is False.
        """
        try:
            fetched = fetch_due(self._store, self._fetchers, now=self._clock())
            job = claim_job(self._store, now=self._clock())
            if job is not None:
                self._do(job)
            elif count_pending_notes(self._store):
                self._status = WorkerStatus("reading")
                if not self._read_batch():
                    # Another worker has claimed them all.
                    return self._rest(did_something=bool(fetched))
            else:
                return self._rest(did_something=bool(fetched))
        except Unavailable as trouble:
            self._wait_for(trouble)
            return False
        return self._rest(did_something=True)

    def erase_outdated(self) -> bool:
        """Erase a batch of what is older than notes are kept, where that is due."""
        if self._retention_days is None:
            return False
        now = self._clock()
        try:
            if not retention_is_due(self._store, now=now):
                return False
            erased = erase_outdated(self._store, self._retention_days, now=now, actor="worker")
        except Unavailable as trouble:
            self._wait_for(trouble)
            return False
        return erased > 0

    def _rest(self, *, did_something: bool) -> bool:
        self._status = WorkerStatus("idle")
        return did_something

    def _wait_for(self, trouble: Unavailable) -> None:
        if self._status.code != trouble.code:
            # Once, not at every try: a worker without a server has no other way to tell.
            logger.warning("the work waits: %s [%s]", trouble.message, trouble.code)
        self._status = WorkerStatus("waiting", False, trouble.message, trouble.code)

    def _load(self) -> bool:
        if not self._able:
            try:
                self._language()
            except Unavailable as trouble:
                self._wait_for(trouble)
                self._put_jobs_off(trouble)
                return False
            self._able = True
        return True

    def _put_jobs_off(self, trouble: Unavailable) -> None:
        """Let each queued job say what it waits for."""
        try:
            while (job := claim_job(self._store, now=self._clock())) is not None:
                self._put_back(job, trouble, counts=False)
        except Unavailable:
            return  # The store too: its jobs wait as they are.

    def _do(self, job: Job) -> None:
        self._status = WorkerStatus("running")
        lease = Lease(self._store, job, self._clock)
        try:
            with lease:
                self._work(job, lease)
        except Unavailable as trouble:
            self._put_back(job, trouble, counts=False)
            raise
        except GroundswellError as refusal:
            fail_job(self._store, job, refusal, now=self._clock())
        except Exception as error:
            self._report(error, f"job {job.id}")
            self._give_another_chance(job)
        else:
            finish_job(self._store, job, now=self._clock(), progress=lease.progress)

    def _work(self, job: Job, lease: Lease) -> None:
        if job.attempts > MAX_ATTEMPTS:
            raise GroundswellError(
                f"The job was begun {MAX_ATTEMPTS} times and its worker died each time; look"
                " at the machine's memory, then ask for it again.",
                code="worker_died",
            )
        language = self._language()
        if job.kind != RUN:
            embed_items(
                self._store,
                language.encoder,
                self._params,
                now=self._clock(),
                on_progress=lease.show,
                reranker=language.reranker,
            )
            return
        # At most what was there to begin with: notes that keep arriving can't hold up a run.
        left = count_pending_notes(self._store)
        while left > 0 and (read := self._read_batch()):
            left -= read
        recluster(
            self._store,
            language,
            self._params,
            now=self._clock(),
            actor=job.requested_by,
            job_id=job.id,
            calendar=self._calendar,
            on_progress=lease.show,
        )

    def _read_batch(self) -> int:
        return read_pending(
            self._store, self._language(), self._params, now=self._clock(), limit=NOTES_AT_ONCE
        )

    def _put_back(self, job: Job, error: GroundswellError, *, counts: bool) -> None:
        later = self._clock() + RETRY_AFTER
        put_job_back(self._store, job, error, run_after=later, counts=counts)

    def _give_another_chance(self, job: Job) -> None:
        ours = GroundswellError(
            "The job failed for a reason on our side; the log says where.", code="internal_error"
        )
        if job.attempts < MAX_ATTEMPTS:
            self._put_back(job, ours, counts=True)
        else:
            fail_job(self._store, job, ours, now=self._clock())

    def _report(self, error: Exception, what: str) -> None:
        # An error's message may hold what it choked on, which may be a note's text.
        frame = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{frame.filename}:{frame.lineno} in {frame.name}"
        logger.error("%s failed with %s at %s", what, type(error).__name__, place)
