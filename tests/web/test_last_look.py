"""The cookie that remembers when a CSM looked last."""

from __future__ import annotations

from fastapi.testclient import TestClient

from service.app import create_app
from service.flows.keys import create_key
from service.settings import Settings
from service.storage.engine import Store
from tests.api.conftest import NOW, no_language


def test_it_is_for_https_alone_where_the_service_is_reached_by_it(sqlite_store: Store) -> None:
    made = create_key(sqlite_store, role="csm", name="c", csm_id="c-1", now=NOW, actor="t")
    # A proxy has taken https off.
    settings = Settings(public_url="https://signals.example")
    app = create_app(settings, sqlite_store, language=no_language, clock=lambda: NOW)
    client = TestClient(app, base_url="http://127.0.0.1")
    page = client.get("/desk/reports", headers={"Authorization": f"Bearer {made.key}"})
    assert page.status_code == 200
    assert {"Secure", "HttpOnly", "SameSite=lax"} <= {*page.headers["set-cookie"].split("; ")}
