"""Who may do what: every address against every role."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.flows.keys import list_keys, revoke_key
from service.security import Role
from service.storage.engine import Store
from tests.api.conftest import ITEM, NOW, error_of, make_client, note, observation

Keyed = Callable[[str | None], TestClient]

OPS = {"cs_ops", "admin"}
# (method, address, body, roles that are let in)
TABLE: list[tuple[str, str, Any, set[str]]] = [
    ("POST", "/notes", note(), OPS | {"ingest"}),
    ("POST", "/notes/batch", [note()], OPS | {"ingest"}),
    ("DELETE", "/notes/manual/n-1", None, OPS | {"ingest"}),
    ("POST", "/notes/n_1/requests", {}, OPS),
    ("PATCH", "/requests/r_1", {}, OPS),
    ("PUT", "/accounts", [], OPS | {"ingest"}),
    ("PUT", "/csms", [], OPS | {"ingest"}),
    ("PUT", "/taxonomy", [ITEM], OPS),
    ("POST", "/taxonomy/decisions", {"action": "refuse", **ITEM}, OPS),
    ("POST", "/observations", observation(), OPS | {"ingest", "csm"}),
    ("POST", "/runs", None, OPS),
    ("GET", "/jobs/x", None, OPS),
    ("GET", "/requests", None, OPS | {"csm"}),
    ("GET", "/themes", None, OPS | {"csm", "product"}),
    ("GET", "/themes/t_1", None, OPS | {"csm", "product"}),
    ("GET", "/review", None, OPS),
    ("POST", "/themes/t_1/decisions", {"action": "rename", "label": "x"}, OPS),
    ("POST", "/themes/t_1/decisions", {"action": "deliver"}, OPS | {"product"}),
    ("POST", "/decisions/x/undo", None, OPS),
    ("GET", "/signals", None, OPS | {"csm", "product"}),
    ("GET", "/signals/t_1", None, OPS | {"csm", "product"}),
    ("GET", "/accounts", None, OPS | {"csm"}),
    ("GET", "/csms", None, OPS | {"csm"}),
    ("GET", "/taxonomy", None, OPS | {"csm", "product"}),
    ("GET", "/loop?csm_id=c-1", None, OPS | {"csm"}),
    ("GET", "/process-metrics", None, OPS | {"csm", "product"}),
    ("GET", "/reports/top?period=2026-09", None, OPS | {"csm", "product"}),
    ("GET", "/reports/sync", None, OPS | {"csm", "product"}),
    ("GET", "/digests/2026-09", None, OPS | {"csm", "product"}),
    ("POST", "/digests/2026-12/issue", None, OPS),
    ("POST", "/digests/2026-12/acknowledgement", {"by": "x"}, OPS | {"product"}),
    ("GET", "/audit", None, OPS),
    ("DELETE", "/accounts/a-9", None, {"admin"}),
    ("DELETE", "/csms/c-9", None, {"admin"}),
    ("GET", "/keys", None, {"admin"}),
    ("POST", "/keys", {}, {"admin"}),
    ("POST", "/keys/k_1/revoke", None, {"admin"}),
]


@pytest.mark.parametrize("role", list(Role))
def test_each_role_is_let_in_where_the_contract_says(keyed: Keyed, role: Role) -> None:
    client = keyed(role)
    wrong = []
    for method, address, body, allowed in TABLE:
        answer = client.request(method, address, json=body)
        refused = answer.status_code == 403
        if refused:
            assert error_of(answer, 403)["code"] == "role_not_allowed"
        if refused == (role in allowed):
            wrong.append((method, address, answer.status_code))
    assert wrong == []


@pytest.mark.parametrize(
    "header", [None, "Bearer", "Bearer  ", "Basic Zm9v", "Bearer gs_unknown", "gs_unknown"]
)
def test_without_a_valid_key_every_address_is_401(keyed: Keyed, header: str | None) -> None:
    client = keyed(None)
    if header is not None:
        client.headers["Authorization"] = header
    for method, address, body, _ in TABLE:
        answer = client.request(method, address, json=body)
        error_of(answer, 401)
        assert answer.headers["www-authenticate"] == "Bearer"


def test_a_key_is_asked_for_before_the_body_is_looked_at(keyed: Keyed) -> None:
    error_of(keyed(None).post("/notes", content=b"{"), 401)
    error_of(keyed("product").post("/notes", content=b"{"), 403)


def test_a_revoked_key_is_401_at_once(keyed: Keyed, sqlite_store: Store) -> None:
    client = keyed("admin")
    assert client.get("/themes").status_code == 200
    for key in list_keys(sqlite_store):
        revoke_key(sqlite_store, key.id, now=NOW, actor="test")
    assert error_of(client.get("/themes"), 401)["code"] == "revoked_key"


def test_a_csm_posts_pre_reads_as_itself_alone(keyed: Keyed) -> None:
    keyed("cs_ops").put("/taxonomy", json=[ITEM])
    client = keyed("csm")
    assert client.post("/observations", json=observation(csm_id="c-1")).status_code == 201
    other = client.post("/observations", json=observation(csm_id="c-2"))
    assert error_of(other, 403)["code"] == "not_your_csm"


def test_the_audit_trail_names_the_key_that_wrote(keyed: Keyed) -> None:
    keyed("ingest").post("/notes", json=note())
    rows = keyed("admin").get("/audit?actor=ingest").json()["data"]
    assert [row["action"] for row in rows] == ["note.accepted"]


@pytest.mark.parametrize("address", ["/health/live", "/metrics", "/docs", "/openapi.json"])
def test_what_holds_no_data_needs_no_key(keyed: Keyed, address: str) -> None:
    assert keyed(None).get(address).status_code == 200


def test_readiness_needs_no_key(keyed: Keyed) -> None:
    assert keyed(None).get("/health/ready").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "null"},
    ],
)
def test_without_keys_another_site_in_the_browser_may_not_write(
    local: TestClient, headers: dict[str, str]
) -> None:
    answer = local.post("/notes", json=note(), headers=headers)
    assert error_of(answer, 403)["code"] == "cross_site"


def test_without_keys_our_own_pages_and_scripts_may_write(local: TestClient) -> None:
    same = {"Origin": "http://127.0.0.1", "Sec-Fetch-Site": "same-origin"}
    assert local.post("/notes", json=note(), headers=same).status_code == 202
    assert local.post("/notes", json=note(external_id="n-2")).status_code == 202


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "10.0.0.5", ""])
def test_without_keys_a_name_that_was_pointed_at_us_is_refused(
    sqlite_store: Store, host: str
) -> None:
    client = make_client(sqlite_store, loopback_hosts_only=True)
    assert error_of(client.get("/themes", headers={"Host": host}), 403)["code"] == "host_not_local"


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:8000"])
def test_without_keys_this_machine_is_answered(sqlite_store: Store, host: str) -> None:
    client = make_client(sqlite_store, loopback_hosts_only=True)
    assert client.get("/themes", headers={"Host": host}).status_code == 200
