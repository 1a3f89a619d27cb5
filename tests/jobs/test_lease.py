from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from models.errors import Unavailable
from service.flows.jobs import LEASE, Job, claim_job, get_job, start_run
from service.jobs import lease as lease_module
from service.jobs.lease import Lease
from service.storage.engine import Store
from tests.factories import NOW


@pytest.fixture
def job(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> Job:
    monkeypatch.setattr(lease_module, "BEAT_SECONDS", 0.01)
    start_run(sqlite_store, now=NOW, actor="ops")
    claimed = claim_job(sqlite_store, now=NOW)
    assert claimed is not None
    return claimed


def test_progress_is_shown_while_the_work_goes_on(sqlite_store: Store, job: Job) -> None:
    with Lease(sqlite_store, job, lambda: NOW) as lease:
        lease.show(3, 10)
        while get_job(sqlite_store, job.id).done != 3:
            threading.Event().wait(0.01)
    assert get_job(sqlite_store, job.id).total == 10


def test_a_long_silent_step_keeps_the_job(
    sqlite_store: Store, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease_module, "RENEW_SECONDS", 0.01)
    later = NOW + LEASE
    renewed = threading.Event()
    real = lease_module.keep_job

    def keep_and_tell(*given: object, **named: object) -> bool:
        held = real(*given, **named)  # type: ignore[arg-type]
        renewed.set()
        return held

    monkeypatch.setattr(lease_module, "keep_job", keep_and_tell)
    with Lease(sqlite_store, job, lambda: later):
        renewed.wait()
    assert claim_job(sqlite_store, now=later) is None


def test_a_job_that_another_has_taken_is_lost(
    sqlite_store: Store, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert claim_job(sqlite_store, now=NOW + LEASE) is not None
    with Lease(sqlite_store, job, lambda: NOW + LEASE) as lease:
        lease.show(1, 1)
        while not lease.lost:
            threading.Event().wait(0.01)


def test_a_busy_store_loses_nothing(
    sqlite_store: Store, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = threading.Event()

    def busy(*_: object, **__: object) -> bool:
        tried.set()
        raise Unavailable("Busy.", code="store_busy")

    monkeypatch.setattr(lease_module, "keep_job", busy)
    with Lease(sqlite_store, job, lambda: NOW + timedelta(seconds=1)) as lease:
        lease.show(1, 1)
        tried.wait()
    assert not lease.lost
