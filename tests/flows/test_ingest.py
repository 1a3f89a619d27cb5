from __future__ import annotations

import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from models.errors import InvalidInput
from models.identity import note_id
from service.flows.audit import list_audit
from service.flows.forget import delete_note
from service.flows.ingest import ingest_note, ingest_notes
from service.flows.portfolio import list_accounts, list_csms, upsert_accounts
from service.storage import notes, requests
from service.storage.engine import Store, open_store
from service.storage.tables import notes as notes_table
from tests.factories import NOW, lines_of, raw_note
from tests.stored import put_request


def post(store: Store, **changes: Any) -> str:
    return ingest_note(store, raw_note(**changes), now=NOW, actor="crm").status


def stored(store: Store, external_id: str = "n-1") -> Any:
    with store.read() as connection:
        wanted = notes_table.c.external_id == external_id
        return connection.execute(select(notes_table).where(wanted)).one()


def texts(store: Store) -> dict[str, str]:
    with store.read() as connection:
        columns = select(notes_table.c.external_id, notes_table.c.text)
        return {row.external_id: row.text for row in connection.execute(columns)}


def read_all(store: Store) -> None:
    with store.write() as connection:
        for note in notes.claim_pending(connection, now=NOW, until=NOW, limit=100):
            notes.mark_read(connection, note.id, note.revision)


def test_a_new_note_is_stored_as_posted_and_pending(store: Store) -> None:
    receipt = ingest_note(store, raw_note(text="  One\r\n\ttwo\n"), now=NOW, actor="crm")
    assert receipt.status == "accepted"
    row = stored(store)
    assert (row.id, row.text, row.state) == (receipt.id, "  One\r\n\ttwo\n", "pending")
    assert row.occurred_at == datetime(2026, 7, 3, 9, 30, tzinfo=UTC)


def test_the_same_note_again_is_a_duplicate(store: Store) -> None:
    post(store)
    read_all(store)
    assert post(store, occurred_at="2026-07-03T11:30:00+02:00") == "duplicate"
    assert stored(store).state == "read"


def test_the_same_external_id_of_another_source_is_another_note(store: Store) -> None:
    post(store)
    assert post(store, source="zendesk") == "accepted"


def test_a_changed_text_is_read_anew(store: Store) -> None:
    post(store)
    read_all(store)
    assert post(store, text="Now they need import.") == "updated"
    row = stored(store)
    assert (row.text, row.state, row.revision) == ("Now they need import.", "pending", 2)


def test_a_text_that_changes_while_it_is_read_can_be_claimed_at_once(store: Store) -> None:
    post(store)
    with store.write() as connection:
        notes.claim_pending(connection, now=NOW, until=NOW + timedelta(hours=1), limit=1)
    post(store, text="Now they need import.")
    with store.write() as connection:
        claimed = notes.claim_pending(connection, now=NOW, until=NOW, limit=1)
        assert [note.revision for note in claimed] == [2]
        # The reading of the first text comes too late.
        assert not notes.mark_read(connection, claimed[0].id, 1)


def test_another_field_changes_the_requests_and_reads_nothing_anew(store: Store) -> None:
    rows = lines_of({"account_id": "a-1", "arr": 100}, {"account_id": "a-2", "arr": 250})
    upsert_accounts(store, rows, now=NOW, actor="crm")
    post(store)
    request = put_request(store, note_id("manual", "n-1"), arr_when_reported=Decimal(90))
    read_all(store)
    changes = {"account_id": "a-2", "csm_id": "c-2", "occurred_at": "2026-08-01T00:00:00Z"}
    assert post(store, **changes) == "updated"
    assert (stored(store).state, stored(store).revision) == ("read", 1)
    with store.read() as connection:
        copied = requests.get_many(connection, [request])[request]
    assert (copied.account_id, copied.csm_id) == ("a-2", "c-2")
    assert copied.occurred_at == datetime(2026, 8, 1, tzinfo=UTC)
    assert copied.arr_when_reported == 250


def test_the_arr_as_reported_stays_with_the_account(store: Store) -> None:
    upsert_accounts(store, lines_of({"account_id": "a-1", "arr": 100}), now=NOW, actor="crm")
    post(store)
    request = put_request(store, note_id("manual", "n-1"), arr_when_reported=Decimal(90))
    post(store, csm_id="c-2")
    with store.read() as connection:
        assert requests.get_many(connection, [request])[request].arr_when_reported == 90


def test_an_older_revision_that_comes_late_is_stale(store: Store) -> None:
    post(store, revised_at="2026-07-05T00:00:00Z", text="The second text.")
    assert post(store, revised_at="2026-07-04T00:00:00Z", text="The first text.") == "stale"
    assert stored(store).text == "The second text."


def test_a_newer_revision_wins(store: Store) -> None:
    post(store, revised_at="2026-07-04T00:00:00Z", text="The first text.")
    assert post(store, revised_at="2026-07-05T00:00:00Z", text="The second text.") == "updated"


def test_an_old_revision_is_still_stale_after_one_without_a_date(store: Store) -> None:
    post(store, revised_at="2026-07-05T00:00:00Z")
    assert post(store, text="Mended by hand.") == "updated"
    assert post(store, revised_at="2026-07-04T00:00:00Z", text="Old.") == "stale"
    assert stored(store).text == "Mended by hand."


def test_the_same_text_with_a_newer_date_is_not_read_anew(store: Store) -> None:
    post(store, revised_at="2026-07-04T00:00:00Z")
    read_all(store)
    assert post(store, revised_at="2026-07-05T00:00:00Z") == "updated"
    assert stored(store).state == "read"


