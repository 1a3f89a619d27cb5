"""A 2xx on a write means that it is committed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from models.errors import Unavailable
from service.storage.engine import Store
from tests.api.conftest import ITEM, error_of, make_client, note, observation

WRITES: list[tuple[str, str, Any]] = [
    ("POST", "/notes", note()),
    ("POST", "/notes/batch", [note()]),
    ("DELETE", "/notes/manual/n-0", None),
    ("PUT", "/accounts", [{"account_id": "a-1"}]),
    ("PUT", "/csms", [{"csm_id": "c-1"}]),
    ("PUT", "/taxonomy", [ITEM]),
    ("POST", "/taxonomy/decisions", {"action": "add", **ITEM}),
    ("POST", "/observations", observation(customer_need="Known")),
    ("POST", "/runs", None),
]


@pytest.mark.parametrize(("method", "address", "body"), WRITES, ids=lambda value: str(value)[:20])
def test_a_write_whose_commit_fails_is_never_answered_with_success(
    store: Store, monkeypatch: pytest.MonkeyPatch, method: str, address: str, body: Any
) -> None:
    client = make_client(store)
    client.post("/notes", json=note(external_id="n-0"))
    client.put("/taxonomy", json=[{**ITEM, "customer_need": "Known"}])
    before = client.get("/audit").json()
    whole = Store.write

    @contextmanager
    def full_at_commit(self: Store, **options: Any) -> Iterator[Any]:
        with whole(self, **options) as connection:
            yield connection
            # The last moment before the commit: all is written, nothing is kept.
            raise Unavailable("The disk is full.", code="store_full")

    monkeypatch.setattr(Store, "write", full_at_commit)
    answer = client.request(method, address, json=body)
    assert error_of(answer, 503)["code"] == "store_full"
    assert "retry-after" in answer.headers
    monkeypatch.undo()
    assert client.get("/audit").json() == before
    assert client.request(method, address, json=body).status_code in (200, 201, 202, 204)


def test_what_was_answered_is_there_for_another_process(store_url: str) -> None:
    from service.storage.engine import open_store

    first = open_store(store_url)
    assert make_client(first).post("/notes", json=note()).status_code == 202
    second = open_store(store_url)
    assert make_client(second).post("/notes", json=note()).json()["status"] == "duplicate"
    first.close()
    second.close()
