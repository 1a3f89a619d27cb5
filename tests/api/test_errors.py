"""One error shape, whatever went wrong and wherever."""

from __future__ import annotations

import logging

import pytest
from fastapi.testclient import TestClient

from models.errors import Unavailable
from service.storage.engine import Store
from tests.api.conftest import error_of, make_client, note


def test_an_unknown_address(local: TestClient) -> None:
    assert error_of(local.get("/nowhere"), 404)["code"] == "not_found"


def test_webhooks_are_off_without_a_secret(local: TestClient) -> None:
    error_of(local.post("/webhooks/slack", json={}), 404)


def test_a_method_that_an_address_does_not_take(local: TestClient) -> None:
    answer = local.get("/notes")
    assert error_of(answer, 405)["code"] == "method_not_allowed"
    assert "POST" in answer.headers["allow"]


@pytest.mark.parametrize(
    ("address", "field"),
    [
        ("/requests?limit=0", "limit"),
        ("/requests?limit=1001", "limit"),
        ("/themes?limit=many", "limit"),
        ("/accounts?incomplete=perhaps", "incomplete"),
        ("/requests?tagged=perhaps", "tagged"),
    ],
)
def test_a_query_parameter_that_does_not_fit(local: TestClient, address: str, field: str) -> None:
    error = error_of(local.get(address), 422)
    assert (error["code"], error["field"]) == ("invalid_parameter", field)


def test_a_failure_of_ours_tells_nothing_of_itself(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError("a secret sentence of a customer")

    monkeypatch.setattr("service.api.notes.ingest_note", fail)
    client = make_client(sqlite_store)
    with caplog.at_level(logging.DEBUG):
        answer = client.post("/notes", json=note())
    error = error_of(answer, 500)
    assert error["code"] == "internal_error"
    assert "secret sentence" not in answer.text
    logged = caplog.text
    assert "secret sentence" not in logged
    assert "ValueError" in logged and error["request_id"] in logged


def test_a_busy_store_is_503_and_says_when_to_return(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object, **__: object) -> None:
        raise Unavailable("Another program holds the store.", code="store_busy")

    monkeypatch.setattr("service.api.notes.ingest_note", busy)
    answer = make_client(sqlite_store).post("/notes", json=note())
    assert error_of(answer, 503)["code"] == "store_busy"
    assert int(answer.headers["retry-after"]) > 0


def test_a_request_id_that_is_shown_is_kept(local: TestClient) -> None:
    answer = local.get("/nowhere", headers={"X-Request-Id": "abc-123"})
    assert error_of(answer, 404)["request_id"] == "abc-123"


@pytest.mark.parametrize("shown", ["a b", "x" * 65, 'a"b'])
def test_a_request_id_that_could_forge_a_log_line_is_replaced(
    local: TestClient, shown: str
) -> None:
    assert (
        local.get("/health/live", headers={"X-Request-Id": shown}).headers["x-request-id"] != shown
    )


def test_no_log_line_holds_what_was_asked(
    local: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="groundswell"):
        local.get("/requests?q=secret-words&token=secret-token")
        local.delete("/notes/slack/secret-id")
    ours = [record.getMessage() for record in caplog.records if "groundswell" in record.name]
    assert len(ours) == 2
    assert not any("secret" in line for line in ours)
