"""Keys over HTTP: an administrator makes, lists and revokes them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from service.storage.engine import Store
from tests.api.conftest import NOW, error_of, make_client

Keyed = Callable[[str | None], TestClient]


def test_a_key_is_shown_once_and_opens_what_it_was_made_for(
    client: TestClient, store: Store
) -> None:
    made = client.post("/keys", json={"role": "product", "name": "Pat"})
    assert made.status_code == 201
    assert made.headers["cache-control"] == "no-store"
    key = made.json()["key"]
    assert key not in client.get("/keys").text
    assert key not in client.get("/audit").text
    holder = make_client(store, auth="keys")
    holder.headers["Authorization"] = f"Bearer {key}"
    assert holder.get("/themes").status_code == 200
    assert error_of(holder.get("/requests"), 403)["code"] == "role_not_allowed"


def test_the_list_tells_the_state_of_each(client: TestClient) -> None:
    wish = {"role": "csm", "name": "Cas", "csm_id": "c-1", "expires_at": "2027-01-01T00:00:00Z"}
    first = client.post("/keys", json=wish).json()
    second = client.post("/keys", json={"role": "admin", "name": "Ada"}).json()
    client.post(f"/keys/{second['id']}/revoke")
    rows = {row["name"]: row for row in client.get("/keys").json()["data"]}
    assert rows["Cas"] == {name: value for name, value in first.items() if name != "key"}
    assert rows["Cas"]["state"] == "live"
    assert rows["Cas"]["expires_at"] == "2027-01-01T00:00:00Z"
    assert (rows["Ada"]["state"], rows["Ada"]["revoked_at"]) == ("revoked", "2026-10-01T12:00:00Z")
    assert not any("hash" in name or "subject" in name for name in rows["Ada"])


def test_the_list_comes_in_pages(local: TestClient) -> None:
    for number in range(5):
        local.post("/keys", json={"role": "admin", "name": f"k{number}"})
    first = local.get("/keys?limit=3").json()
    rest = local.get("/keys", params={"limit": 3, "cursor": first["next_cursor"]}).json()
    names = {row["name"] for row in first["data"] + rest["data"]}
    assert names == {f"k{number}" for number in range(5)}
    assert rest["next_cursor"] == ""


def test_a_revoked_key_opens_nothing_from_then_on(keyed: Keyed) -> None:
    admin = keyed("admin")
    made = admin.post("/keys", json={"role": "cs_ops", "name": "Ops"}).json()
    holder = keyed(None)
    holder.headers["Authorization"] = f"Bearer {made['key']}"
    assert holder.get("/review").status_code == 200
    assert admin.post(f"/keys/{made['id']}/revoke").json()["state"] == "revoked"
    assert error_of(holder.get("/review"), 401)["code"] == "revoked_key"
    assert admin.post(f"/keys/{made['id']}/revoke").status_code == 200


def test_an_expired_key_is_401_and_says_so(sqlite_store: Store) -> None:
    wish = {"role": "cs_ops", "name": "Ops", "expires_at": "2026-10-01T13:00:00Z"}
    key = make_client(sqlite_store).post("/keys", json=wish).json()["key"]
    later = make_client(sqlite_store, auth="keys", clock=lambda: NOW + timedelta(hours=1))
    later.headers["Authorization"] = f"Bearer {key}"
    assert error_of(later.get("/review"), 401)["code"] == "expired_key"


def test_a_key_nobody_made_is_404(local: TestClient) -> None:
    assert error_of(local.post("/keys/k_none/revoke"), 404)["code"] == "unknown_key"


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({}, "missing_field"),
        ({"role": "root", "name": "x"}, "unknown_role"),
        ({"role": "admin", "name": "x", "expires_at": "2026-10-01T12:00:00Z"}, "bad_expiry"),
    ],
)
def test_a_wish_that_can_not_be_is_422(local: TestClient, wish: dict[str, str], code: str) -> None:
    assert error_of(local.post("/keys", json=wish), 422)["code"] == code
    assert local.get("/keys").json()["data"] == []
