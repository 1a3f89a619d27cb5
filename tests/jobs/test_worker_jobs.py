"""The worker does jobs, and says what became of them."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from models.errors import Conflict
from service.flows.jobs import LEASE, claim_job, get_job, start_run
from service.flows.taxonomy import upsert_items
from service.jobs import worker as worker_module
from service.jobs.worker import MAX_ATTEMPTS, RETRY_AFTER, Worker
from service.storage.engine import Store
from service.storage.operating_tables import jobs
from service.storage.tables import requests
from tests.factories import NOW, lines_of, raw_item
from tests.fakes import FakeLanguage
from tests.jobs.working import Clock, post, rows, texts, work_all


def break_runs(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def breaks(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(worker_module, "recluster", breaks)


def test_a_run_reads_what_is_pending_first(store: Store, worker: Worker) -> None:
    post(store, *(f"They need export {number}." for number in range(10)))
    job_id = start_run(store, now=NOW, actor="ops")
    assert worker.run_once()
    assert get_job(store, job_id).state == "done"
    assert len(texts(store)) == 10


def test_new_items_are_embedded_and_waiting_requests_put_on_them(
    store: Store, worker: Worker
) -> None:
    post(store, "Bulk export.")
    work_all(worker)
    item = raw_item(customer_need="Bulk export.", description="")
    upsert_items(store, lines_of(item), now=NOW, actor="ops", live=True)
    work_all(worker)
    assert [row.assigned_by for row in rows(store, requests)] == ["model"]


def test_without_an_encoder_notes_and_jobs_wait_and_say_why(
    store: Store, worker: Worker, language: FakeLanguage, clock: Clock
) -> None:
    language.missing = True
    post(store, "One.")
    job_id = start_run(store, now=NOW, actor="ops")
    assert not worker.run_once()
    assert (worker.status.ready, worker.status.code) == (False, "encoder_unavailable")
    assert worker.status.reason == "The encoder is not there."
    job = get_job(store, job_id)
    assert (job.state, job.attempts) == ("queued", 0)
    assert job.error == {"code": "encoder_unavailable", "message": "The encoder is not there."}

    language.missing = False
    clock.pass_by(RETRY_AFTER)
    work_all(worker)
    job = get_job(store, job_id)
    assert (job.state, job.error) == ("done", None)
    assert texts(store) == ["One."]
    assert worker.status.ready


def test_a_job_waits_for_an_encoder_however_long(
    store: Store, worker: Worker, language: FakeLanguage, clock: Clock
) -> None:
    language.missing = True
    job_id = start_run(store, now=NOW, actor="ops")
    for _ in range(MAX_ATTEMPTS * 3):
        worker.run_once()
        clock.pass_by(RETRY_AFTER)
    assert get_job(store, job_id).state == "queued"


def test_a_refusal_ends_the_job_with_its_code(
    store: Store, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_runs(monkeypatch, Conflict("That can't be.", code="no_way"))
    job_id = start_run(store, now=NOW, actor="ops")
    assert worker.run_once()
    job = get_job(store, job_id)
    assert (job.state, job.error) == ("failed", {"code": "no_way", "message": "That can't be."})


def test_an_error_of_ours_is_tried_again_and_then_told(
    store: Store,
    worker: Worker,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    break_runs(monkeypatch, ValueError("what the customer said"))
    job_id = start_run(store, now=NOW, actor="ops")
    states = []
    with caplog.at_level(logging.ERROR):
        for _ in range(MAX_ATTEMPTS):
            assert worker.run_once()
            states.append(get_job(store, job_id).state)
            clock.pass_by(RETRY_AFTER)
    assert states == ["queued", "queued", "failed"]
    assert (get_job(store, job_id).error or {})["code"] == "internal_error"
    assert "ValueError" in caplog.text
    assert "what the customer said" not in caplog.text


def test_the_job_of_a_worker_that_was_killed_is_taken_over(
    store: Store, worker: Worker, clock: Clock
) -> None:
    job_id = start_run(store, now=NOW, actor="ops")
    dead = claim_job(store, now=NOW)
    assert dead is not None
    assert not worker.run_once()
    clock.pass_by(LEASE)
    assert worker.run_once()
    assert get_job(store, job_id).state == "done"


def test_a_job_that_kills_its_worker_each_time_is_given_up(
    store: Store, worker: Worker, clock: Clock
) -> None:
    job_id = start_run(store, now=NOW, actor="ops")
    for _ in range(MAX_ATTEMPTS):
        assert claim_job(store, now=clock.now) is not None
        clock.pass_by(LEASE)
    assert worker.run_once()
    job = get_job(store, job_id)
    assert (job.state, (job.error or {})["code"]) == ("failed", "worker_died")


def test_a_run_asked_for_twice_while_queued_is_one_run(store: Store, worker: Worker) -> None:
    first = start_run(store, now=NOW, actor="ops")
    assert start_run(store, now=NOW, actor="else") == first
    claim_job(store, now=NOW)
    assert start_run(store, now=NOW, actor="ops") != first
    assert len(rows(store, jobs)) == 2
