"""Notes, accounts, CSMs, taxonomy and pre-reads through the public door."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.api.conftest import ITEM, error_of, note, observation


def stored(client: TestClient) -> tuple[float, int]:
    """(notes that wait, accounts known): what an intake leaves behind."""
    metrics = client.get("/metrics").text
    pending = next(
        float(line.split()[-1])
        for line in metrics.splitlines()
        if line.startswith("groundswell_notes_pending ")
    )
    return pending, len(client.get("/accounts").json()["data"])


def test_a_note_is_accepted_then_a_duplicate_then_updated(client: TestClient) -> None:
    first = client.post("/notes", json=note())
    again = client.post("/notes", json=note())
    edited = client.post("/notes", json=note(text="They need it twice."))
    assert (first.status_code, first.json()["status"]) == (202, "accepted")
    assert (again.status_code, again.json()["status"]) == (200, "duplicate")
    assert (edited.status_code, edited.json()["status"]) == (202, "updated")
    assert first.json()["id"] == again.json()["id"] == edited.json()["id"]


def test_an_older_revision_that_arrives_late_is_stale(client: TestClient) -> None:
    client.post("/notes", json=note(revised_at="2026-07-05T00:00:00Z"))
    late = client.post("/notes", json=note(text="Older.", revised_at="2026-07-04T00:00:00Z"))
    assert (late.status_code, late.json()["status"]) == (200, "stale")


BAD_NOTES: list[tuple[dict[str, Any], str]] = [
    ({"occurred_at": "2026-07-03T09:30:00"}, "occurred_at"),
    ({"occurred_at": "2026-10-03T09:30:00Z"}, "occurred_at"),
    ({"occurred_at": "yesterday"}, "occurred_at"),
    ({"occurred_at": 1750000000}, "occurred_at"),
    ({"text": ""}, "text"),
    ({"text": " \n\t"}, "text"),
    ({"text": "x" * 100_001}, "text"),
    ({"text": "a\u0000b"}, "text"),
    ({"text": "a\u0007b"}, "text"),
    ({"text": ["a"]}, "text"),
    ({"text": None}, "text"),
    ({"account_id": 7}, "account_id"),
    ({"csm_id": "c" * 256}, "csm_id"),
    ({"external_id": ""}, "external_id"),
    ({"source": "a\nb"}, "source"),
]


@pytest.mark.parametrize(("changes", "field"), BAD_NOTES)
def test_a_bad_note_names_its_field_and_stores_nothing(
    local: TestClient, changes: dict[str, Any], field: str
) -> None:
    assert error_of(local.post("/notes", json=note(**changes)), 422)["field"] == field
    assert stored(local) == (0, 0)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "broken_json"),
        (b"", 400, "broken_json"),
        (b'{"text": NaN}', 400, "broken_json"),
        (b'{"text": "\xff"}', 400, "broken_utf8"),
        (b"[" * 500 + b"]" * 500, 400, "broken_json"),
        (b"[]", 422, "wrong_type"),
        (b'"note"', 422, "wrong_type"),
        (json.dumps(note(text="\ud800")).encode(), 422, "lone_surrogate"),
    ],
)
def test_a_body_that_is_no_note(local: TestClient, body: bytes, status: int, code: str) -> None:
    assert error_of(local.post("/notes", content=body), status)["code"] == code
    assert stored(local) == (0, 0)


def test_a_body_over_the_limit_is_413(local: TestClient) -> None:
    body = json.dumps(note(text="x" * 3_000_000)).encode()
    assert error_of(local.post("/notes", content=body), 413)["code"] == "body_too_large"


def test_a_body_over_the_limit_that_does_not_say_its_size_is_413(local: TestClient) -> None:
    pieces = (b"x" * 1_000_000 for _ in range(4))
    assert error_of(local.post("/notes", content=pieces), 413)["code"] == "body_too_large"


def test_the_longest_text_fits_even_when_every_character_is_escaped(local: TestClient) -> None:
    body = json.dumps(note(text="😀" * 100_000)).encode()
    assert local.post("/notes", content=body).status_code == 202


def test_a_batch_keeps_good_lines_and_names_bad_ones(client: TestClient) -> None:
    lines = [
        json.dumps(note()),
        "{broken",
        json.dumps(note(external_id="n-2", occurred_at="2026-07-03")),
        "",
        json.dumps(note(external_id="n-3")),
        json.dumps(note()),
    ]
    answer = client.post(
        "/notes/batch",
        content="\n".join(lines),
        headers={"Content-Type": "application/x-ndjson"},
    )
    assert answer.status_code == 200
    body = answer.json()
    assert (body["accepted"], body["duplicate"], body["updated"]) == (2, 1, 0)
    assert body["rejected"][0]["code"] == "broken_json"
    assert [bad["line"] for bad in body["rejected"]] == [2, 3]
    assert stored(client)[0] == 2


def test_a_batch_may_be_a_json_array(local: TestClient) -> None:
    answer = local.post("/notes/batch", json=[note(), 7, note(external_id="n-2")])
    assert answer.json()["accepted"] == 2
    assert [bad["line"] for bad in answer.json()["rejected"]] == [2]


def test_an_array_that_breaks_off_stores_nothing(local: TestClient) -> None:
    body = json.dumps([note(), note(external_id="n-2")])[:-5]
    assert error_of(local.post("/notes/batch", content=body), 400)["code"] == "broken_json"
    assert stored(local) == (0, 0)


def test_a_deleted_note_stays_deleted(client: TestClient) -> None:
    client.post("/notes", json=note())
    assert client.delete("/notes/manual/n-1").status_code == 204
    assert client.delete("/notes/manual/n-1").status_code == 204
    again = client.post("/notes", json=note())
    assert (again.status_code, again.json()["status"]) == (200, "deleted")


def test_deleting_what_was_never_there_is_404(local: TestClient) -> None:
    error_of(local.delete("/notes/manual/n-1"), 404)


@pytest.mark.parametrize(
    ("source", "external_id", "address"),
    [
        ("slack", "C1/17 05.2", "/notes/slack/C1%2F17%2005.2"),
        ("slack", "C1/1705", "/notes/slack/C1/1705"),
        ("a/b", "n-1", "/notes/a%2Fb/n-1"),
        ("crm", "é?#%41", "/notes/crm/%C3%A9%3F%23%2541"),
        ("crm", "notes/x", "/notes/crm/notes/x"),
    ],
)
def test_ids_with_odd_characters_are_deleted_by_their_encoded_address(
    local: TestClient, source: str, external_id: str, address: str
) -> None:
    local.post("/notes", json=note(source=source, external_id=external_id))
    assert local.delete(address).status_code == 204
    again = local.post("/notes", json=note(source=source, external_id=external_id))
    assert again.json()["status"] == "deleted"


def test_an_address_that_is_not_utf8_is_refused(local: TestClient) -> None:
    error_of(local.delete("/notes/crm/%FF"), 400)


def test_who_is_named_by_a_note_is_listed_as_incomplete(client: TestClient) -> None:
    client.post("/notes", json=note())
    client.put("/accounts", json=[{"account_id": "a-2", "name": "Two"}])
    rows = client.get("/accounts?incomplete=true").json()["data"]
    assert [row["account_id"] for row in rows] == ["a-1"]


def test_a_csm_whom_only_a_note_has_named_is_listed_with_the_incomplete(
    client: TestClient,
) -> None:
    client.post("/notes", json=note())
    client.put("/csms", json=[{"csm_id": "c-2", "name": "Tom"}])
    body = client.get("/accounts?incomplete=true").json()
    assert [row["csm_id"] for row in body["csms"]] == ["c-1"]
    assert "csms" not in client.get("/accounts").json()
    assert [row["csm_id"] for row in client.get("/csms?incomplete=true").json()["data"]] == ["c-1"]
    every = client.get("/csms").json()["data"]
    assert [(row["csm_id"], row["name"]) for row in every] == [("c-1", None), ("c-2", "Tom")]


def test_notes_as_csv_are_taken_and_without_a_header_refused_whole(local: TestClient) -> None:
    columns = ("source", "external_id", "account_id", "csm_id", "occurred_at", "text")
    row = "manual,n-1,a-1,c-1,2026-07-03T09:30:00Z,They need exports\n"
    as_csv = {"Content-Type": "text/csv"}
    bare = local.post("/notes/batch", content=row, headers=as_csv)
    assert error_of(bare, 422)["code"] == "csv_header"
    headed = local.post("/notes/batch", content=",".join(columns) + "\n" + row, headers=as_csv)
    assert headed.json()["accepted"] == 1


def test_accounts_come_as_json_or_csv_and_unknown_columns_are_named(client: TestClient) -> None:
    client.put("/accounts", json=[{"account_id": "a-1", "name": "One", "arr": 1234.5}])
    table = "account_id,arr,colour\na-1,2000,blue\na-2,-5,red\n"
    answer = client.put(
        "/accounts", content=("\ufeff" + table).encode(), headers={"Content-Type": "text/csv"}
    )
    body = answer.json()
    assert (body["updated"], body["ignored_columns"]) == (1, ["colour"])
    assert [(bad["line"], bad["field"]) for bad in body["rejected"]] == [(3, "arr")]
    (row,) = client.get("/accounts").json()["data"]
    assert (row["name"], row["arr"]) == ("One", 2000)


def test_a_csv_without_its_header_is_refused_whole(local: TestClient) -> None:
    answer = local.put(
        "/accounts", content="a-1,One\n", headers={"Content-Type": "text/csv; charset=utf-8"}
    )
    assert error_of(answer, 422)["code"] == "csv_header"


@pytest.mark.parametrize("arr", ["NaN", "-1", "Infinity", '"much"', "true"])
def test_an_arr_that_is_no_money_is_refused(local: TestClient, arr: str) -> None:
    body = '[{"account_id": "a-1", "arr": ' + arr + "}]"
    answer = local.put("/accounts", content=body)
    if answer.status_code == 200:
        assert [bad["field"] for bad in answer.json()["rejected"]] == ["arr"]
    else:
        assert error_of(answer, 400)["code"] == "broken_json"
    assert stored(local) == (0, 0)


def test_csms_and_taxonomy_are_uploaded_and_the_taxonomy_is_live(client: TestClient) -> None:
    csm = {"csm_id": "c-1", "name": "Priya", "email": "p@example.com"}
    assert client.put("/csms", json=[csm]).json()["accepted"] == 1
    assert client.put("/taxonomy", json=[ITEM]).json()["accepted"] == 1
    (item,) = client.get("/taxonomy").json()["data"]
    assert item["feature_area"] == "Export"
    assert (item["status"], bool(item["theme_id"])) == ("live", True)


def test_a_pre_read_needs_a_known_item(client: TestClient) -> None:
    error = error_of(client.post("/observations", json=observation()), 422)
    assert error["code"] == "unknown_item"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"severity": "huge"}, "severity"),
        ({"occurred_at": "2026-07-03T09:30:00"}, "occurred_at"),
        ({"accounts_count": 0}, "accounts_count"),
        ({"csm_id": ""}, "csm_id"),
    ],
)
def test_a_bad_pre_read_names_its_field(
    local: TestClient, changes: dict[str, Any], field: str
) -> None:
    local.put("/taxonomy", json=[ITEM])
    answer = local.post("/observations", json=observation(**changes))
    assert error_of(answer, 422)["field"] == field


def test_a_pre_read_is_repeatable_by_external_id_or_idempotency_key(client: TestClient) -> None:
    client.put("/taxonomy", json=[ITEM])
    first = client.post("/observations", json=observation(external_id="o-1"))
    again = client.post("/observations", json=observation(external_id="o-1"))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    headers = {"Idempotency-Key": "k-1"}
    by_key = [client.post("/observations", json=observation(), headers=headers) for _ in "ab"]
    assert [answer.status_code for answer in by_key] == [201, 200]
    plain = [client.post("/observations", json=observation()) for _ in "ab"]
    assert [answer.status_code for answer in plain] == [201, 201]
    assert len({answer.json()["id"] for answer in plain}) == 2


def test_accounts_are_walked_by_cursor_to_an_empty_end(client: TestClient) -> None:
    client.put("/accounts", json=[{"account_id": f"a-{i}"} for i in range(5)])
    seen, cursor = [], ""
    while True:
        page = client.get("/accounts", params={"limit": 2, "cursor": cursor}).json()
        seen += [row["account_id"] for row in page["data"]]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert seen == [f"a-{i}" for i in range(5)]


@pytest.mark.parametrize("cursor", ["zzz", "W10", "eyJhIjoxfQ", "\u00e9", "[1]"])
@pytest.mark.parametrize("address", ["/accounts", "/requests", "/themes", "/taxonomy", "/audit"])
def test_a_broken_cursor_is_refused(local: TestClient, address: str, cursor: str) -> None:
    error = error_of(local.get(address, params={"cursor": cursor}), 422)
    assert (error["code"], error["field"]) == ("bad_cursor", "cursor")
