"""Alive, ready, counted."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import pytest
from fastapi.testclient import TestClient

from models.errors import Unavailable
from service.jobs.worker import Worker, WorkerStatus
from service.storage.engine import Store
from tests.api.conftest import NOW, make_client, no_language, note


@dataclass
class IdleWorker:
    """A worker that is in a given state and does nothing."""

    status: WorkerStatus
    ran: bool = False

    def run(self, stop: threading.Event) -> None:
        self.ran = True
        stop.wait()


def test_alive_asks_nothing_of_the_store(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = make_client(sqlite_store)
    monkeypatch.setattr(Store, "read", None)
    assert client.get("/health/live").json() == {"status": "alive"}


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_a_probe_may_ask_by_head(client: TestClient, path: str) -> None:
    answer = client.head(path)
    assert (answer.status_code, answer.content) == (200, b"")


def test_ready_when_the_store_answers_and_the_worker_can_read(client: TestClient) -> None:
    answer = client.get("/health/ready")
    assert answer.status_code == 200
    assert answer.json()["ready"] is True
    assert answer.json()["checks"]["queue"] == {"notes": 0, "jobs": 0}


def test_without_an_encoder_it_says_so_and_takes_notes_all_the_same(store: Store) -> None:
    worker = Worker(store, no_language, clock=lambda: NOW)
    client = make_client(store, worker=worker)
    assert client.post("/notes", json=note()).status_code == 202
    worker.run_once()
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    body = answer.json()
    assert body["ready"] is False
    assert body["error"]["code"] == "not_ready"
    assert "no encoder here" in body["error"]["message"]
    assert body["checks"]["queue"]["notes"] == 1
    assert client.get("/health/live").status_code == 200


def test_a_store_that_does_not_answer_is_named(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(_: Store) -> tuple[int, int]:
        raise Unavailable("The store can't be reached.", code="store_down")

    monkeypatch.setattr("service.api.health.queue_depth", down)
    answer = make_client(sqlite_store).get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["checks"]["store"] == "store_down"


def test_metrics_count_requests_by_route_not_by_address(client: TestClient) -> None:
    client.post("/notes", json=note())
    client.get("/jobs/some-id")
    text = client.get("/metrics").text
    assert "groundswell_notes_pending 1.0" in text
    assert 'groundswell_http_requests_total{method="POST",route="/notes",status="202"} 1.0' in text
    assert 'route="/jobs/{job_id}",status="404"' in text
    assert "some-id" not in text


def test_the_worker_runs_for_as_long_as_the_application_is_served(sqlite_store: Store) -> None:
    worker = IdleWorker(WorkerStatus("idle"))
    with make_client(sqlite_store, worker=worker) as client:
        assert client.get("/health/ready").status_code == 200
    assert worker.ran
    assert not [thread for thread in threading.enumerate() if thread.name == "worker"]
