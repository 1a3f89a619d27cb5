"""Which records of a delivery are kept, which are named, and that it is stored whole."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from models.errors import Unavailable
from service.storage.engine import Store
from tests.api.conftest import NOW, error_of
from tests.api.webhook_client import (
    Change,
    counts,
    deliver,
    merge,
    sample,
    signed_as,
    stored_notes,
    webhook_client,
)
from tests.crm.vendors import SECRET, Sent, vendor

PRIVATE: dict[str, Change] = {
    "salesforce flow": merge("", IsPrivate=True),
    "gainsight": merge("records.0", IsPrivate=True),
    "slack message": merge("event", channel_type="im"),
}


@pytest.mark.parametrize("name", PRIVATE)
def test_private_notes_are_passed_over_unless_they_are_wanted(
    sqlite_store: Store, name: str
) -> None:
    sent = sample(name, PRIVATE[name])
    skipped = counts(deliver(webhook_client(sqlite_store), sent))["skipped"]
    assert [one["reason"] for one in skipped] == ["private"]
    assert stored_notes(sqlite_store) == {}
    keeping = webhook_client(sqlite_store, private_notes="keep")
    assert counts(deliver(keeping, sent)) == {"accepted": 1}


def test_a_note_that_was_made_private_is_withdrawn_and_may_come_back(store: Store) -> None:
    client = webhook_client(store)
    deliver(client, sample("salesforce flow"))
    deliver(client, sample("salesforce flow", merge("", IsPrivate=True)))
    assert stored_notes(store) == {}
    assert counts(deliver(client, sample("salesforce flow"))) == {"accepted": 1}


@pytest.mark.parametrize(
    ("wanted", "kept"),
    [("internal", [False]), ("public", [True]), ("all", [False, True])],
)
def test_which_comments_of_a_ticket_are_kept_is_a_setting(
    sqlite_store: Store, wanted: str, kept: list[bool]
) -> None:
    client = webhook_client(sqlite_store, ticket_comments=wanted)
    for public in (False, True):
        change = merge("event.comment", is_public=public, id=f"public-{public}")
        deliver(client, sample("zendesk event", change))
    assert sorted(key for _, key in stored_notes(sqlite_store)) == [
        f"public-{public}" for public in kept
    ]


def test_an_undated_play_is_dated_by_its_arrival_once(sqlite_store: Store) -> None:
    moments = iter([NOW, NOW.replace(hour=18)])
    client = webhook_client(sqlite_store, clock=lambda: next(moments))
    play = sample("churnzero", lambda payload: payload.pop("occurred_at") and None)
    assert counts(deliver(client, play)) == {"accepted": 1}
    assert counts(deliver(client, play)) == {"duplicate": 1}
    (found,) = stored_notes(sqlite_store).values()
    assert found.occurred_at == NOW


@pytest.mark.parametrize("media_type", ["", "application/x-www-form-urlencoded"])
def test_a_play_may_come_as_parameters(sqlite_store: Store, media_type: str) -> None:
    body = json.loads(vendor("churnzero").body)
    pairs = str(httpx.QueryParams(body))
    headers = {"Authorization": f"Bearer {SECRET}", "Content-Type": media_type}
    as_form = Sent("churnzero", pairs.encode(), headers)
    as_query = Sent("churnzero", b"", headers, query=pairs)
    client = webhook_client(sqlite_store)
    assert counts(deliver(client, as_form if media_type else as_query)) == {"accepted": 1}
    # However it came, it is the same note.
    assert counts(deliver(client, sample("churnzero"))) == {"duplicate": 1}


def test_another_secret_in_the_address_does_not_make_another_note(sqlite_store: Store) -> None:
    other = "another-secret"
    client = webhook_client(sqlite_store, webhook_secret_churnzero=f"{SECRET},{other}")
    deliver(client, sample("churnzero"))
    assert counts(deliver(client, sample("churnzero", secret=other))) == {"duplicate": 1}


def test_good_records_are_kept_and_bad_ones_named(store: Store) -> None:
    def mixed(payload: Any) -> None:
        good = payload["records"][0]
        late = {**good, "Gsid": "2", "ActivityDate": "soon"}
        payload["records"] += ["text", late, {**good, "Gsid": "3", "GsCompanyId": None}]

    answer = counts(deliver(webhook_client(store), sample("gainsight", mixed)))
    assert answer["accepted"] == 1
    assert [(bad["record"], bad["external_id"], bad["code"]) for bad in answer["rejected"]] == [
        (2, None, "wrong_type"),
        (3, "2", "bad_time"),
    ]
    assert answer["skipped"] == [{"external_id": "3", "reason": "no_account"}]


@pytest.mark.parametrize("name", ["salesforce flow", "gainsight", "churnzero", "generic"])
def test_where_not_one_record_is_right_the_sender_is_told_what_to_mend(
    sqlite_store: Store, name: str
) -> None:
    def nonsense(payload: Any) -> Any:
        return {"hello": "world"}

    error = error_of(deliver(webhook_client(sqlite_store), sample(name, nonsense)), 422)
    assert error["code"] == "missing_field"
    assert error["field"]


def test_fields_that_customers_rename_are_a_setting(sqlite_store: Store) -> None:
    fields = "account=Account__r.Key__c,csm=Owner.Email, text=Notes__c|Description"
    client = webhook_client(sqlite_store, fields_salesforce=fields)
    custom = merge(
        "", Account__r={"Key__c": "acme"}, Owner={"Email": "ana@example.com"}, Notes__c="Custom."
    )
    deliver(client, sample("salesforce flow", custom))
    (found,) = stored_notes(sqlite_store).values()
    assert (found.account_id, found.csm_id) == ("acme", "ana@example.com")
    assert found.text == "Quarterly call\n\nCustom."


def test_control_characters_of_a_crm_do_not_sink_its_note(sqlite_store: Store) -> None:
    broken = merge("", Description="One\x0btwo\x00\x07 three\x85four")
    deliver(webhook_client(sqlite_store), sample("salesforce flow", broken))
    (found,) = stored_notes(sqlite_store).values()
    assert found.text == "Quarterly call\n\nOne\ntwo three\nfour"


def test_an_old_delivery_that_is_replayed_does_not_undo_an_edit(store: Store) -> None:
    client = webhook_client(store)

    def undated(text: str) -> Sent:
        return sample(
            "generic", lambda payload: payload.pop("revised_at") and merge("", text=text)(payload)
        )

    first, second = undated("First."), undated("Second.")
    deliver(client, first)
    deliver(client, second)
    assert counts(deliver(client, first)) == {"duplicate": 1}
    (found,) = stored_notes(store).values()
    assert found.text == "Second."


def test_what_was_refused_is_no_delivery_that_was_stored(sqlite_store: Store) -> None:
    client = webhook_client(sqlite_store)
    way = vendor("generic")
    note = json.loads(way.body)
    note.pop("revised_at")
    bad = way.sent(json.dumps({**note, "occurred_at": "soon"}).encode(), at=NOW)
    error_of(deliver(client, bad), 422)
    # Corrected, and sent again under the same id.
    message = bad.headers["webhook-id"]
    good = signed_as(message, json.dumps(note).encode())
    assert counts(deliver(client, good)) == {"accepted": 1}


def test_what_was_refused_in_part_may_be_mended_under_the_same_id(sqlite_store: Store) -> None:
    client = webhook_client(sqlite_store)
    good = json.loads(vendor("generic").body)
    good.pop("revised_at")
    late = {**good, "external_id": "n-2", "occurred_at": "soon"}
    partly = counts(deliver(client, signed_as("msg_1", json.dumps([good, late]).encode())))
    assert (partly["accepted"], len(partly["rejected"])) == (1, 1)
    mended = json.dumps([good, {**good, "external_id": "n-2"}]).encode()
    assert counts(deliver(client, signed_as("msg_1", mended))) == {"accepted": 1, "duplicate": 1}


def test_a_delivery_is_stored_whole_or_not_at_all(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = webhook_client(store)
    deliver(client, sample("gainsight"))

    def broken(*_: object, **__: object) -> None:
        raise ValueError("in the middle")

    def both(payload: Any) -> None:
        payload["records"].append({**payload["records"][0], "Gsid": "2"})
        payload["records"][0]["IsDeleted"] = True

    monkeypatch.setattr("service.flows.receive.record_batch", broken)
    error_of(deliver(client, sample("gainsight", both)), 500)
    monkeypatch.undo()
    assert [key for _, key in stored_notes(store)] == ["1I002ABCDEFGHIJKLMNOPQRSTUVWXYZ01234"]
    assert counts(deliver(client, sample("gainsight", both))) == {"forgotten": 1, "accepted": 1}


def test_what_could_not_be_committed_is_not_answered_with_success(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = webhook_client(store)
    whole = Store.write

    @contextmanager
    def full_at_commit(self: Store, **options: Any) -> Iterator[Any]:
        with whole(self, **options) as connection:
            yield connection
            raise Unavailable("The disk is full.", code="store_full")

    monkeypatch.setattr(Store, "write", full_at_commit)
    for name in ("salesforce outbound message", "hubspot v3", "slack message", "generic"):
        answer = deliver(client, vendor(name).sent(at=NOW))
        assert error_of(answer, 503)["code"] == "store_full"
        assert "retry-after" in answer.headers
    monkeypatch.undo()
    assert stored_notes(store) == {}


def test_no_log_line_holds_a_secret_or_a_text(
    sqlite_store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    client = webhook_client(sqlite_store)
    with caplog.at_level(logging.DEBUG):
        deliver(client, sample("churnzero"))
        deliver(client, sample("churnzero", secret="a-wrong-secret"))
        deliver(client, sample("gainsight", merge("records.0", ActivityDate="soon")))
    ours = [r.getMessage() for r in caplog.records if r.name.startswith(("groundswell", "service"))]
    assert ours
    for line in ours:
        assert SECRET not in line and "a-wrong-secret" not in line
        assert "token" not in line and "import stops" not in line
    assert SECRET not in client.get("/metrics").text


def test_while_too_many_notes_wait_the_sender_is_asked_to_come_again(sqlite_store: Store) -> None:
    client = webhook_client(sqlite_store, queue_bound=1)
    deliver(client, sample("gainsight"))
    answer = deliver(client, sample("generic"))
    assert error_of(answer, 503)["code"] == "queue_full"
    assert "retry-after" in answer.headers


def test_a_ping_of_intercom_is_answered(sqlite_store: Store) -> None:
    ping = sample("intercom", lambda payload: {"type": "notification_event", "topic": "ping"})
    assert counts(deliver(webhook_client(sqlite_store), ping)) == {}


@pytest.fixture
def client(sqlite_store: Store) -> TestClient:
    return webhook_client(sqlite_store)


@pytest.mark.parametrize("body", [b"", b"null", b"7", b'"x"', b"[7]", b"{}", b"[]", b"[[]]"])
@pytest.mark.parametrize(
    "name", ["salesforce flow", "gainsight", "hubspot v3", "zendesk event", "intercom", "generic"]
)
def test_odd_bodies_are_answered_in_the_one_shape(
    client: TestClient, name: str, body: bytes
) -> None:
    answer = deliver(client, vendor(name).sent(body, at=NOW))
    if answer.status_code != 200:
        assert answer.status_code in (400, 422)
        error_of(answer, answer.status_code)


def test_a_thousand_records_are_the_most(client: TestClient) -> None:
    def many(payload: Any) -> None:
        payload["records"] = [{}] * 1_001

    assert error_of(deliver(client, sample("gainsight", many)), 413)["code"] == "too_many_records"


def test_a_query_that_is_signed_counts(client: TestClient) -> None:
    way = vendor("hubspot v3")
    plain = Sent("hubspot", way.body, {}, query="a=1&b=%2F")
    signed = way.sign(plain, SECRET, NOW)
    # The vendor signs the address with the listed escapes undone.
    undone = way.sign(replace(plain, query="a=1&b=/"), SECRET, NOW)
    error_of(deliver(client, signed), 401)
    assert deliver(client, replace(undone, query=plain.query)).status_code == 200