def test_a_deleted_note_is_not_taken_back(store: Store) -> None:
    post(store)
    delete_note(store, "manual", "n-1", now=NOW, actor="crm")
    assert post(store) == "deleted"
    assert texts(store) == {}


def test_accounts_and_csms_not_known_yet_are_made_bare(store: Store) -> None:
    post(store, account_id="new", csm_id="who")
    accounts = list_accounts(store, incomplete=True).data
    csms = list_csms(store, incomplete=True).data
    assert [account.value.account_id for account in accounts] == ["new"]
    assert [csm.value.csm_id for csm in csms] == ["who"]


def test_a_known_account_is_left_as_it_is(store: Store) -> None:
    row = {"account_id": "a-1", "name": "Acme"}
    upsert_accounts(store, lines_of(row), now=NOW, actor="crm")
    post(store)
    assert list_accounts(store).data[0].value.name == "Acme"


def test_a_refused_note_stores_nothing(store: Store) -> None:
    with pytest.raises(InvalidInput):
        ingest_note(store, raw_note(text=" "), now=NOW, actor="crm")
    assert texts(store) == {}
    assert list_accounts(store).data == []


def test_good_lines_are_kept_and_bad_ones_named(store: Store) -> None:
    broken = InvalidInput("This is not valid JSON.", code="broken_json")
    lines = lines_of(
        raw_note(1),
        broken,
        raw_note(1),
        raw_note(2, text="  "),
        raw_note(3),
        raw_note(1, text="Another text."),
    )
    receipt = ingest_notes(store, lines, now=NOW, actor="crm")
    assert (receipt.accepted, receipt.duplicate, receipt.updated) == (2, 1, 1)
    assert [(bad.line, bad.code) for bad in receipt.rejected] == [
        (2, "broken_json"),
        (4, "empty_text"),
    ]
    assert texts(store) == {"n-1": "Another text.", "n-3": raw_note(3)["text"]}


def test_lines_of_one_batch_count_in_their_order(store: Store) -> None:
    second = raw_note(revised_at="2026-07-05T00:00:00Z", text="Second.")
    first = raw_note(revised_at="2026-07-04T00:00:00Z", text="First.")
    receipt = ingest_notes(store, lines_of(first, second, first), now=NOW, actor="crm")
    assert (receipt.accepted, receipt.updated, receipt.stale) == (1, 1, 1)
    assert texts(store) == {"n-1": "Second."}


def test_a_batch_of_several_chunks_is_the_same_as_its_notes_one_by_one(store: Store) -> None:
    bodies = [raw_note(number % 1_500, text=f"Text {number}") for number in range(2_500)]
    receipt = ingest_notes(store, lines_of(*bodies), now=NOW, actor="crm")
    assert (receipt.accepted, receipt.updated) == (1_500, 1_000)
    wanted = {f"n-{number}": f"Text {number}" for number in range(1_000, 1_500)}
    wanted |= {f"n-{number - 1_500}": f"Text {number}" for number in range(1_500, 2_500)}
    assert texts(store) == wanted


def test_a_batch_tells_of_each_chunk_once_it_is_committed(store: Store) -> None:
    seen: list[tuple[int, int]] = []
    ingest_notes(
        store,
        lines_of(*(raw_note(number) for number in range(2_100))),
        now=NOW,
        actor="crm",
        on_chunk=lambda receipt: seen.append((receipt.lines, len(texts(store)))),
    )
    assert seen == [(1_000, 1_000), (2_000, 2_000), (2_100, 2_100)]


def test_a_deleted_note_within_a_batch_is_counted(store: Store) -> None:
    post(store)
    delete_note(store, "manual", "n-1", now=NOW, actor="crm")
    receipt = ingest_notes(store, lines_of(raw_note(1), raw_note(2)), now=NOW, actor="crm")
    assert (receipt.deleted, receipt.accepted) == (1, 1)


def test_two_who_send_the_same_notes_at_once_store_each_once(store: Store, store_url: str) -> None:
    other = open_store(store_url)
    lines = lines_of(*(raw_note(number) for number in range(1_500)))
    told: Counter[str] = Counter()

    def send(mine: Store) -> None:
        receipt = ingest_notes(mine, lines, now=NOW, actor="crm")
        told.update(accepted=receipt.accepted, duplicate=receipt.duplicate)

    threads = [threading.Thread(target=send, args=(mine,)) for mine in (store, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    assert told == {"accepted": 1_500, "duplicate": 1_500}
    assert len(texts(store)) == 1_500


def test_the_trail_says_who_sent_what_and_nothing_of_the_text(store: Store) -> None:
    post(store, text="A secret.")
    ingest_notes(store, lines_of(raw_note(2, text="Another secret.")), now=NOW, actor="loader")
    entries = list_audit(store).data
    assert [(entry.actor, entry.action) for entry in entries] == [
        ("loader", "notes.batch"),
        ("crm", "note.accepted"),
    ]
    assert "secret" not in repr(entries)


def test_a_duplicate_leaves_no_trail(store: Store) -> None:
    post(store)
    post(store)
    ingest_notes(store, lines_of(raw_note()), now=NOW, actor="crm")
    assert len(list_audit(store).data) == 1


def test_the_longest_ids_of_the_widest_characters_fit(store: Store) -> None:
    widest = "\U0001f600" * 255
    fields = ("source", "external_id", "account_id", "csm_id")
    assert post(store, **dict.fromkeys(fields, widest)) == "accepted"
    assert post(store, **dict.fromkeys(fields, widest)) == "duplicate"


def test_the_longest_text_is_stored_whole(store: Store) -> None:
    longest = "\U0001f600\r\n\t" * 25_000
    post(store, text=longest)
    assert texts(store) == {"n-1": longest}
