"""Thin events: the note is fetched from the vendor, whatever comes between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from models.errors import Unavailable
from service.crm.connector import Deletion, Fetch, Preferences
from service.crm.fields import fields_for
from service.crm.hubspot_notes import HubSpotNotes
from service.flows.audit import list_audit
from service.flows.fetch_notes import MOST_ATTEMPTS, fetch_due
from service.flows.health import store_figures
from service.flows.receive import receive
from service.storage.engine import Store
from service.storage.tables import notes
from tests.crm.vendor_stand_in import Call, Reply, StandIn, standing_in
from tests.factories import NOW
from tests.jobs.working import rows

TOKEN = "pat-eu1-test"
AT = datetime(2026, 7, 3, 9, 31, tzinfo=UTC)
Answer = Callable[[Call], Reply]


def hubspot_note(note: str = "1234567", text: str = "<p>One file.</p>", **changes: Any) -> Reply:
    """A note as the CRM API answers it."""
    return Reply(
        {
            "id": note,
            "properties": {
                "hs_note_body": text,
                "hs_timestamp": "2026-07-03T09:30:00Z",
                "hubspot_owner_id": "4455",
                "hs_lastmodifieddate": "2026-07-03T09:31:12.345Z",
            },
            "associations": {"companies": {"results": [{"id": "99"}, {"id": "7"}]}},
            "archived": False,
        }
        | changes
    )


@contextmanager
def hubspot(answer: Answer) -> Iterator[tuple[StandIn, dict[str, HubSpotNotes]]]:
    with standing_in(answer) as vendor:
        wanted = Preferences(fields_for("hubspot"))
        yield vendor, {"hubspot": HubSpotNotes(vendor.url, TOKEN, wanted)}


def told(store: Store, *ids: str, at: datetime = AT) -> None:
    """HubSpot says that these notes changed."""
    receive(
        store, "hubspot", [Fetch(external_id, at) for external_id in ids or ["1234567"]], now=NOW
    )


def waiting(store: Store) -> dict[str, int]:
    """How many fetches wait and how many were given up."""
    return {state: number for (_, state), number in store_figures(store).fetches}


def test_a_note_is_fetched_as_documented(store: Store) -> None:
    told(store)
    with hubspot(lambda _: hubspot_note()) as (vendor, fetchers):
        assert fetch_due(store, fetchers, now=NOW) == 1
        assert fetch_due(store, fetchers, now=NOW) == 0
    (call,) = vendor.calls
    assert (call.method, call.path) == ("GET", "/crm/v3/objects/notes/1234567")
    assert call.headers["authorization"] == f"Bearer {TOKEN}"
    assert call.query["associations"] == "companies"
    assert {"hs_note_body", "hs_timestamp"} <= set(call.query["properties"].split(","))
    (note,) = rows(store, notes)
    assert (note.source, note.external_id, note.text) == ("hubspot", "1234567", "<p>One file.</p>")
    # Of several companies the one of the smallest id, as a pull takes it too.
    assert (note.account_id, note.csm_id) == ("7", "4455")
    assert waiting(store) == {}


def test_an_event_that_comes_twice_is_fetched_once(store: Store) -> None:
    told(store)
    told(store)
    told(store, at=AT - timedelta(minutes=1))
    with hubspot(lambda _: hubspot_note()) as (vendor, fetchers):
        while fetch_due(store, fetchers, now=NOW):
            pass
    assert len(vendor.calls) == 1


def test_without_a_token_the_events_wait(store: Store) -> None:
    told(store)
    assert fetch_due(store, {}, now=NOW) == 0
    assert waiting(store) == {"waiting": 1}


def test_what_the_vendor_no_longer_has_is_deleted(store: Store) -> None:
    told(store)
    with hubspot(lambda _: hubspot_note()) as (_, fetchers):
        fetch_due(store, fetchers, now=NOW)
    told(store, at=AT + timedelta(minutes=1))
    with hubspot(lambda _: Reply(status=404)) as (_, fetchers):
        fetch_due(store, fetchers, now=NOW)
    assert rows(store, notes) == []
    assert waiting(store) == {}


def test_a_note_that_has_lost_its_company_is_no_longer_kept(store: Store) -> None:
    told(store)
    with hubspot(lambda _: hubspot_note()) as (_, fetchers):
        fetch_due(store, fetchers, now=NOW)
    told(store, at=AT + timedelta(minutes=1))
    with hubspot(lambda _: hubspot_note(associations={"companies": {"results": []}})) as (_, each):
        fetch_due(store, each, now=NOW)
    assert rows(store, notes) == []


def test_a_busy_vendor_is_asked_again_when_it_says(store: Store) -> None:
    told(store)
    with hubspot(lambda _: Reply(status=429, headers={"Retry-After": "600"})) as (_, fetchers):
        assert fetch_due(store, fetchers, now=NOW) == 1
        assert fetch_due(store, fetchers, now=NOW + timedelta(seconds=599)) == 0
        assert fetch_due(store, fetchers, now=NOW + timedelta(seconds=600)) == 1
    assert waiting(store) == {"waiting": 1}


@pytest.mark.parametrize("status", [429, 500, 502, 503, 401, 403])
def test_while_the_vendor_refuses_all_the_rest_is_not_tried(store: Store, status: int) -> None:
    told(store, "1", "2", "3")
    with hubspot(lambda _: Reply(status=status)) as (vendor, fetchers):
        assert fetch_due(store, fetchers, now=NOW) == 3
        assert fetch_due(store, fetchers, now=NOW) == 0
    assert len(vendor.calls) == 1
    assert waiting(store) == {"waiting": 3}


def test_a_vendor_out_of_reach_loses_nothing(store: Store) -> None:
    told(store)
    wanted = Preferences(fields_for("hubspot"))
    fetch_due(store, {"hubspot": HubSpotNotes("http://127.0.0.1:9", TOKEN, wanted)}, now=NOW)
    with hubspot(lambda _: hubspot_note()) as (_, fetchers):
        fetch_due(store, fetchers, now=NOW + timedelta(minutes=1))
    assert len(rows(store, notes)) == 1


def test_waits_grow_and_it_is_given_up_in_sight(sqlite_store: Store) -> None:
    told(sqlite_store)
    now, tries = NOW, []
    with hubspot(lambda _: Reply(status=500)) as (_, fetchers):
        for minute in range(24 * 60):
            now = NOW + timedelta(minutes=minute)
            if fetch_due(sqlite_store, fetchers, now=now):
                tries.append(minute)
    assert tries[:5] == [0, 1, 3, 7, 15]
    assert len(tries) == MOST_ATTEMPTS
    assert waiting(sqlite_store) == {"given_up": 1}
    given_up = [
        row for row in list_audit(sqlite_store, limit=10).data if row.action == "fetch.given_up"
    ]
    assert [(row.actor, row.target) for row in given_up] == [("webhook:hubspot", "1234567")]


def test_a_new_event_has_another_try_at_what_was_given_up(store: Store) -> None:
    told(store)
    with hubspot(lambda _: Reply(status=400)) as (_, fetchers):
        fetch_due(store, fetchers, now=NOW)
    assert waiting(store) == {"given_up": 1}
    told(store, at=AT + timedelta(minutes=1))
    with hubspot(lambda _: hubspot_note()) as (_, fetchers):
        fetch_due(store, fetchers, now=NOW)
    assert len(rows(store, notes)) == 1


@pytest.mark.parametrize(
    "reply",
    [
        Reply("<html>"),
        Reply("[]"),
        Reply("null"),
        hubspot_note(properties={"hs_note_body": "No time."}),
        hubspot_note(properties=7),
        hubspot_note(associations={"companies": {"results": [7, {"id": None}, {}]}}),
    ],
)
def test_an_answer_that_is_no_note_breaks_nothing(sqlite_store: Store, reply: Reply) -> None:
    told(sqlite_store)
    with hubspot(lambda _: reply) as (_, fetchers):
        assert fetch_due(sqlite_store, fetchers, now=NOW) == 1
    assert rows(sqlite_store, notes) == []


def test_an_event_that_comes_while_its_note_is_fetched_is_not_lost(store: Store) -> None:
    told(store)

    def answer(call: Call) -> Reply:
        if not rows(store, notes):
            told(store, at=AT + timedelta(minutes=1))
            return hubspot_note(text="Old.")
        return hubspot_note(text="New.")

    with hubspot(answer) as (_, fetchers):
        fetch_due(store, fetchers, now=NOW)
        assert waiting(store) == {"waiting": 1}
    with hubspot(lambda _: hubspot_note(text="New.")) as (_, fetchers):
        fetch_due(store, fetchers, now=NOW)
    (note,) = rows(store, notes)
    assert note.text == "New."


def test_a_worker_that_died_leaves_its_claims_to_the_next(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(store)

    class Dies:
        def fetch(self, external_id: str) -> Any:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch_due(store, {"hubspot": Dies()}, now=NOW)
    with hubspot(lambda _: hubspot_note()) as (_, fetchers):
        assert fetch_due(store, fetchers, now=NOW + timedelta(minutes=4)) == 0
        assert fetch_due(store, fetchers, now=NOW + timedelta(minutes=5)) == 1
    assert len(rows(store, notes)) == 1


def test_the_note_and_the_end_of_its_event_are_one_step(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(store)

    def full(*_: object, **__: object) -> None:
        raise Unavailable("The disk is full.", code="store_full")

    monkeypatch.setattr("service.flows.receive.record_batch", full)
    with hubspot(lambda _: hubspot_note()) as (_, fetchers), pytest.raises(Unavailable):
        fetch_due(store, fetchers, now=NOW)
    assert rows(store, notes) == []
    assert waiting(store) == {"waiting": 1}


def test_what_is_deleted_is_not_fetched(store: Store) -> None:
    told(store)
    receive(store, "hubspot", [Deletion("1234567")], now=NOW)
    told(store, at=AT + timedelta(minutes=1))
    assert waiting(store) == {}
