"""A served application over a real store, a clock that stands still, and callers of each role."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient

from models.errors import Unavailable
from service.app import create_app
from service.flows.keys import create_key
from service.settings import Settings
from service.storage.engine import Store

NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)

MakeClient = Callable[..., TestClient]


def no_language() -> Any:
    """The models of a machine without an encoder."""
    raise Unavailable("There is no encoder here.", code="encoder_unavailable")


def make_client(store: Store, **options: Any) -> TestClient:
    """A client of an application on this store; `auth` is off unless given."""
    settings = Settings(auth=options.pop("auth", "off"), policy=options.pop("policy", "combined"))
    options.setdefault("language", no_language)
    options.setdefault("clock", lambda: NOW)
    app = create_app(settings, store, **options)
    return TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False)


@pytest.fixture
def client(store: Store) -> TestClient:
    """The local administrator, on each database."""
    return make_client(store)


@pytest.fixture
def local(sqlite_store: Store) -> TestClient:
    """The local administrator on SQLite alone, for what does not depend on the database."""
    return make_client(sqlite_store)


@pytest.fixture
def keyed(sqlite_store: Store) -> Iterator[Callable[[str | None], TestClient]]:
    """A maker of clients that show a key of a role; None shows none. csm is bound to c-1."""

    def client_of(role: str | None) -> TestClient:
        client = make_client(sqlite_store, auth="keys")
        if role is not None:
            made = create_key(
                sqlite_store,
                role=role,
                name=role,
                csm_id="c-1" if role == "csm" else None,
                now=NOW,
                actor="test",
            )
            client.headers["Authorization"] = f"Bearer {made.key}"
        return client

    yield client_of


def note(**changes: Any) -> dict[str, Any]:
    """A note that is accepted as it stands."""
    return {
        "source": "manual",
        "external_id": "n-1",
        "account_id": "a-1",
        "csm_id": "c-1",
        "occurred_at": "2026-07-03T09:30:00Z",
        "text": "They need to export everything at once.",
        **changes,
    }


def observation(**changes: Any) -> dict[str, Any]:
    """A pre-read that is accepted once its item is live."""
    return {
        "csm_id": "c-1",
        "account_id": "a-1",
        "occurred_at": "2026-07-03T09:30:00Z",
        "feature_area": "Export",
        "customer_need": "Bulk export",
        "severity": "degraded",
        "accounts_count": 1,
        "verbatim": "We copy page by page.",
        **changes,
    }


ITEM = {"feature_area": "Export", "customer_need": "Bulk export", "description": "All at once."}


def error_of(response: Any, status: int) -> dict[str, Any]:
    """The error of an answer, after checking that it is the one shape under this status."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    body = response.json()
    assert set(body) == {"error"}
    error: dict[str, Any] = body["error"]
    assert set(error) == {"code", "message", "field", "request_id"}
    assert error["code"].replace("_", "").isalnum() and error["code"].islower()
    assert error["message"].endswith(".")
    assert error["request_id"] == response.headers["x-request-id"]
    return error
