"""Signing in with a key, what the session may do, and how it ends."""

from __future__ import annotations

from datetime import datetime, timedelta
from http.cookies import SimpleCookie
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.app import create_app
from service.flows.keys import NewKey, create_key, revoke_key
from service.settings import Settings
from service.storage.engine import Store
from service.web.sign_in import local_path
from tests.api.conftest import ITEM, NOW, error_of, no_language

OURS = {"Origin": "http://127.0.0.1"}


class Browser(TestClient):
    """Keeps cookies and follows nothing by itself."""


def browser(store: Store, *, base_url: str = "http://127.0.0.1", **options: Any) -> Browser:
    clock = options.pop("clock", lambda: NOW)
    app = create_app(Settings(**options), store, language=no_language, clock=clock)
    return Browser(app, base_url=base_url, raise_server_exceptions=False, follow_redirects=False)


def made(store: Store, role: str = "cs_ops", **options: Any) -> NewKey:
    return create_key(store, role=role, name=f"the {role}", now=NOW, actor="test", **options)


def sign_in(client: TestClient, key: str, **fields: str) -> Any:
    return client.post("/login", data={"key": key, **fields}, headers=OURS)


def cookie_of(answer: Any) -> Any:
    return SimpleCookie(answer.headers["set-cookie"])["groundswell_session"]


def test_a_page_asks_to_sign_in_and_comes_back_to_itself(store: Store) -> None:
    client = browser(store)
    asked = client.get("/?quarter=2026-Q3&level=p1")
    assert asked.status_code == 303
    form = client.get(asked.headers["location"])
    assert form.status_code == 200
    assert 'value="/?quarter=2026-Q3&amp;level=p1"' in form.text
    answer = sign_in(client, made(store).key, next="/?quarter=2026-Q3&level=p1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/?quarter=2026-Q3&level=p1")
    assert client.get(answer.headers["location"]).status_code == 200


def test_the_cookie_is_for_us_alone_and_holds_no_key(sqlite_store: Store) -> None:
    key = made(sqlite_store)
    answer = sign_in(browser(sqlite_store), key.key)
    cookie = cookie_of(answer)
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "lax", "/")
    assert cookie["max-age"] == str(12 * 3600)
    assert not cookie["secure"] and not cookie["domain"]
    assert key.key not in answer.headers["set-cookie"]


def test_over_https_the_cookie_never_leaves_it(sqlite_store: Store) -> None:
    direct = browser(sqlite_store, base_url="https://127.0.0.1")
    key = made(sqlite_store).key
    answer = direct.post("/login", data={"key": key}, headers={"Origin": "https://127.0.0.1"})
    assert cookie_of(answer)["secure"]
    behind = browser(sqlite_store, public_url="https://signals.example")
    assert cookie_of(sign_in(behind, key))["secure"]


@pytest.mark.parametrize("key", ["", "gs_guess", "\x00", "x" * 5_000])
def test_a_wrong_key_signs_nobody_in(sqlite_store: Store, key: str) -> None:
    answer = sign_in(browser(sqlite_store), key)
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers
    assert "not known here" in answer.text
    assert len(key) < 10 or key not in answer.text


def test_too_many_wrong_keys_from_one_address_must_wait(sqlite_store: Store) -> None:
    client = browser(sqlite_store, login_limit="3/minute")
    assert [sign_in(client, "gs_guess").status_code for _ in range(3)] == [401] * 3
    refused = sign_in(client, made(sqlite_store).key)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0
    assert "set-cookie" not in refused.headers


def test_signing_in_often_is_no_failure(sqlite_store: Store) -> None:
    client, key = browser(sqlite_store, login_limit="3/minute"), made(sqlite_store).key
    assert [sign_in(client, key).status_code for _ in range(9)] == [303] * 9


def test_a_session_may_what_its_key_may(sqlite_store: Store) -> None:
    client = browser(sqlite_store)
    sign_in(client, made(sqlite_store, "product").key)
    assert client.get("/themes").status_code == 200
    assert error_of(client.get("/requests"), 403)["code"] == "role_not_allowed"
    ingest = browser(sqlite_store)
    sign_in(ingest, made(sqlite_store, "ingest").key)
    assert ingest.get("/").status_code == 403


def test_a_session_ends_with_its_key_at_the_next_request(sqlite_store: Store) -> None:
    client, key = browser(sqlite_store), made(sqlite_store)
    sign_in(client, key.key)
    assert client.get("/").status_code == 200
    revoke_key(sqlite_store, key.id, now=NOW, actor="test")
    assert error_of(client.get("/themes"), 401)["code"] == "revoked_key"
    assert client.get("/").headers["location"].startswith("/login")
    assert "groundswell_session" not in client.cookies


