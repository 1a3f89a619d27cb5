"""Ask for a clustering run, follow a job, and hand jobs to workers."""

from __future__ import annotations

from datetime import datetime, timedelta

from clustering.params import DEFAULT_PARAMS, ClusteringParams
from models.errors import GroundswellError, NotFound
from service.storage import audit, jobs, notes
from service.storage.engine import Store
from service.storage.jobs import RUN, TAXONOMY, Job

__all__ = [
    "DEFAULT_PARAMS",
    "LEASE",
    "RUN",
    "TAXONOMY",
    "ClusteringParams",
    "Job",
    "claim_job",
    "count_pending_notes",
    "fail_job",
    "finish_job",
    "get_job",
    "keep_job",
    "put_job_back",
    "start_run",
]

# A worker that was killed leaves its job to the next one after this long.
LEASE = timedelta(seconds=60)


def start_run(store: Store, *, now: datetime, actor: str, reread: bool = False) -> str:
    """Queue a clustering run; returns the job's id.

    With `reread` every note is read anew first, with all that corrections have taught the
    reader by then. What a person decided on a request stays, as after an edit of its note.

    While one is queued, asking again answers that one: it will see all that is stored by
    then. One that runs already may have missed what came since, so another is queued.

    Raises:
        Unavailable: the store is busy, full or down.
    """
    with store.write() as connection:
        job_id, is_new = jobs.enqueue(connection, jobs.RUN, actor=actor, now=now)
        if is_new:
            audit.record(connection, at=now, actor=actor, action="run.queued", target=job_id)
        if reread:
            details = {"notes": notes.read_again(connection)}
            audit.record(
                connection,
                at=now,
                actor=actor,
                action="notes.reread",
                target=job_id,
                details=details,
            )
    return job_id


def get_job(store: Store, job_id: str) -> Job:
    """The job with this id.

    Raises:
        NotFound: `unknown_job`.
    """
    with store.read() as connection:
        job = jobs.get(connection, job_id)
    if job is None:
        raise NotFound("There is no job with this id.", code="unknown_job", field="id")
    return job


def count_pending_notes(store: Store) -> int:
    """How many notes are still to be read."""
    with store.read() as connection:
        return notes.count_pending(connection)


def claim_job(store: Store, *, now: datetime) -> Job | None:
    """Take the oldest job that is due, for `LEASE` from now; None when none is."""
    with store.read() as connection:
        if not jobs.any_due(connection, now=now):
            return None
    with store.write(changes_answers=False) as connection:
        return jobs.claim(connection, now=now, until=now + LEASE)


def keep_job(store: Store, job: Job, *, now: datetime, done: int, total: int) -> bool:
    """Hold a claimed job for `LEASE` from now and show how far it is; False if it was lost."""
    with store.write(changes_answers=False) as connection:
        return jobs.extend(connection, job, until=now + LEASE, done=done, total=total)


def finish_job(store: Store, job: Job, *, now: datetime, progress: tuple[int, int]) -> bool:
    """Mark a claimed job done, this far; False if another worker had taken it over."""
    done, total = progress
    with store.write(changes_answers=False) as connection:
        return jobs.finish(connection, job, at=now, done=done, total=total)


def fail_job(store: Store, job: Job, error: GroundswellError, *, now: datetime) -> bool:
    """Mark a claimed job failed, and why; False if another worker had taken it over."""
    with store.write(changes_answers=False) as connection:
        return jobs.fail(connection, job, at=now, error=_told(error))


def put_job_back(
    store: Store, job: Job, error: GroundswellError, *, run_after: datetime, counts: bool
) -> bool:
    """Queue a claimed job again, with what it waits for; False if it was taken over.

    `counts` says whether this was an attempt of its own, or only a wait for something else.
    """
    with store.write(changes_answers=False) as connection:
        return jobs.put_back(
            connection, job, run_after=run_after, error=_told(error), counts=counts
        )


def _told(error: GroundswellError) -> dict[str, str]:
    return {"code": error.code, "message": error.message}
