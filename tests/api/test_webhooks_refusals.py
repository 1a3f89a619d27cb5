"""Each vendor's scheme: what it lets in, what it refuses, and that a repeat changes nothing."""

from __future__ import annotations

import gzip
import io
from dataclasses import replace
from datetime import timedelta

import pytest

from service.settings import SIGNED_SOURCES
from service.storage.engine import Store
from tests.api.conftest import NOW, error_of, make_client
from tests.api.webhook_client import deliver, stored_notes, webhook_client, whole_store
from tests.crm.vendors import VENDORS, Vendor, vendor

every = pytest.mark.parametrize("way", VENDORS, ids=lambda way: way.name.replace(" ", "-"))
signing = pytest.mark.parametrize(
    "way", [way for way in VENDORS if way.signs], ids=lambda way: way.name.replace(" ", "-")
)
LATE = timedelta(minutes=5, seconds=2)


@every
def test_what_is_genuine_is_taken(sqlite_store: Store, way: Vendor) -> None:
    answer = deliver(webhook_client(sqlite_store), way.sent(at=NOW))
    assert answer.status_code == 200, answer.text
    assert answer.content


@every
def test_it_is_checked_without_keys_too(sqlite_store: Store, way: Vendor) -> None:
    client = webhook_client(sqlite_store, auth="off")
    assert deliver(client, way.sent(at=NOW)).status_code == 200
    wrong = way.sent(at=NOW, secret="whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
    error_of(deliver(client, wrong), 401)


@every
def test_another_secret_is_refused(sqlite_store: Store, way: Vendor) -> None:
    client = webhook_client(sqlite_store)
    wrong = way.sent(at=NOW, secret="whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
    code = "signature_mismatch" if way.signs else "secret_mismatch"
    assert error_of(deliver(client, wrong), 401)["code"] == code
    assert stored_notes(sqlite_store) == {}


@every
def test_what_shows_nothing_is_refused(sqlite_store: Store, way: Vendor) -> None:
    sent = way.sent(at=NOW)
    bare = replace(sent, query="", headers={"Content-Type": way.media_type})
    code = error_of(deliver(webhook_client(sqlite_store), bare), 401)["code"]
    assert code == ("secret_missing" if way.source in _UNSIGNED else "signature_missing")
    assert stored_notes(sqlite_store) == {}


_UNSIGNED = {"salesforce", "gainsight", "churnzero"}


@every
def test_each_of_two_secrets_is_taken(sqlite_store: Store, way: Vendor) -> None:
    old = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    new = "whsec_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"
    both = webhook_client(sqlite_store, **{f"webhook_secret_{way.source}": f"{old}, {new}"})
    assert deliver(both, way.sent(at=NOW, secret=old)).status_code == 200
    assert deliver(both, way.sent(at=NOW, secret=new)).status_code == 200
    error_of(deliver(both, way.sent(at=NOW)), 401)


@signing
def test_a_changed_body_is_refused(sqlite_store: Store, way: Vendor) -> None:
    sent = way.sent(at=NOW)
    changed = replace(sent, body=sent.body.replace(b"e", b"3", 1))
    answer = deliver(webhook_client(sqlite_store), changed)
    assert error_of(answer, 401)["code"] == "signature_mismatch"
    assert stored_notes(sqlite_store) == {}


@every
def test_a_body_that_was_cut_off_is_refused(sqlite_store: Store, way: Vendor) -> None:
    sent = way.sent(at=NOW)
    cut = replace(sent, body=sent.body[: len(sent.body) // 2])
    answer = deliver(webhook_client(sqlite_store), cut)
    if way.signs:
        assert error_of(answer, 401)["code"] == "signature_mismatch"
    else:
        assert error_of(answer, 400)["code"] in ("broken_json", "broken_xml")
    assert stored_notes(sqlite_store) == {}


@every
@pytest.mark.parametrize("off", [-LATE, LATE], ids=["late", "early"])
def test_outside_of_five_minutes_what_carries_a_time_is_refused(
    sqlite_store: Store, way: Vendor, off: timedelta
) -> None:
    answer = deliver(webhook_client(sqlite_store), way.sent(at=NOW + off))
    if way.timed:
        assert error_of(answer, 401)["code"] == "timestamp_outside_window"
        assert stored_notes(sqlite_store) == {}
    else:
        assert answer.status_code == 200


@every
def test_a_replay_is_answered_2xx_and_changes_nothing(store: Store, way: Vendor) -> None:
    client = webhook_client(store)
    sent = way.sent(at=NOW)
    assert deliver(client, sent).status_code == 200
    before = whole_store(store)
    assert deliver(client, sent).status_code == 200
    assert whole_store(store) == before


@every
def test_a_compressed_bomb_is_refused_unopened(sqlite_store: Store, way: Vendor) -> None:
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb") as bomb:
        for _ in range(64):
            bomb.write(b" " * 1024 * 1024)
    sent = way.sign(replace(way.sent(at=NOW), body=packed.getvalue()), "whsec_" + "A" * 32, NOW)
    sent = replace(sent, headers={**sent.headers, "Content-Encoding": "gzip"})
    answer = deliver(webhook_client(sqlite_store), sent)
    assert error_of(answer, 415)["code"] == "content_encoding_unsupported"


@every
def test_a_body_over_the_limit_is_413(sqlite_store: Store, way: Vendor) -> None:
    answer = deliver(webhook_client(sqlite_store), way.sent(b" " * (8 * 1024 * 1024 + 1), at=NOW))
    assert error_of(answer, 413)["code"] == "body_too_large"


@pytest.mark.parametrize("source", [*SIGNED_SOURCES, "fax", "notes", "%2e%2e"])
def test_without_a_secret_there_is_no_address(sqlite_store: Store, source: str) -> None:
    client = make_client(sqlite_store, auth="keys")
    assert error_of(client.post(f"/webhooks/{source}", content=b"{"), 404)
    assert client.head(f"/webhooks/{source}").status_code == 404


def test_an_address_can_be_looked_at_before_it_is_saved(sqlite_store: Store) -> None:
    assert webhook_client(sqlite_store).head("/webhooks/intercom").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"webhook-signature": "v1"},
        {"webhook-signature": "v1,not base64 v2,x"},
        {"webhook-signature": "v1a,AAAA"},
        {"webhook-timestamp": "soon"},
        {"webhook-timestamp": "9" * 15},
        {"webhook-timestamp": "-1"},
        {"webhook-id": ""},
    ],
)
def test_a_malformed_signature_is_401_and_not_500(
    sqlite_store: Store, headers: dict[str, str]
) -> None:
    sent = vendor("generic").sent(at=NOW)
    sent = replace(sent, headers={**sent.headers, **headers})
    error_of(deliver(webhook_client(sqlite_store), sent), 401)


def test_a_body_that_is_no_text_can_not_be_signed(sqlite_store: Store) -> None:
    error_of(deliver(webhook_client(sqlite_store), vendor("generic").sent(b"\xff", at=NOW)), 401)


def test_the_oldest_signature_that_counts_can_be_set(sqlite_store: Store) -> None:
    client = webhook_client(sqlite_store, hubspot_oldest_signature="v2")
    assert deliver(client, vendor("hubspot v3").sent(at=NOW)).status_code == 200
    assert deliver(client, vendor("hubspot v2").sent(at=NOW)).status_code == 200
    old = deliver(client, vendor("hubspot v1").sent(at=NOW))
    assert error_of(old, 401)["code"] == "signature_too_old"


def test_a_wrong_signature_beside_a_right_secret_is_refused(sqlite_store: Store) -> None:
    sent = vendor("salesforce flow").sent(at=NOW)
    sent = replace(sent, headers={**sent.headers, "webhook-signature": "v1,AAAA"})
    error_of(deliver(webhook_client(sqlite_store), sent), 401)


def test_guessing_at_secrets_is_slowed_down(sqlite_store: Store) -> None:
    client = webhook_client(sqlite_store, wrong_key_limit="3/minute")
    wrong = vendor("gainsight").sent(at=NOW, secret="guess")
    statuses = [deliver(client, wrong).status_code for _ in range(4)]
    assert statuses == [401, 401, 401, 429]
    # One who holds the secret is never refused for it.
    assert deliver(client, vendor("gainsight").sent(at=NOW)).status_code == 200
