from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from models.errors import NotFound
from models.identity import note_id, vector_key
from service.flows.audit import list_audit
from service.flows.forget import delete_note
from service.flows.ingest import ingest_note, ingest_notes
from service.flows.taxonomy import upsert_items
from service.storage.engine import Store
from service.storage.tables import decisions, notes, requests, themes, vectors
from tests.factories import NOW, lines_of, raw_item, raw_note
from tests.stored import put_request, put_theme

SECRET = "Wombats gnaw through our quarterly spreadsheets"


def forget(store: Store, external_id: str = "n-1") -> None:
    delete_note(store, "manual", external_id, now=NOW, actor="crm")


def post(store: Store, number: int = 1, **changes: Any) -> str:
    return ingest_note(store, raw_note(number, **changes), now=NOW, actor="crm").id


def count(store: Store, table: Any) -> int:
    with store.read() as connection:
        return len(connection.execute(select(table)).all())


def theme(store: Store, theme_id: str = "t_1") -> Any:
    with store.read() as connection:
        return connection.execute(select(themes).where(themes.c.id == theme_id)).one()


def put_decision(store: Store, **changes: Any) -> None:
    values = {
        "id": "d_1",
        "seq": 1,
        "action": "dismiss",
        "payload": {},
        "replaced": {},
        "actor": "ops",
        "made_at": NOW,
    } | changes
    with store.write() as connection:
        connection.execute(insert(decisions).values(values))


def decision(store: Store) -> Any:
    with store.read() as connection:
        return connection.execute(select(decisions)).one()


def test_text_requests_and_vectors_go(store: Store) -> None:
    put_request(store, post(store))
    forget(store)
    assert [count(store, table) for table in (notes, requests, vectors)] == [0, 0, 0]


def test_other_notes_stay(store: Store) -> None:
    post(store, 1)
    kept = put_request(store, post(store, 2), text="export everything")
    forget(store)
    with store.read() as connection:
        assert connection.scalars(select(requests.c.id)).all() == [kept]


def test_a_vector_that_another_request_needs_stays(store: Store) -> None:
    for number in (1, 2):
        put_request(store, post(store, number), text="export everything")
    forget(store, "n-1")
    assert count(store, vectors) == 1
    forget(store, "n-2")
    assert count(store, vectors) == 0


def test_a_vector_that_an_item_needs_stays(store: Store) -> None:
    item = raw_item(customer_need="export everything", description="")
    upsert_items(store, lines_of(item), now=NOW, actor="ops", live=True)
    put_request(store, post(store), text="export everything")
    with store.read() as connection:
        from service.flows.item_index import item_text_keys
        from service.storage import themes as theme_queries

        keys = item_text_keys(theme_queries.live_items(connection)[0])
    assert vector_key("export everything") in keys
    forget(store)
    assert count(store, vectors) == 1


def test_deleting_twice_is_deleting_once(store: Store) -> None:
    post(store)
    forget(store)
    forget(store)
    assert [entry.action for entry in list_audit(store).data].count("note.deleted") == 1


def test_what_was_never_there_can_not_be_deleted(store: Store) -> None:
    with pytest.raises(NotFound) as caught:
        forget(store)
    assert caught.value.code == "unknown_note"


def test_decisions_keep_their_figures_and_lose_their_quotes(store: Store) -> None:
    put_request(store, post(store, text=f"Hello. {SECRET}. Bye."), text=SECRET)
    put_decision(
        store,
        payload={"requests": ["r_1"], "quote": SECRET, "count": 3},
        replaced={"changed": {"requests": {"r_1": {"text": [SECRET, "other"]}}}},
        reason=f"They said: {SECRET}!",
    )
    forget(store)
    row = decision(store)
    assert row.payload == {"requests": ["r_1"], "quote": "[erased]", "count": 3}
    assert row.replaced == {"changed": {"requests": {"r_1": {"text": ["[erased]", "other"]}}}}
    assert row.reason == "They said: [erased]!"


