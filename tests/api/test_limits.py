"""What one caller may ask, and what happens while too much waits."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

from service.app import create_app
from service.flows.keys import create_key
from service.settings import Settings
from service.storage.engine import Store
from service.storage.tables import notes
from tests.api.conftest import NOW, error_of, no_language, note


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: int) -> None:
        self.now += timedelta(**by)


def limited(
    store: Store, *, clock: Callable[[], datetime] = lambda: NOW, **settings: Any
) -> TestClient:
    app = create_app(Settings(**settings), store, language=no_language, clock=clock)
    return TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False)


def key_of(store: Store, name: str = "Ops") -> dict[str, str]:
    made = create_key(store, role="admin", name=name, now=NOW, actor="test")
    return {"Authorization": f"Bearer {made.key}"}


def read_all(store: Store) -> None:
    with store.write() as connection:
        connection.execute(update(notes).values(state="read"))


def test_a_key_over_its_rate_is_429_with_the_seconds_to_wait(sqlite_store: Store) -> None:
    clock = Clock()
    client = limited(sqlite_store, clock=clock, rate_limit="3/minute")
    mine, other = key_of(sqlite_store), key_of(sqlite_store, "Other")
    assert [client.get("/themes", headers=mine).status_code for _ in range(3)] == [200] * 3
    refused = client.get("/themes", headers=mine)
    assert error_of(refused, 429)["code"] == "rate_limited"
    assert refused.headers["retry-after"] == "20"
    assert client.get("/themes", headers=other).status_code == 200
    clock.move(seconds=20)
    assert client.get("/themes", headers=mine).status_code == 200


def test_a_batch_is_one_request(sqlite_store: Store) -> None:
    client = limited(sqlite_store, rate_limit="1/minute")
    many = [note(external_id=f"n-{number}") for number in range(500)]
    answer = client.post("/notes/batch", json=many, headers=key_of(sqlite_store))
    assert answer.json()["accepted"] == 500


def test_what_needs_no_key_has_no_rate(sqlite_store: Store) -> None:
    client = limited(sqlite_store, rate_limit="1/minute")
    assert [client.get("/health/live").status_code for _ in range(5)] == [200] * 5


def test_wrong_keys_from_one_address_turn_into_429(sqlite_store: Store) -> None:
    client = limited(sqlite_store, wrong_key_limit="2/minute")
    wrong = {"Authorization": "Bearer gs_guess"}
    assert [client.get("/themes", headers=wrong).status_code for _ in range(2)] == [401] * 2
    refused = client.get("/themes", headers=wrong)
    assert error_of(refused, 429)["code"] == "too_many_failures"
    assert int(refused.headers["retry-after"]) > 0
    # Not for the sake of somebody else's mistakes.
    assert client.get("/themes", headers=key_of(sqlite_store)).status_code == 200


def test_a_full_queue_is_503_and_drops_nothing(store: Store) -> None:
    client = limited(store, auth="off", queue_bound=2)
    for number in (1, 2):
        assert client.post("/notes", json=note(external_id=f"n-{number}")).status_code == 202
    for address, body in (("/notes", note(external_id="n-3")), ("/notes/batch", [note()])):
        refused = client.post(address, json=body)
        assert error_of(refused, 503)["code"] == "queue_full"
        assert int(refused.headers["retry-after"]) > 0
    # Reading, deleting and everything that makes no reading goes on.
    assert client.get("/themes").status_code == 200
    assert client.put("/accounts", json=[{"account_id": "a-9"}]).status_code == 200
    assert client.delete("/notes/manual/n-2").status_code == 204
    assert client.get("/health/ready").json()["checks"]["queue"]["notes"] == 1


def test_a_queue_that_was_read_takes_notes_again(store: Store) -> None:
    client = limited(store, auth="off", queue_bound=1)
    assert client.post("/notes", json=note()).status_code == 202
    read_all(store)
    # A new process counts anew; this one within a second, see tests/test_limits.py.
    again = limited(store, auth="off", queue_bound=1)
    assert again.post("/notes", json=note(external_id="n-2")).status_code == 202


def test_a_full_queue_says_nothing_to_strangers(sqlite_store: Store) -> None:
    client = limited(sqlite_store, queue_bound=1)
    headers = key_of(sqlite_store)
    assert client.post("/notes", json=note(), headers=headers).status_code == 202
    error_of(client.post("/notes", json=note(external_id="n-2")), 401)
    error_of(client.post("/notes", json=note(external_id="n-2"), headers=headers), 503)


@pytest.mark.parametrize("kind", ["array", "lines", "csv"])
def test_a_batch_with_too_many_lines_is_413_and_nothing_is_stored(
    sqlite_store: Store, kind: str
) -> None:
    client = limited(sqlite_store, auth="off", batch_lines=3)
    for count, status in ((4, 413), (3, 200)):
        body, media_type = batch(kind, count)
        answer = client.post("/notes/batch", content=body, headers={"Content-Type": media_type})
        assert answer.status_code == status, answer.text
        if status == 413:
            assert error_of(answer, 413)["code"] == "batch_too_long"
            assert client.get("/accounts").json()["data"] == []
    assert answer.json()["accepted"] == 3


def batch(kind: str, count: int) -> tuple[str, str]:
    many = [note(external_id=f"n-{number}") for number in range(count)]
    lines = [json.dumps(one) for one in many]
    if kind == "array":
        return "[" + ",".join(lines) + "]", "application/json"
    if kind == "lines":
        return "\n\n".join(lines) + "\n\n", "application/x-ndjson"
    header = ",".join(many[0])
    return "\n".join([header, *(",".join(one.values()) for one in many)]), "text/csv"


def test_a_body_over_its_size_is_413(sqlite_store: Store) -> None:
    client = limited(sqlite_store, auth="off")
    too_long = b" " * (2 * 1024 * 1024 + 1)
    assert error_of(client.post("/notes", content=too_long), 413)["code"] == "body_too_large"
