"""An application whose webhooks are on, and what it stored."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import select

from service.app import create_app
from service.settings import SIGNED_SOURCES, Settings
from service.storage.engine import Store
from service.storage.tables import notes
from tests.api.conftest import NOW, no_language
from tests.crm.vendors import PUBLIC_URL, SAMPLES, SECRET, Sent, Vendor, vendor

Change = Callable[[Any], None]

CHANNEL = {"slack_channels": "C024BE91L=acme-01"}


def webhook_client(
    store: Store, *, clock: Callable[[], datetime] = lambda: NOW, **settings: Any
) -> TestClient:
    """A client of an application that knows the secret of every source."""
    secrets = {f"webhook_secret_{source}": SECRET for source in SIGNED_SOURCES}
    given: dict[str, Any] = {"auth": "keys", "public_url": PUBLIC_URL, **CHANNEL, **secrets}
    app = create_app(Settings(**(given | settings)), store, language=no_language, clock=clock)
    return TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False)


def deliver(client: TestClient, sent: Sent) -> Response:
    """Post what a vendor sends."""
    return client.post(sent.address, content=sent.body, headers=sent.headers)


def stored_notes(store: Store) -> dict[tuple[str, str], Any]:
    """Every note, by source and external id."""
    with store.read() as connection:
        rows = connection.execute(select(notes)).all()
    return {(row.source, row.external_id): row for row in rows}


def whole_store(store: Store) -> dict[str, list[Any]]:
    """Every row of every table but the counter that each write raises."""
    from service.storage.whole_schema import metadata

    with store.read() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(select(table)).all()))
            for table in metadata.sorted_tables
            if table.name not in ("data_version", "touched")
        }


def sample(name: str, change: Change = lambda payload: None, *, secret: str = SECRET) -> Sent:
    """A vendor's sample, changed and then signed."""
    way = vendor(name)
    return way.sent(way.packed(json.dumps(payload_of(way, change)).encode()), at=NOW, secret=secret)


def payload_of(way: Vendor, change: Change) -> Any:
    payload = json.loads((SAMPLES / way.sample).read_bytes())
    return change(payload) or payload


def outbound(change: Callable[[str], str]) -> Sent:
    way = vendor("salesforce outbound message")
    return way.sent(change(way.body.decode()).encode(), at=NOW)


def counts(answer: Response) -> dict[str, Any]:
    """What an answer counts, without the zeros."""
    assert answer.status_code == 200, answer.text
    return {name: value for name, value in answer.json().items() if value}


def merge(place: str, **values: Any) -> Change:
    """Set values deep in a payload."""

    def change(payload: Any) -> None:
        for name in filter(None, place.split(".")):
            payload = payload[int(name)] if name.isdecimal() else payload[name]
        payload.update(values)

    return change


def signed_as(message: str, body: bytes) -> Sent:
    """A generic delivery under this id."""
    stamp = str(int(NOW.timestamp()))
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    digest = hmac.new(key, f"{message}.{stamp}.".encode() + body, hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(digest).decode()}"
    headers = {"webhook-id": message, "webhook-timestamp": stamp, "webhook-signature": signature}
    return Sent("generic", body, headers)
