"""Requests as they are read, shown, filtered and mended, through the public door."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from service.jobs.worker import Worker
from service.storage.engine import Store
from service.storage.tables import vectors
from tests.api.conftest import ITEM, NOW, error_of, make_client, note
from tests.language_fakes import fake_language

TEXT = "Call 😀 went well. They need a bulk export. Users asked about it twice."


@pytest.fixture
def client(store: Store) -> TestClient:
    """The local administrator, after one note was read against a one-item taxonomy."""
    client = make_client(store, language=fake_language)
    client.put("/taxonomy", json=[ITEM])
    client.post("/notes", json=note(text=TEXT))
    worker = Worker(store, fake_language, clock=lambda: NOW)
    while worker.run_once():
        pass
    return client


def only(client: TestClient, **query: str) -> dict[str, Any]:
    rows = client.get("/requests", params=query).json()["data"]
    assert len(rows) == 1
    found: dict[str, Any] = rows[0]
    return found


def words_in_store(store: Store) -> int:
    with store.read() as connection:
        return connection.scalar(select(func.count()).select_from(vectors)) or 0


def test_an_edit_moves_the_spans_at_once(client: TestClient) -> None:
    before = only(client)
    edited = "Hello 😀\r\n" + TEXT
    client.post("/notes", json=note(text=edited))
    row = only(client)
    assert (row["id"], row["text"]) == (before["id"], before["text"])
    assert row["text"] == edited[row["start"] : row["end"]]


def test_words_that_an_edit_took_out_are_gone_before_the_note_is_read_anew(
    client: TestClient, store: Store
) -> None:
    kept = words_in_store(store)
    client.post("/notes", json=note(text="All is well."))
    assert client.get("/requests").json()["data"] == []
    assert words_in_store(store) == kept - 1


def test_an_edit_that_keeps_the_words_keeps_what_people_decided(
    client: TestClient, store: Store
) -> None:
    row = only(client)
    decided = {"action": "severity", "requests": [row["id"]], "severity": "blocking"}
    client.post(f"/themes/{row['theme_id']}/decisions", json=decided)
    edited = "Twice, and again. " + TEXT
    client.post("/notes", json=note(text=edited))
    worker = Worker(store, fake_language, clock=lambda: NOW)
    while worker.run_once():
        pass
    after = only(client)
    assert (after["id"], after["severity"], after["severity_by"]) == (
        row["id"],
        "blocking",
        "person",
    )
    assert after["text"] == edited[after["start"] : after["end"]]


def test_of_two_equal_requests_the_one_that_an_edit_leaves_keeps_its_id(
    client: TestClient, store: Store
) -> None:
    twice = "They need okta.\nThey need okta."
    client.post("/notes", json=note(external_id="n-2", text=twice))
    worker = Worker(store, fake_language, clock=lambda: NOW)
    while worker.run_once():
        pass
    first, _ = sorted(
        client.get("/requests", params={"external_id": "n-2"}).json()["data"],
        key=lambda row: row["start"],
    )
    once = "Well then. They need okta."
    client.post("/notes", json=note(external_id="n-2", text=once))
    at_once = only(client, external_id="n-2")
    while worker.run_once():
        pass
    read_anew = only(client, external_id="n-2")
    assert at_once["id"] == read_anew["id"] == first["id"]
    assert once[read_anew["start"] : read_anew["end"]] == read_anew["text"]


def test_a_request_is_an_exact_span_in_code_points(client: TestClient) -> None:
    row = only(client)
    assert row["text"] == TEXT[row["start"] : row["end"]] == "They need a bulk export."
    assert (row["source"], row["external_id"], row["account_id"]) == ("manual", "n-1", "a-1")
    assert row["severity_by"] == "model"


def test_its_candidates_are_live_items_best_first(client: TestClient) -> None:
    row = only(client)
    assert [candidate["customer_need"] for candidate in row["candidates"]] == ["Bulk export"]


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ({"quarter": "2026-Q3"}, 1),
        ({"quarter": "2026-Q2"}, 0),
        ({"source": "manual", "external_id": "n-1"}, 1),
        ({"source": "manual", "external_id": "n-2"}, 0),
        ({"note_id": "n_none"}, 0),
        ({"theme_id": "t_none"}, 0),
        ({"q": "BULK"}, 1),
        ({"q": "calendar"}, 0),
        ({"theme_id": "", "quarter": "", "tagged": "", "q": ""}, 1),
    ],
)
def test_filters_choose_rows(client: TestClient, query: dict[str, str], rows: int) -> None:
    assert len(client.get("/requests", params=query).json()["data"]) == rows


def test_tagged_and_untagged_are_the_whole(client: TestClient) -> None:
    counts = [
        len(client.get("/requests", params={"tagged": tagged}).json()["data"])
        for tagged in ("true", "false")
    ]
    assert sorted(counts) == [0, 1]


def test_a_missed_request_is_added_and_that_is_undone(client: TestClient) -> None:
    start = TEXT.index("Users")
    body = {"start": start, "end": len(TEXT), "severity": "blocking", "theme_id": None}
    added = client.post(f"/notes/{only(client)['note_id']}/requests", json=body)
    assert added.status_code == 201, added.text
    row = added.json()
    assert (row["text"], row["severity"]) == (TEXT[start:], "blocking")
    assert len(client.get("/requests").json()["data"]) == 2
    assert client.post(f"/decisions/{row['decision_id']}/undo").status_code == 200
    assert len(client.get("/requests").json()["data"]) == 1


def test_a_span_is_mended_and_keeps_its_id(client: TestClient) -> None:
    row = only(client)
    mended = client.patch(
        f"/requests/{row['id']}", json={"start": row["start"] + 5, "end": row["end"]}
    )
    assert mended.status_code == 200, mended.text
    assert (mended.json()["id"], mended.json()["text"]) == (row["id"], "need a bulk export.")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"start": 5, "end": 5}, "end"),
        ({"start": -1, "end": 5}, "start"),
        ({"start": 0, "end": 10_000}, "end"),
        ({"start": "0", "end": 5}, "start"),
        ({"start": 0}, "end"),
        ({"start": 0.5, "end": 5}, "start"),
    ],
)
def test_a_bad_span_is_named_and_changes_nothing(
    client: TestClient, body: dict[str, Any], field: str
) -> None:
    before = only(client)
    assert error_of(client.patch(f"/requests/{before['id']}", json=body), 422)["field"] == field
    assert only(client) == before


def test_a_request_or_note_that_does_not_exist_is_404(client: TestClient) -> None:
    body = {"start": 0, "end": 5, "severity": "minor", "theme_id": None}
    error_of(client.patch("/requests/r_none", json=body), 404)
    error_of(client.post("/notes/n_none/requests", json=body), 404)


def test_what_waits_is_in_the_review_queue(client: TestClient) -> None:
    client.put("/taxonomy", json=[{"feature_area": "A", "customer_need": "Other thing"}])
    rows = client.get("/review").json()["data"]
    for row in rows:
        assert row["kind"] in ("theme", "requests")
        assert row["theme"]["etag"]
        assert len(row["requests"]) <= 12
        assert set(row["impact"]) == {"signals", "arr"}


def test_the_jobs_error_says_what_it_waits_for(store: Store) -> None:
    client = make_client(store)
    job = client.post("/runs").json()["job_id"]
    worker = Worker(store, client.app.state.services.language, clock=lambda: NOW)  # type: ignore[attr-defined]
    worker.run_once()
    answer = client.get(f"/jobs/{job}").json()
    assert (answer["kind"], answer["state"]) == ("run", "queued")
    assert answer["error"]["code"] == "encoder_unavailable"
    error_of(client.get("/jobs/none"), 404)