def test_a_short_span_is_no_quote_inside_other_words(store: Store) -> None:
    put_request(store, post(store, text="We need export now."), text="export")
    put_decision(store, payload={"a": "export", "b": "exported"}, reason="Asked to export it.")
    forget(store)
    assert decision(store).payload == {"a": "[erased]", "b": "exported"}
    assert decision(store).reason == "Asked to export it."


def test_what_the_machine_wrote_of_a_theme_keeps_only_words_of_others(store: Store) -> None:
    put_theme(store, label="Wombats gnaw", keyphrases=["wombats gnaw", "quarterly export"])
    gone = put_request(store, post(store, 1, text=SECRET), text=SECRET, **on_theme())
    text = "The quarterly export fails."
    stays = put_request(store, post(store, 2, text=text), text=text, **on_theme())
    with store.write() as connection:
        connection.execute(themes.update().values(exemplars=[gone, stays]))
    forget(store)
    row = theme(store)
    assert row.label == "quarterly export"
    assert (row.keyphrases, row.exemplars) == (["quarterly export"], [stays])
    assert row.version == 2


def test_the_last_words_of_a_theme_become_the_mark(store: Store) -> None:
    put_theme(store, label="Wombats gnaw", keyphrases=["wombats gnaw"])
    put_request(store, post(store, text=SECRET), text=SECRET, **on_theme())
    forget(store)
    assert (theme(store).label, theme(store).keyphrases) == ("[erased]", [])


def test_a_theme_that_faded_or_was_merged_away_forgets_too(store: Store) -> None:
    put_theme(store, "t_1", label="Gnawed sheets", keyphrases=[])
    put_theme(store, "t_2", label="Wombats", status="merged", merged_into="t_1", keyphrases=[])
    put_theme(store, "t_3", label="Quarterly wombats", faded_at=NOW, keyphrases=[])
    put_request(store, post(store, text=SECRET), text=SECRET, **on_theme())
    forget(store)
    assert [theme(store, each).label for each in ("t_2", "t_3")] == ["[erased]", "[erased]"]


def test_a_theme_of_other_notes_is_left_as_it_is(store: Store) -> None:
    put_theme(store, label="Wombats gnaw")
    post(store, text=SECRET)
    forget(store)
    assert (theme(store).label, theme(store).version) == ("Wombats gnaw", 1)


def test_what_a_person_called_a_theme_stays(store: Store) -> None:
    put_theme(store, label="Wombats", label_by="person")
    put_request(store, post(store, text=SECRET), text=SECRET, **on_theme())
    forget(store)
    assert theme(store).label == "Wombats"


def test_no_file_of_the_store_holds_the_text_any_more(sqlite_store: Store, tmp_path: Path) -> None:
    bodies = [raw_note(number) for number in range(2, 400)]
    ingest_notes(sqlite_store, lines_of(*bodies), now=NOW, actor="crm")
    put_theme(sqlite_store, label="Wombats gnaw", keyphrases=["wombats gnaw"])
    # Long enough for pages of its own.
    note = post(sqlite_store, text=f"{SECRET}. " * 400)
    put_request(sqlite_store, note, text=SECRET, **on_theme())
    put_decision(sqlite_store, reason=SECRET)
    assert any(b"Wombats" in file.read_bytes() for file in tmp_path.iterdir())
    forget(sqlite_store)
    for file in tmp_path.iterdir():
        assert b"wombats" not in file.read_bytes().lower(), file.name


def test_a_reader_only_delays_the_scrubbing(sqlite_store: Store, tmp_path: Path) -> None:
    post(sqlite_store, text=SECRET)
    with sqlite_store.read() as connection:
        connection.execute(select(notes)).all()
        forget(sqlite_store)
    post(sqlite_store, 2)
    for file in tmp_path.iterdir():
        assert b"Wombats" not in file.read_bytes(), file.name


def on_theme(theme_id: str = "t_1") -> dict[str, str]:
    return {"theme_id": theme_id, "assigned_by": "model"}


def test_the_tombstone_and_the_trail_hold_no_text(store: Store) -> None:
    post(store, text=SECRET)
    forget(store)
    entries = list_audit(store).data
    assert entries[0].target == note_id("manual", "n-1")
    assert "Wombats" not in repr(entries)
