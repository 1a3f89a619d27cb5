"""Items that have no theme yet, decided on through the public door."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.flows.decide_item import propose_item
from service.storage.engine import Store
from tests.api.conftest import ITEM, NOW, error_of, make_client

DECISIONS = "/taxonomy/decisions"
PAIR = {name: ITEM[name] for name in ("feature_area", "customer_need")}


@pytest.fixture
def client(store: Store) -> TestClient:
    """The local administrator, after a CSM has proposed an item."""
    propose_item(store, ITEM, now=NOW, actor="csm")
    return make_client(store)


def only_item(client: TestClient) -> dict[str, Any]:
    (row,) = client.get("/taxonomy").json()["data"]
    assert isinstance(row, dict)
    return row


def test_a_proposed_item_is_refused_and_the_refusal_taken_back(client: TestClient) -> None:
    said = {"action": "refuse", **PAIR, "reason": "Known by another name."}
    done = client.post(DECISIONS, json=said)
    assert done.status_code == 200
    assert done.json() == {**only_item(client), "decision_id": done.json()["decision_id"]}
    assert (only_item(client)["status"], only_item(client)["theme_id"]) == ("retired", None)
    newest = client.get("/audit").json()["data"][0]
    assert (newest["actor"], newest["action"]) == ("local", "decision.refuse")
    assert client.post(f"/decisions/{done.json()['decision_id']}/undo").status_code == 200
    assert only_item(client)["status"] == "proposed"


def test_a_proposed_item_is_made_live_and_keeps_its_words(client: TestClient) -> None:
    done = client.post(DECISIONS, json={"action": "add", **PAIR}).json()
    assert (done["status"], done["description"]) == ("live", ITEM["description"])
    assert client.get(f"/themes/{done['theme_id']}").json()["status"] == "accepted"


def test_only_what_is_proposed_can_be_refused(client: TestClient) -> None:
    said = {"action": "refuse", **PAIR}
    unknown = client.post(DECISIONS, json={**said, "customer_need": "Unheard of"})
    assert error_of(unknown, 404)["code"] == "unknown_item"
    client.post(DECISIONS, json=said)
    assert error_of(client.post(DECISIONS, json=said), 409)["code"] == "not_proposed"


def test_a_decision_on_an_item_that_has_changed_since_is_refused(client: TestClient) -> None:
    seen = only_item(client)["etag"]
    client.put("/taxonomy", json=[{**ITEM, "description": "Other words."}])
    said = {"action": "refuse", **PAIR}
    stale = client.post(DECISIONS, json=said, headers={"If-Match": f'"{seen}"'})
    assert error_of(stale, 409)["code"] == "stale_etag"
    assert only_item(client)["status"] == "live"


@pytest.mark.parametrize(
    ("changes", "code"), [({"action": "drop"}, "unknown_action"), ({"customer_need": ""}, "")]
)
def test_a_decision_that_says_nothing_is_422(
    client: TestClient, changes: dict[str, str], code: str
) -> None:
    answer = client.post(DECISIONS, json={"action": "refuse", **PAIR, **changes})
    assert code in error_of(answer, 422)["code"]
