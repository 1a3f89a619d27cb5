"""Signals through the public door: JSON, CSV, pages of rows, ETags."""

from __future__ import annotations

import base64
import csv
import io
import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.storage.engine import Store
from tests.api.conftest import error_of, make_client, observation

Q3 = {"quarter": "2026-Q3"}


def fill(client: TestClient, needs: int = 1) -> None:
    """Two accounts that each report `needs` items in 2026-Q3; total ARR 1,000,000."""
    items = [
        {"feature_area": "Export", "customer_need": f"=Need {number}"} for number in range(needs)
    ]
    client.put("/taxonomy", json=items)
    client.put(
        "/accounts",
        json=[
            {"account_id": "a-1", "name": "One", "arr": 400_000, "segment": "smb"},
            {"account_id": "a-2", "name": "Two", "arr": 100_000, "health": "red"},
            {"account_id": "a-3", "name": "Three", "arr": 500_000},
        ],
    )
    for item in items:
        for account in ("a-1", "a-2"):
            posted = client.post("/observations", json=observation(account_id=account, **item))
            assert posted.status_code == 201


def test_the_board_of_a_quarter(client: TestClient) -> None:
    fill(client)
    body = client.get("/signals", params=Q3).json()
    assert (body["quarter"], body["as_of"], body["policy"]) == ("2026-Q3", "2026-09-30", "combined")
    assert body["total_arr"] == 1_000_000
    (row,) = body["data"]
    assert (row["accounts"], row["arr"], row["arr_share"]) == (2, 500_000, 0.5)
    assert row["level"] == "candidate"
    assert row["conditions"]["arr"]["met"] is True


def test_the_quarter_is_todays_unless_given(client: TestClient) -> None:
    fill(client)
    body = client.get("/signals").json()
    assert (body["quarter"], body["as_of"], body["data"]) == ("2026-Q4", "2026-10-01", [])


def test_the_configured_policy_is_the_default(sqlite_store: Store) -> None:
    client = make_client(sqlite_store, policy="single_gate")
    fill(client)
    assert client.get("/signals", params=Q3).json()["data"][0]["level"] == "signal"
    combined = client.get("/signals", params={**Q3, "policy": "combined"}).json()
    assert (combined["policy"], combined["data"][0]["level"]) == ("combined", "candidate")


def test_the_receipt_names_accounts_and_quotes(client: TestClient) -> None:
    fill(client)
    theme = client.get("/signals", params=Q3).json()["data"][0]["theme_id"]
    body = client.get(f"/signals/{theme}", params=Q3).json()
    assert [row["account_id"] for row in body["receipt"]["accounts"]] == ["a-1", "a-2"]
    assert body["receipt"]["accounts"][1]["at_risk"] is True
    assert {row["quote"] for row in body["receipt"]["requests"]} == {"We copy page by page."}


def test_a_theme_that_does_not_exist_is_404(client: TestClient) -> None:
    assert error_of(client.get("/signals/t_none", params=Q3), 404)["code"] == "unknown_theme"
    error_of(client.get("/themes/t_none"), 404)
    body = {"action": "rename", "label": "x"}
    error_of(client.post("/themes/t_none/decisions", json=body), 404)


@pytest.mark.parametrize(
    ("parameter", "value", "code"),
    [
        ("quarter", "2026-Q5", "unknown_quarter"),
        ("quarter", "Q3", "unknown_quarter"),
        ("as_of", "yesterday", "bad_date"),
        ("policy", "strict", "unknown_policy"),
        ("level", "huge", "unknown_level"),
        ("severity", "huge", "unknown_severity"),
        ("status", "huge", "unknown_status"),
        ("min_arr", "much", "not_a_number"),
        ("min_arr", "NaN", "not_a_number"),
        ("cursor", "zzz", "bad_cursor"),
    ],
)
def test_a_bad_question_is_named(local: TestClient, parameter: str, value: str, code: str) -> None:
    error = error_of(local.get("/signals", params={parameter: value}), 422)
    assert (error["code"], error["field"]) == (code, parameter)


