"""The queue of jobs: clustering runs, and embedding of new taxonomy items."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, Row, and_, insert, null, or_, select, update

from service.storage.operating_tables import jobs

RUN = "run"
TAXONOMY = "taxonomy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One piece of work. `state` is queued, running, done or failed."""

    id: str
    kind: str
    state: str
    done: int
    total: int
    error: Mapping[str, Any] | None
    attempts: int
    requested_by: str
    created_at: datetime
    finished_at: datetime | None


def enqueue(connection: Connection, kind: str, *, actor: str, now: datetime) -> tuple[str, bool]:
    """Queue a job of this kind; returns its id and whether it is new.

    One that waits already does the same work, so it is the answer; one that runs may have
    missed what changed since it began, so it is not.
    """
    waiting = select(jobs.c.id).where(jobs.c.kind == kind, jobs.c.state == "queued")
    known = connection.scalar(waiting.order_by(jobs.c.created_at, jobs.c.id).limit(1))
    if known is not None:
        return known, False
    job_id = uuid4().hex
    connection.execute(
        insert(jobs).values(
            id=job_id, kind=kind, state="queued", requested_by=actor, created_at=now, run_after=now
        )
    )
    return job_id, True


def get(connection: Connection, job_id: str) -> Job | None:
    """The job with this id."""
    row = connection.execute(select(jobs).where(jobs.c.id == job_id)).first()
    return None if row is None else _job(row)


def any_due(connection: Connection, *, now: datetime) -> bool:
    """Whether a claim would find something."""
    return connection.scalar(select(jobs.c.id).where(_due(now)).limit(1)) is not None


def claim(connection: Connection, *, now: datetime, until: datetime) -> Job | None:
    """Take the oldest job that is due, until the instant `until`; None when there is none.

    A running job whose claim has lapsed (its worker was killed) is due again.
    """
    row = connection.execute(
        select(jobs)
        .where(_due(now))
        .order_by(jobs.c.created_at, jobs.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    if row is None:
        return None
    attempts = row.attempts + 1
    values = {"state": "running", "claimed_until": until, "attempts": attempts, "error": null()}
    connection.execute(update(jobs).where(jobs.c.id == row.id).values(values))
    claimed: Job | None = get(connection, row.id)
    return claimed


def extend(connection: Connection, job: Job, *, until: datetime, done: int, total: int) -> bool:
    """Keep a claim and show how far it is; False where another worker has taken it over."""
    values = {"claimed_until": until, "done": done, "total": total}
    return _update_held(connection, job, values)


def finish(connection: Connection, job: Job, *, at: datetime, done: int, total: int) -> bool:
    """Mark a claimed job done; False where another worker has taken it over."""
    values = {
        "state": "done",
        "finished_at": at,
        "claimed_until": None,
        "error": null(),
        "done": done,
        "total": total,
    }
    return _update_held(connection, job, values)


def fail(connection: Connection, job: Job, *, at: datetime, error: Mapping[str, str]) -> bool:
    """Mark a claimed job failed, with a code and a message; False where it was taken over."""
    values = {"state": "failed", "finished_at": at, "claimed_until": None, "error": dict(error)}
    return _update_held(connection, job, values)


def put_back(
    connection: Connection,
    job: Job,
    *,
    run_after: datetime,
    error: Mapping[str, str],
    counts: bool,
) -> bool:
    """Queue a claimed job again for later, saying what it waits for.

    `counts` keeps the claim among the job's attempts.
    """
    values = {
        "state": "queued",
        "run_after": run_after,
        "attempts": job.attempts if counts else job.attempts - 1,
        "claimed_until": None,
        "error": dict(error),
    }
    return _update_held(connection, job, values)


def _due(now: datetime) -> ColumnElement[bool]:
    return or_(
        and_(jobs.c.state == "queued", jobs.c.run_after <= now),
        and_(jobs.c.state == "running", jobs.c.claimed_until <= now),
    )


def _update_held(connection: Connection, job: Job, values: Mapping[str, object]) -> bool:
    # `attempts` is the claim's own number: whoever took the job over has raised it.
    held = and_(jobs.c.id == job.id, jobs.c.state == "running", jobs.c.attempts == job.attempts)
    return connection.execute(update(jobs).where(held).values(values)).rowcount == 1


def _job(row: Row[Any]) -> Job:
    return Job(**{name: row._mapping[name] for name in Job.__slots__})
