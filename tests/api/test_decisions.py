"""Decisions through the public door: what they answer, and two people at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.storage.engine import Store
from tests.api.conftest import ITEM, error_of, make_client, observation

OTHER = {"feature_area": "Import", "customer_need": "Bulk import"}


@pytest.fixture
def theme(client: TestClient) -> dict[str, Any]:
    """The theme of a live item with one request."""
    return fill(client)


def fill(client: TestClient) -> dict[str, Any]:
    client.put("/taxonomy", json=[ITEM, OTHER])
    client.post("/observations", json=observation())
    rows = client.get("/themes").json()["data"]
    found = next(row for row in rows if row["customer_need"] == ITEM["customer_need"])
    detail: dict[str, Any] = client.get(f"/themes/{found['id']}").json()
    return detail


def decide(client: TestClient, theme: dict[str, Any], **body: Any) -> Any:
    return client.post(f"/themes/{theme['id']}/decisions", json=body)


def test_a_decision_answers_the_theme_after_it_and_is_undone(
    client: TestClient, theme: dict[str, Any]
) -> None:
    done = decide(client, theme, action="rename", label="Whole exports")
    assert done.status_code == 200
    body = done.json()
    assert (body["label"], bool(body["decision_id"])) == ("Whole exports", True)
    assert body["etag"] != theme["etag"]
    undone = client.post(f"/decisions/{body['decision_id']}/undo")
    assert undone.status_code == 200
    assert client.get(f"/themes/{theme['id']}").json()["label"] == theme["label"]
    again = client.post(f"/decisions/{body['decision_id']}/undo")
    assert error_of(again, 409)["code"] == "already_undone"


def test_undoing_what_nobody_decided_is_404(client: TestClient) -> None:
    error_of(client.post("/decisions/none/undo"), 404)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "missing_field"),
        ({"action": "shrug"}, "unknown_action"),
        ({"action": "rename", "label": " "}, "empty_field"),
        ({"action": "severity", "requests": ["r"], "severity": "huge"}, "unknown_severity"),
        ({"action": "split", "requests": ["r_none"]}, "unknown_request"),
        ({"action": "split", "requests": []}, "empty_list"),
        ({"action": "reject"}, "missing_field"),
    ],
)
def test_a_bad_decision_is_named_and_changes_nothing(
    client: TestClient, theme: dict[str, Any], body: dict[str, Any], code: str
) -> None:
    assert error_of(decide(client, theme, **body), 422)["code"] == code
    assert client.get(f"/themes/{theme['id']}").json()["etag"] == theme["etag"]


def test_a_merge_into_itself_is_refused(client: TestClient, theme: dict[str, Any]) -> None:
    refused = decide(client, theme, action="merge", into=theme["id"])
    assert error_of(refused, 422)["code"] == "merge_into_itself"


def test_a_split_of_requests_that_are_not_members_is_refused(
    client: TestClient, theme: dict[str, Any]
) -> None:
    client.post("/observations", json=observation(**OTHER))
    rows = client.get("/requests").json()["data"]
    stranger = next(row["id"] for row in rows if row["theme_id"] != theme["id"])
    refused = decide(client, theme, action="split", requests=[stranger])
    assert error_of(refused, 422)["code"] == "not_members"


def test_the_second_of_two_who_looked_at_once_gets_409(
    client: TestClient, theme: dict[str, Any]
) -> None:
    address = f"/themes/{theme['id']}/decisions"
    seen = {"If-Match": f'"{theme["etag"]}"'}
    first = client.post(address, json={"action": "rename", "label": "Ana"}, headers=seen)
    second = client.post(address, json={"action": "rename", "label": "Ben"}, headers=seen)
    assert first.status_code == 200
    assert error_of(second, 409)["code"] == "stale_etag"
    assert client.get(f"/themes/{theme['id']}").json()["label"] == "Ana"


def test_of_two_at_the_same_moment_one_gets_409(store: Store) -> None:
    client = make_client(store)
    theme = fill(client)
    address = f"/themes/{theme['id']}/decisions"
    together = threading.Barrier(2)
    statuses = []

    def decide_as(name: str) -> None:
        own = make_client(store)
        together.wait()
        answer = own.post(
            address,
            json={"action": "rename", "label": name},
            headers={"If-Match": f'"{theme["etag"]}"'},
        )
        statuses.append(answer.status_code)

    people = [threading.Thread(target=decide_as, args=(name,)) for name in ("Ana", "Ben")]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert sorted(statuses) == [200, 409]


def test_the_etag_header_of_a_theme_is_good_for_if_match_too(
    client: TestClient, theme: dict[str, Any]
) -> None:
    shown = client.get(f"/themes/{theme['id']}").headers["etag"]
    answer = client.post(
        f"/themes/{theme['id']}/decisions",
        json={"action": "rename", "label": "x"},
        headers={"If-Match": shown},
    )
    assert answer.status_code == 200


def test_product_delivers_and_decides_nothing_else(
    keyed: Callable[[str | None], TestClient],
) -> None:
    theme = fill(keyed("cs_ops"))
    product = keyed("product")
    delivered = decide(product, theme, action="deliver", state="shipped", release_note="Done.")
    assert delivered.status_code == 200
    assert delivered.json()["delivery"]["state"] == "shipped"
    refused = decide(product, theme, action="rename", label="x")
    assert error_of(refused, 403)["field"] == "action"
    error_of(product.post(f"/decisions/{delivered.json()['decision_id']}/undo"), 403)


def test_a_new_item_is_accepted_without_an_encoder(
    client: TestClient, theme: dict[str, Any]
) -> None:
    """The worker embeds its words when it can; the decision does not wait for that."""
    client.post("/observations", json=observation(external_id="o-2", account_id="a-2"))
    members = client.get(f"/themes/{theme['id']}").json()["members"]
    split = decide(client, theme, action="split", requests=[members[0]["id"]]).json()
    rows = client.get("/themes", params={"status": "proposed"}).json()["data"]
    proposed = next(row for row in rows if row["id"] != theme["id"])
    accepted = decide(
        client, proposed, action="accept", feature_area="Export", customer_need="Scheduled export"
    )
    assert split["decision_id"]
    assert accepted.status_code == 200, accepted.text
    assert accepted.json()["status"] == "accepted"


def test_an_item_is_renamed_with_its_theme_and_back(
    client: TestClient, theme: dict[str, Any]
) -> None:
    pair = {"feature_area": "Data", "customer_need": "Exports"}
    done = decide(client, theme, action="edit", **pair, description="Everything at once.")
    assert done.status_code == 200, done.text
    body = done.json()
    assert (body["id"], body["feature_area"], body["requests"]) == (theme["id"], "Data", 1)
    # What is posted under the new name goes where everything is; the old one is known no more.
    assert client.post("/observations", json=observation(**pair)).status_code == 201
    error_of(client.post("/observations", json=observation(severity="minor")), 422)
    assert client.post(f"/decisions/{body['decision_id']}/undo").status_code == 200
    assert client.get(f"/themes/{theme['id']}").json()["customer_need"] == ITEM["customer_need"]


def test_an_items_words_go_with_an_edit_or_stay(client: TestClient, theme: dict[str, Any]) -> None:
    decide(client, theme, action="edit", **{**ITEM, "examples": ["All rows"]})
    pair = {name: ITEM[name] for name in ("feature_area", "customer_need")}
    decide(client, theme, action="edit", **pair, description="Other words.")
    rows = client.get("/taxonomy").json()["data"]
    item = next(row for row in rows if row["customer_need"] == ITEM["customer_need"])
    assert (item["description"], item["examples"]) == ("Other words.", ["All rows"])
