from __future__ import annotations

from datetime import timedelta

import pytest

from models.errors import GroundswellError, NotFound
from service.flows.jobs import (
    LEASE,
    claim_job,
    fail_job,
    finish_job,
    get_job,
    keep_job,
    put_job_back,
    start_run,
)
from service.storage.engine import Store
from tests.factories import NOW

SECOND = timedelta(seconds=1)


def test_a_job_is_claimed_by_one(store: Store) -> None:
    start_run(store, now=NOW, actor="ops")
    assert claim_job(store, now=NOW) is not None
    assert claim_job(store, now=NOW) is None


def test_a_job_is_followed_from_queued_to_done(store: Store) -> None:
    job_id = start_run(store, now=NOW, actor="ops")
    assert get_job(store, job_id).state == "queued"
    job = claim_job(store, now=NOW)
    assert job is not None
    assert (job.id, job.state, job.requested_by) == (job_id, "running", "ops")
    assert keep_job(store, job, now=NOW, done=3, total=10)
    assert (get_job(store, job_id).done, get_job(store, job_id).total) == (3, 10)
    assert finish_job(store, job, now=NOW, progress=(10, 10))
    done = get_job(store, job_id)
    assert (done.state, done.done, done.finished_at) == ("done", 10, NOW)


def test_a_job_that_is_kept_is_not_taken_over(store: Store) -> None:
    start_run(store, now=NOW, actor="ops")
    job = claim_job(store, now=NOW)
    assert job is not None
    assert keep_job(store, job, now=NOW + LEASE - SECOND, done=0, total=0)
    assert claim_job(store, now=NOW + LEASE) is None


def test_who_was_taken_over_can_neither_keep_nor_end_the_job(store: Store) -> None:
    job_id = start_run(store, now=NOW, actor="ops")
    slow = claim_job(store, now=NOW)
    next_one = claim_job(store, now=NOW + LEASE)
    assert slow is not None
    assert next_one is not None
    assert not keep_job(store, slow, now=NOW + LEASE, done=9, total=9)
    assert not finish_job(store, slow, now=NOW + LEASE, progress=(9, 9))
    assert not fail_job(store, slow, GroundswellError("x", code="x"), now=NOW + LEASE)
    assert get_job(store, job_id).state == "running"
    assert finish_job(store, next_one, now=NOW + LEASE, progress=(1, 1))


def test_a_job_put_back_waits_its_time_and_says_for_what(store: Store) -> None:
    job_id = start_run(store, now=NOW, actor="ops")
    job = claim_job(store, now=NOW)
    assert job is not None
    why = GroundswellError("No encoder.", code="encoder_unavailable")
    assert put_job_back(store, job, why, run_after=NOW + SECOND, counts=False)
    waiting = get_job(store, job_id)
    assert waiting.error == {"code": "encoder_unavailable", "message": "No encoder."}
    assert claim_job(store, now=NOW) is None
    again = claim_job(store, now=NOW + SECOND)
    assert again is not None
    assert (again.attempts, again.error) == (1, None)


def test_jobs_are_done_in_the_order_they_were_asked_for(store: Store) -> None:
    first = start_run(store, now=NOW, actor="ops")
    claimed = claim_job(store, now=NOW)
    start_run(store, now=NOW + SECOND, actor="ops")
    assert claimed is not None
    put_job_back(store, claimed, GroundswellError("x", code="x"), run_after=NOW, counts=True)
    again = claim_job(store, now=NOW + SECOND)
    assert again is not None
    assert again.id == first


def test_a_job_nobody_asked_for_is_not_found(store: Store) -> None:
    with pytest.raises(NotFound) as caught:
        get_job(store, "none")
    assert caught.value.code == "unknown_job"
