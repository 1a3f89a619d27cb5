"""Every address that writes leaves a row in the audit trail, under the name of who wrote."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.flows.keys import create_key
from service.jobs.worker import Worker
from service.storage.engine import Store
from tests.api.conftest import ITEM, NOW, make_client, note, observation
from tests.api.test_openapi import operations
from tests.language_fakes import fake_language

TEXT = "Call went well. They need a bulk export. Users asked about it twice."


@dataclass
class World:
    """A store with a note that was read, and a caller called 'the writer'."""

    store: Store
    writer: TestClient
    request: dict[str, Any]

    def post(self, address: str, body: Any = None) -> Any:
        return self.writer.post(address, json=body)


@pytest.fixture
def world(sqlite_store: Store) -> World:
    store = sqlite_store
    local = make_client(store, language=fake_language)
    local.put("/taxonomy", json=[ITEM])
    local.post("/notes", json=note(text=TEXT))
    worker = Worker(store, fake_language, clock=lambda: NOW)
    while worker.run_once():
        pass
    made = create_key(store, role="admin", name="the writer", now=NOW, actor="test")
    writer = make_client(store, auth="keys", language=fake_language)
    writer.headers["Authorization"] = f"Bearer {made.key}"
    return World(store, writer, local.get("/requests").json()["data"][0])


def decided(world: World) -> Any:
    address = f"/themes/{world.request['theme_id']}/decisions"
    return world.post(address, {"action": "rename", "label": "Exports"})


def added(world: World) -> Any:
    body = {"start": 0, "end": 15, "severity": "minor", "theme_id": None}
    return world.post(f"/notes/{world.request['note_id']}/requests", body)


def mended(world: World) -> Any:
    row = world.request
    body = {"start": row["start"], "end": row["end"] - 1}
    return world.writer.patch(f"/requests/{row['id']}", json=body)


def undone(world: World) -> Any:
    return world.post(f"/decisions/{decided(world).json()['decision_id']}/undo")


def acknowledged(world: World) -> Any:
    world.post("/digests/2026-07/issue")
    return world.post("/digests/2026-07/acknowledgement", {"by": "Sam"})


def revoked(world: World) -> Any:
    made = world.post("/keys", {"role": "admin", "name": "x"}).json()
    return world.post(f"/keys/{made['id']}/revoke")


WRITES: dict[str, tuple[str, Callable[[World], Any]]] = {
    "POST /notes": ("note.accepted", lambda w: w.post("/notes", note(external_id="n-2"))),
    "POST /notes/batch": ("notes.batch", lambda w: w.post("/notes/batch", [note(text="b")])),
    "DELETE /notes/{source}/{external_id}": (
        "note.deleted",
        lambda w: w.writer.delete("/notes/manual/n-1"),
    ),
    "POST /notes/{note_id}/requests": ("decision.add_request", added),
    "PATCH /requests/{request_id}": ("decision.mend_request", mended),
    "PUT /accounts": (
        "accounts.upsert",
        lambda w: w.writer.put("/accounts", json=[{"account_id": "a-2", "arr": 1}]),
    ),
    "PUT /csms": (
        "csms.upsert",
        lambda w: w.writer.put("/csms", json=[{"csm_id": "c-2", "name": "Cas"}]),
    ),
    "DELETE /accounts/{account_id}": (
        "account.erased",
        lambda w: w.writer.delete("/accounts/a-1"),
    ),
    "DELETE /csms/{csm_id}": ("csm.erased", lambda w: w.writer.delete("/csms/c-1")),
    "PUT /taxonomy": (
        "taxonomy.upsert",
        lambda w: w.writer.put("/taxonomy", json=[{**ITEM, "customer_need": "Another"}]),
    ),
    "POST /taxonomy/decisions": (
        "decision.add",
        lambda w: w.post(
            "/taxonomy/decisions", {"action": "add", **ITEM, "customer_need": "Another"}
        ),
    ),
    "POST /observations": (
        "observation.accepted",
        lambda w: w.post("/observations", observation()),
    ),
    "POST /runs": ("run.queued", lambda w: w.post("/runs")),
    "POST /themes/{theme_id}/decisions": ("decision.rename", decided),
    "POST /decisions/{decision_id}/undo": ("decision.undo", undone),
    "POST /digests/{month}/issue": (
        "digest.issued",
        lambda w: w.post("/digests/2026-07/issue"),
    ),
    "POST /digests/{month}/acknowledgement": ("digest.acknowledged", acknowledged),
    "POST /keys": ("key.created", lambda w: w.post("/keys", {"role": "admin", "name": "x"})),
    "POST /keys/{key_id}/revoke": ("key.revoked", revoked),
}
# Signed by a vendor, not sent with a key: the actor is the source; see tests/api/test_webhooks.py.
BY_VENDORS = {"POST /webhooks/{source}"}


def test_no_address_that_writes_is_forgotten_here(local: TestClient) -> None:
    writing = {name for name, _ in operations(local) if not name.startswith("GET ")}
    assert writing - BY_VENDORS == set(WRITES)


@pytest.mark.parametrize("name", list(WRITES))
def test_a_write_is_in_the_audit_trail_with_its_actor(world: World, name: str) -> None:
    action, write = WRITES[name]
    answer = write(world)
    assert answer.status_code < 300, answer.text
    newest = world.writer.get("/audit").json()["data"][0]
    assert (newest["actor"], newest["action"]) == ("the writer", action)
    assert TEXT[16:40] not in str(newest)


def test_a_write_that_is_refused_leaves_no_row(world: World) -> None:
    before = world.writer.get("/audit").json()["data"]
    assert world.post("/notes", note(text="")).status_code == 422
    assert world.post("/keys", {"role": "root", "name": "x"}).status_code == 422
    assert world.post("/themes/t_none/decisions", {"action": "rename", "label": "x"}).is_error
    assert world.writer.get("/audit").json()["data"] == before