def test_a_session_ends_by_itself(sqlite_store: Store) -> None:
    times = [NOW]

    def clock() -> datetime:
        return times[-1]

    client = browser(sqlite_store, clock=clock, session_hours=2)
    sign_in(client, made(sqlite_store).key)
    times.append(NOW + timedelta(minutes=119))
    assert client.get("/themes").status_code == 200
    times.append(NOW + timedelta(minutes=120))
    # The browser would have dropped it; a thief's copy ends all the same.
    client.cookies.set("groundswell_session", client.cookies["groundswell_session"])
    assert error_of(client.get("/themes"), 401)["code"] == "session_over"


def test_signing_out_forgets_the_session(sqlite_store: Store) -> None:
    client = browser(sqlite_store)
    sign_in(client, made(sqlite_store).key)
    assert "the cs_ops" in client.get("/login").text
    assert client.post("/logout", headers=OURS).status_code == 303
    assert "groundswell_session" not in client.cookies
    assert client.get("/").status_code == 303


@pytest.mark.parametrize("changed", ["", "x", "{}", "e30.x", "last"])
def test_a_cookie_that_was_not_made_here_is_no_session(sqlite_store: Store, changed: str) -> None:
    client = browser(sqlite_store)
    sealed = cookie_of(sign_in(client, made(sqlite_store).key)).value
    forged = sealed[:-1] + ("A" if sealed[-1] != "A" else "B") if changed == "last" else changed
    stranger = browser(sqlite_store)
    stranger.cookies.set("groundswell_session", forged)
    assert error_of(stranger.get("/themes"), 401)["code"] == "session_over"


def test_several_processes_take_each_others_sessions(store: Store) -> None:
    first, second = browser(store), browser(store)
    sealed = cookie_of(sign_in(first, made(store).key)).value
    second.cookies.set("groundswell_session", sealed)
    assert second.get("/").status_code == 200
    strange = browser(store, session_secret="another secret of thirty-two characters")
    strange.cookies.set("groundswell_session", sealed)
    assert strange.get("/").status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1"},
    ],
)
def test_another_site_writes_nothing_in_a_session(
    sqlite_store: Store, headers: dict[str, str]
) -> None:
    key = made(sqlite_store)
    client = browser(sqlite_store)
    sign_in(client, key.key)
    refused = client.put("/taxonomy", json=[ITEM], headers=headers)
    assert error_of(refused, 403)["code"] == "cross_site"
    assert client.post("/logout", headers=headers).status_code == 403
    assert client.post("/login", data={"key": key.key}, headers=headers).status_code == 403
    assert client.put("/taxonomy", json=[ITEM], headers=OURS).status_code == 200


def test_a_key_in_the_header_needs_no_origin_and_goes_before_the_cookie(
    sqlite_store: Store,
) -> None:
    client = browser(sqlite_store)
    sign_in(client, made(sqlite_store, "product").key)
    bearer = {"Authorization": f"Bearer {made(sqlite_store).key}", "Sec-Fetch-Site": "cross-site"}
    assert client.put("/taxonomy", json=[ITEM], headers=bearer).status_code == 200


def test_what_a_session_writes_is_in_the_audit_trail_under_its_name(sqlite_store: Store) -> None:
    client = browser(sqlite_store)
    sign_in(client, made(sqlite_store).key)
    client.put("/taxonomy", json=[ITEM], headers=OURS)
    rows = client.get("/audit").json()["data"]
    assert {(row["actor"], row["action"]) for row in rows} >= {
        ("the cs_ops", "session.opened"),
        ("the cs_ops", "taxonomy.upsert"),
    }


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "evil.example",
        "",
        "/%0d%0a\r\nSet-Cookie: a=b",
        "//[",
    ],
)
def test_signing_in_leads_nobody_to_another_site(sqlite_store: Store, address: str) -> None:
    assert local_path(address) == "/"
    client = browser(sqlite_store)
    answer = sign_in(client, made(sqlite_store).key, next=address)
    assert answer.headers["location"] == "/"


@pytest.mark.parametrize("address", ["/", "/?a=b&c=d", "/board/t_1?x=%2F%2Fevil.example"])
def test_places_on_this_site_are_kept(address: str) -> None:
    assert local_path(address) == address


def test_without_keys_there_is_nothing_to_sign_in_to(sqlite_store: Store) -> None:
    client = browser(sqlite_store, auth="off")
    assert client.get("/").status_code == 200
    assert "Authentication is off" in client.get("/login").text


def test_the_form_works_without_a_script_and_under_the_strict_policy(sqlite_store: Store) -> None:
    page = browser(sqlite_store).get("/login")
    assert "<script" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "same-origin"
