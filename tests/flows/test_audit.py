from __future__ import annotations

from service.flows.audit import list_audit
from service.flows.ingest import ingest_note
from service.storage.engine import Store
from tests.factories import NOW, raw_note


def put(store: Store, count: int, actor: str = "crm") -> None:
    for number in range(count):
        ingest_note(store, raw_note(number, source=actor), now=NOW, actor=actor)


def test_the_newest_comes_first_and_pages_hold_each_once(store: Store) -> None:
    put(store, 5)
    seen, cursor = [], ""
    while True:
        page = list_audit(store, cursor=cursor, limit=2)
        seen += [entry.seq for entry in page.data]
        cursor = page.next_cursor
        if not cursor:
            break
    assert len(seen) == 5
    assert seen == sorted(seen, reverse=True)


def test_one_actors_entries_can_be_asked_for(store: Store) -> None:
    put(store, 2, "crm")
    put(store, 1, "loader")
    assert {entry.actor for entry in list_audit(store, actor="loader").data} == {"loader"}


def test_an_entry_says_who_did_what_to_what_and_when(store: Store) -> None:
    receipt = ingest_note(store, raw_note(), now=NOW, actor="crm")
    (entry,) = list_audit(store).data
    assert (entry.at, entry.actor, entry.action) == (NOW, "crm", "note.accepted")
    assert entry.target == receipt.id
