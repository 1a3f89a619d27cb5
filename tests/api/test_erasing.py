"""Erasing through the public door."""

from __future__ import annotations

from fastapi.testclient import TestClient

from service.storage.engine import Store
from tests.api.conftest import error_of, note
from tests.stored import put_request


def test_an_erased_account_is_gone_from_every_answer(client: TestClient, store: Store) -> None:
    put_request(store, client.post("/notes", json=note(account_id="a/1")).json()["id"])
    assert client.delete("/accounts/a/1").status_code == 204
    assert client.get("/requests").json()["data"] == []
    assert client.get("/accounts").json()["data"] == []
    assert client.post("/notes", json=note(account_id="a/1")).json()["status"] == "deleted"
    assert error_of(client.delete("/accounts/a/1"), 404)["code"] == "unknown_account"


def test_an_erased_csm_is_another_one_without_a_name(client: TestClient, store: Store) -> None:
    client.put("/csms", json=[{"csm_id": "c-1", "name": "Jane", "email": "j@us.example"}])
    put_request(store, client.post("/notes", json=note()).json()["id"])
    assert client.delete("/csms/c-1").status_code == 204
    assert client.delete("/csms/c-1").status_code == 204
    (csm,) = client.get("/csms").json()["data"]
    (request,) = client.get("/requests").json()["data"]
    assert (csm["name"], csm["email"]) == (None, None)
    assert request["csm_id"] == csm["csm_id"] != "c-1"
    answer = client.put("/csms", json=[{"csm_id": "c-1", "name": "Jane"}]).json()
    assert [bad["code"] for bad in answer["rejected"]] == ["csm_erased"]