def cursor_of(*place: Any) -> str:
    """A cursor as somebody forges it."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("address", "cursor"),
    [
        *(
            ("/signals", cursor_of(2, amount, "t"))
            for amount in ("NaN", "sNaN", "1e999999999", "-Infinity", "1e99999999999999999999")
        ),
        ("/review", cursor_of(0, "NaN", "", "")),
        ("/accounts", cursor_of("a\0b")),
        ("/accounts", cursor_of("\ud800")),
        ("/themes", cursor_of("\0")),
        ("/audit", cursor_of(10**30)),
        ("/taxonomy", cursor_of(10**30)),
        ("/taxonomy", cursor_of(True)),
        ("/requests", cursor_of(10**18, "r")),
        ("/requests", cursor_of(-(10**18), "r")),
    ],
)
def test_a_forged_cursor_is_refused(client: TestClient, address: str, cursor: str) -> None:
    fill(client)
    answer = client.get(address, params={**Q3, "cursor": cursor})
    assert error_of(answer, 422)["code"] == "bad_cursor"


@pytest.mark.parametrize(
    "address",
    ["/requests?q=%00", "/accounts?cursor=%00", "/themes/%00", "/signals/a%00b", "/board/%00"],
)
def test_a_nul_in_the_address_is_refused(client: TestClient, address: str) -> None:
    assert error_of(client.get(address), 422)["code"] == "control_character"


@pytest.mark.parametrize("words", ["%", "_", "\\", "'", "a" * 1000, "😀", "\x7f"])
def test_any_words_may_be_looked_for(client: TestClient, words: str) -> None:
    assert client.get("/requests", params={"q": words}).status_code == 200


def test_empty_parameters_are_left_out(client: TestClient) -> None:
    fill(client)
    address = "/signals?quarter=2026-Q3&level=&feature_area=&severity=&segment=&min_arr=&status="
    assert len(client.get(address).json()["data"]) == 1


def test_rows_are_walked_by_cursor(client: TestClient) -> None:
    fill(client, needs=5)
    whole = [row["theme_id"] for row in client.get("/signals", params=Q3).json()["data"]]
    seen, cursor = [], ""
    while True:
        page = client.get("/signals", params={**Q3, "limit": 2, "cursor": cursor}).json()
        seen += [row["theme_id"] for row in page["data"]]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert len(whole) == 5
    assert seen == whole


def test_an_unchanged_board_is_304_until_something_is_written(client: TestClient) -> None:
    fill(client)
    first = client.get("/signals", params=Q3)
    known = {"If-None-Match": first.headers["etag"]}
    again = client.get("/signals", params=Q3, headers=known)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert client.get("/signals", params={**Q3, "level": "p1"}, headers=known).status_code == 200
    client.put("/accounts", json=[{"account_id": "a-3", "arr": 1}])
    changed = client.get("/signals", params=Q3, headers=known)
    assert (changed.status_code, changed.json()["total_arr"]) == (200, 500_001)


def test_what_the_answer_depends_on_is_told_to_caches(client: TestClient) -> None:
    answer = client.get("/signals", params=Q3)
    assert {"Accept", "Authorization"} <= set(answer.headers["vary"].split(", "))
    assert "private" in answer.headers["cache-control"]


def test_json_and_csv_have_tags_of_their_own(client: TestClient) -> None:
    as_json = client.get("/signals", params=Q3)
    as_csv = client.get("/signals", params=Q3, headers={"Accept": "text/csv"})
    assert as_json.headers["etag"] != as_csv.headers["etag"]


def test_the_receipts_etag_goes_into_a_decision(local: TestClient) -> None:
    fill(local)
    theme = local.get("/signals", params=Q3).json()["data"][0]["theme_id"]
    etag = local.get(f"/signals/{theme}", params=Q3).json()["etag"]
    shipped = {"action": "deliver", "state": "shipped", "release_note": "It is there."}

    def deliver() -> int:
        headers = {"If-Match": f'"{etag}"'}
        url = f"/themes/{theme}/decisions"
        return local.post(url, json=shipped, headers=headers).status_code

    assert (deliver(), deliver()) == (200, 409)


def test_a_spreadsheet_may_open_the_csv(client: TestClient) -> None:
    fill(client)
    answer = client.get("/signals", params=Q3, headers={"Accept": "text/csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    assert "signals-2026-Q3.csv" in answer.headers["content-disposition"]
    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert (row["accounts"], row["arr"], row["level"]) == ("2", "500000", "candidate")
    assert row["customer_need"] == "'=Need 0"


@pytest.mark.parametrize(
    ("accept", "is_csv"),
    [
        ("*/*", False),
        ("text/csv", True),
        ("text/csv, application/json;q=0.5", True),
        ("application/json, text/csv;q=0.5", False),
        ("text/html,application/xhtml+xml,*/*;q=0.8", False),
        ("text/csv;q=nonsense", False),
    ],
)
def test_the_format_is_what_the_caller_prefers(
    local: TestClient, accept: str, is_csv: bool
) -> None:
    kind = local.get("/signals", params=Q3, headers={"Accept": accept}).headers["content-type"]
    assert kind.startswith("text/csv") == is_csv


@pytest.mark.parametrize("address", ["/themes", "/taxonomy", "/accounts", "/requests", "/audit"])
def test_every_list_answers_304_to_what_is_known(local: TestClient, address: str) -> None:
    fill(local)
    first = local.get(address)
    assert first.json()["data"]
    known = {"If-None-Match": f'W/{first.headers["etag"]}, "other"'}
    assert local.get(address, headers=known).status_code == 304
    fill(local, needs=2)
    local.put("/accounts", json=[{"account_id": "a-4"}])
    assert local.get(address, headers=known).status_code == 200
