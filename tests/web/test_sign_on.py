"""Single sign-on against a provider on loopback, and every lie that it must not be told."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient
from joserfc import jwt
from joserfc.jwk import RSAKey

from service.flows.keys import list_keys, revoke_key
from service.storage.engine import Store
from tests.api.conftest import NOW
from tests.identity_provider import CLIENT_ID, CLIENT_SECRET, IdentityProvider, serving
from tests.web.test_sign_in import browser


@pytest.fixture(scope="module")
def one_provider() -> Iterator[IdentityProvider]:
    with serving() as provider:
        yield provider


@pytest.fixture
def provider(one_provider: IdentityProvider) -> IdentityProvider:
    one_provider.now = int(NOW.timestamp())
    one_provider.claims = {"sub": "u-1", "groundswell_role": "cs_ops"}
    one_provider.lies, one_provider.description = {}, {}
    one_provider.sign, one_provider.is_down = one_provider.sign_well, False
    return one_provider


def client_of(store: Store, provider: IdentityProvider, **options: Any) -> TestClient:
    return browser(
        store,
        oidc_issuer=provider.issuer,
        oidc_client_id=CLIENT_ID,
        oidc_client_secret=CLIENT_SECRET,
        **options,
    )


def come_back(client: TestClient, provider: IdentityProvider, **changes: str) -> Any:
    begun = client.get("/login/oidc", params={"next": "/?quarter=2026-Q3"})
    assert begun.status_code == 303
    answer = provider.authorize(begun.headers["location"]) | changes
    return client.get("/login/oidc/callback", params=answer)


def test_who_is_vouched_for_is_in_with_their_role(store: Store, provider: IdentityProvider) -> None:
    provider.claims |= {"email": "ana@x.example", "email_verified": True}
    client = client_of(store, provider)
    answer = come_back(client, provider)
    assert (answer.status_code, answer.headers["location"]) == (303, "/?quarter=2026-Q3")
    assert client.get("/review").status_code == 200
    assert client.get("/keys").status_code == 403
    assert "ana@x.example" in client.get("/login").text
    (key,) = list_keys(store)
    assert (key.name, key.role) == ("ana@x.example", "cs_ops")


def test_the_provider_is_asked_with_pkce_state_and_nonce(
    sqlite_store: Store, provider: IdentityProvider
) -> None:
    client = client_of(sqlite_store, provider)
    asked = [parse_qs(urlsplit(client.get("/login/oidc").headers["location"]).query) for _ in "12"]
    for query in asked:
        assert query["response_type"] == ["code"]
        assert query["code_challenge_method"] == ["S256"]
        assert query["scope"][0].split()[0] == "openid"
        assert query["redirect_uri"] == ["http://127.0.0.1/login/oidc/callback"]
    for name in ("state", "nonce", "code_challenge"):
        assert asked[0][name] != asked[1][name]
        assert len(asked[0][name][0]) >= 43


@pytest.mark.parametrize(
    "lies",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "another client"},
        {"aud": "another client", "azp": CLIENT_ID},
        {"aud": None},
        {"aud": [CLIENT_ID, "another"], "azp": "another"},
        {"exp": int(NOW.timestamp()) - 120},
        {"exp": None},
        {"iat": int(NOW.timestamp()) + 600},
        {"nbf": int(NOW.timestamp()) + 600},
        {"sub": None},
    ],
)
def test_a_token_that_is_not_for_this_sign_in_is_refused(
    sqlite_store: Store, provider: IdentityProvider, lies: dict[str, Any]
) -> None:
    provider.lies = lies
    refused(sqlite_store, provider, 401)


def refused(store: Store, provider: IdentityProvider, status: int, **changes: str) -> Any:
    client = client_of(store, provider)
    answer = come_back(client, provider, **changes)
    assert answer.status_code == status, answer.text
    assert "groundswell_session" not in client.cookies
    assert list_keys(store) == []
    assert client.get("/").status_code == 303
    return answer


def test_a_token_signed_by_another_is_refused(
    sqlite_store: Store, provider: IdentityProvider
) -> None:
    another = RSAKey.generate_key(2048, {"kid": "k1"})
    provider.sign = lambda claims: jwt.encode({"alg": "RS256", "kid": "k1"}, claims, another)
    refused(sqlite_store, provider, 401)


def test_a_token_signed_with_what_everybody_knows_is_refused(
    sqlite_store: Store, provider: IdentityProvider
) -> None:
    # The provider's public key, or our client's secret, taken as a shared one; or nothing at all.
    for known in (provider.key.as_pem(private=False), CLIENT_SECRET.encode(), None):
        provider.sign = lambda claims, known=known: signed_by_hand(claims, known)
        refused(sqlite_store, provider, 401)


def signed_by_hand(claims: dict[str, Any], secret: bytes | None) -> str:
    """A token that no library would make."""
    header = {"alg": "none" if secret is None else "HS256", "kid": "k1"}
    body = b".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=")
        for part in (header, claims)
    )
    mac = b"" if secret is None else hmac.digest(secret, body, "sha256")
    return (body + b"." + base64.urlsafe_b64encode(mac).rstrip(b"=")).decode()


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "another"},
        {"state": ""},
        {"code": "code-x"},
        {"code": ""},
        {"error": "denied"},
        {"iss": "https://evil.example"},
    ],
)
def test_an_answer_to_another_question_is_refused(
    sqlite_store: Store, provider: IdentityProvider, changes: dict[str, str]
) -> None:
    refused(sqlite_store, provider, 401, **changes)


def test_an_answer_in_another_browser_is_refused(
    sqlite_store: Store, provider: IdentityProvider
) -> None:
    begun = client_of(sqlite_store, provider).get("/login/oidc")
    answer = provider.authorize(begun.headers["location"])
    other = client_of(sqlite_store, provider)
    assert other.get("/login/oidc/callback", params=answer).status_code == 401
    other.get("/login/oidc")
    assert other.get("/login/oidc/callback", params=answer).status_code == 401


def test_a_code_is_good_once(sqlite_store: Store, provider: IdentityProvider) -> None:
    client = client_of(sqlite_store, provider)
    begun = client.get("/login/oidc")
    answer = provider.authorize(begun.headers["location"])
    assert client.get("/login/oidc/callback", params=answer).status_code == 303
    assert client.get("/login/oidc/callback", params=answer).status_code == 401


@pytest.mark.parametrize(
    ("claims", "settings", "role"),
    [
        ({"groundswell_role": ["csm", "cs_ops"], "groundswell_csm_id": "c-1"}, {}, "cs_ops"),
        ({"groundswell_role": "csm", "groundswell_csm_id": "c-1"}, {}, "csm"),
        (
            {"realm_access": {"roles": ["staff", "pm"]}},
            {"oidc_role_claim": "realm_access.roles", "oidc_roles": "pm=product, boss=admin"},
            "product",
        ),
        (
            {"https://x.example/role": "admin"},
            {"oidc_role_claim": "https://x.example/role"},
            "admin",
        ),
    ],
)
def test_a_claim_says_the_role(
    sqlite_store: Store,
    provider: IdentityProvider,
    claims: dict[str, Any],
    settings: dict[str, str],
    role: str,
) -> None:
    provider.claims = {"sub": "u-1", **claims}
    assert come_back(client_of(sqlite_store, provider, **settings), provider).status_code == 303
    (key,) = list_keys(sqlite_store)
    assert (key.role, key.csm_id) == (role, "c-1" if role == "csm" else None)


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"groundswell_role": "root"},
        {"groundswell_role": ["staff"]},
        {"groundswell_role": {"admin": True}},
        {"groundswell_role": 1},
        {"groundswell_role": "csm"},
        {"groundswell_role": "csm", "groundswell_csm_id": 7},
    ],
)
def test_without_a_role_nobody_is_in(
    sqlite_store: Store, provider: IdentityProvider, claims: dict[str, Any]
) -> None:
    provider.claims = {"sub": "u-1", **claims}
    refused(sqlite_store, provider, 403)


def test_an_address_that_was_not_verified_names_nobody(
    sqlite_store: Store, provider: IdentityProvider
) -> None:
    provider.claims |= {"email": "boss@x.example", "email_verified": False}
    come_back(client_of(sqlite_store, provider), provider)
    assert list_keys(sqlite_store)[0].name == "u-1"


def test_an_administrator_can_keep_a_person_out(
    sqlite_store: Store, provider: IdentityProvider
) -> None:
    client = client_of(sqlite_store, provider)
    come_back(client, provider)
    (key,) = list_keys(sqlite_store)
    revoke_key(sqlite_store, key.id, now=NOW, actor="admin")
    assert client.get("/").status_code == 303
    assert come_back(client, provider).status_code == 401


def test_a_provider_that_is_down_leaves_the_form(
    sqlite_store: Store, provider: IdentityProvider
) -> None:
    provider.is_down = True
    answer = client_of(sqlite_store, provider).get("/login/oidc")
    assert answer.status_code == 503
    assert 'name="key"' in answer.text


@pytest.mark.parametrize(
    "description",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://evil.example/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": None},
    ],
)
def test_a_provider_that_describes_another_is_not_used(
    sqlite_store: Store, provider: IdentityProvider, description: dict[str, Any]
) -> None:
    provider.description = description
    assert client_of(sqlite_store, provider).get("/login/oidc").status_code == 503


def test_it_is_off_unless_set(sqlite_store: Store) -> None:
    client = browser(sqlite_store)
    assert "/login/oidc" not in client.get("/login").text
    assert client.get("/login/oidc").status_code == 404
    assert client.get("/login/oidc/callback?code=a&state=b").status_code == 404
