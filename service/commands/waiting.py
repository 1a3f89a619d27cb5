"""Do the waiting work in this process, beside any other worker, and show how far it is."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from models.errors import GroundswellError, Unavailable
from service.commands.console import progress_bar
from service.flows.health import queue_depth
from service.flows.jobs import Job, get_job
from service.storage.engine import Store

if TYPE_CHECKING:
    from service.jobs.worker import Worker

# Between looks at work that another process has in its hands.
PAUSE_SECONDS = 0.5


def read_everything(store: Store, worker: Worker) -> None:
    """Return when every note is read, embedded and assigned, and every job is done.

    Raises:
        Unavailable: the encoder or the store can't be had; the work stays queued.
    """
    pending, jobs = queue_depth(store)
    if not pending + jobs:
        return
    with progress_bar("Reading notes", pending or None) as show:
        while pending + jobs:
            did_something = _step(worker)
            left, jobs = queue_depth(store)
            pending = max(pending, left)
            show(pending - left, f"{left:,} notes left")
            if not left + jobs:
                return
            if not did_something:
                time.sleep(PAUSE_SECONDS)


def finish_job(store: Store, worker: Worker, job_id: str) -> Job:
    """Return when this job is done, by this process or by another.

    Raises:
        GroundswellError: the job failed, with its code and sentence.
        Unavailable: the encoder or the store can't be had; the job stays queued.
    """
    with progress_bar("Clustering", None) as show:
        while True:
            job = get_job(store, job_id)
            show(job.done, job.state)
            if job.state == "done":
                return job
            if job.state == "failed":
                error = job.error or {}
                raise GroundswellError(
                    str(error.get("message", "The job failed.")),
                    code=str(error.get("code", "job_failed")),
                )
            if not _step(worker):
                # A killed worker's claim runs out by itself; say what the wait is for.
                show(job.done, "in another worker's hands")
                time.sleep(PAUSE_SECONDS)


def _step(worker: Worker) -> bool:
    did_something = worker.run_once()
    if not worker.status.ready:
        raise Unavailable(worker.status.reason, code=worker.status.code)
    return did_something
