"""One note with its requests, as each reader may see it."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import insert, select

from models.errors import NotFound
from service.flows.note_view import NoteView, view_note
from service.flows.requests import add_request
from service.masking import PUBLIC, Sight
from service.storage.engine import Store
from service.storage.tables import requests
from tests.factories import NOW
from tests.flows.world import EXPORT, LOGIN, World, texts_on

OPS = Sight(reads_all=True)


def viewed(world: World, note_id: str, sight: Sight = OPS) -> NoteView:
    return view_note(world.store, note_id, as_of=date(2026, 9, 30), sight=sight)


def add(world: World, note_id: str, text: str, words: str) -> str:
    start = text.index(words)
    raw = {"start": start, "end": start + len(words), "severity": "minor", "theme_id": None}
    return str(add_request(world.store, note_id, raw, now=NOW, actor="ops")["decision_id"])


def test_the_cuts_are_the_whole_text_at_the_edges_of_its_requests(store: Store) -> None:
    world = World(store)
    text = f"Hello.\r\n{EXPORT}. Bye."
    note_id = world.note(1, text)
    world.read()
    view = viewed(world, note_id)
    assert "".join(cut.text for cut in view.cuts) == view.text == text
    marked = [cut for cut in view.cuts if cut.request_ids]
    assert [cut.text for cut in marked] == [view.requests[0].row["text"]]


def test_where_requests_overlap_a_cut_is_in_both(sqlite_store: Store) -> None:
    world = World(sqlite_store)
    note_id = world.note(1, f"{EXPORT}. Bye now.")
    world.read()
    with sqlite_store.write() as connection:
        row = dict(connection.execute(select(requests)).mappings().one())
        end = len(EXPORT) + 5
        connection.execute(insert(requests), [{**row, "id": "r_2", "start": 8, "end": end}])
    cuts = viewed(world, note_id).cuts
    assert [len(cut.request_ids) for cut in cuts] == [1, 2, 1, 0]
    assert "".join(cut.text for cut in cuts) == f"{EXPORT}. Bye now."


def test_what_is_hidden_over_the_edge_of_a_request_is_not_given_away(sqlite_store: Store) -> None:
    world = World(sqlite_store)
    text = "Write jane.doe@acme.com about it."
    note_id = world.note(1, text)
    world.read()
    add(world, note_id, text, "doe@acme.com about it")
    view = viewed(world, note_id, PUBLIC)
    assert view.text == "Write [email] about it." and view.masked
    assert [cut.text for cut in view.cuts] == [view.text] and not view.placed
    assert viewed(world, note_id).placed and viewed(world, note_id).text == text


def test_reasons_hold_no_address(sqlite_store: Store) -> None:
    world = World(sqlite_store)
    note_id = world.note(1, f"{EXPORT}.")
    item = world.item("Data", "Bulk export of invoice rows")
    world.read()
    (request_id,) = world.ids([EXPORT])
    world.decide(item, "confirm", requests=[request_id], reason="as jane.doe@acme.com said")
    (one,) = viewed(world, note_id, PUBLIC).requests
    assert [word.reason for word in one.words] == ["as [email] said"]


def test_decisions_that_stand_are_told_with_who_made_them(store: Store) -> None:
    world = World(store)
    text = f"Hello. {EXPORT}. Bye."
    note_id = world.note(1, text)
    world.read()
    decision_id = add(world, note_id, text, "Hello")
    first = viewed(world, note_id).requests[0]
    assert [(word.action, word.actor) for word in first.words] == [("add_request", "ops")]
    assert first.added
    world.undo(decision_id)
    left = viewed(world, note_id).requests
    assert len(left) == 1 and not left[0].words


def test_a_decision_on_its_theme_is_told_of_a_request_that_it_keeps_there(store: Store) -> None:
    world = World(store)
    world.item("Other", "Nothing alike")
    ids = world.notes([*texts_on(EXPORT, 5), *texts_on(LOGIN, 3)])
    world.run()
    theme = world.proposed_with("bulk export")
    world.decide(theme, "accept", feature_area="Data", customer_need="Bulk export")
    placed = viewed(world, ids[0]).requests[0]
    assert placed.bound and placed.on_theme is not None
    assert (placed.on_theme.action, placed.on_theme.actor) == ("accept", "ops")
    assert (placed.row["customer_need"], placed.theme_status) == ("Bulk export", "accepted")


def test_dismissed_requests_are_told_last_and_mark_nothing(store: Store) -> None:
    world = World(store)
    theme = world.item("Data", "Bulk export", description=EXPORT)
    note_id = world.note(1, f"{EXPORT} today. {EXPORT} again.")
    world.read()
    world.decide(theme, "dismiss", requests=world.ids(["today"]), reason="a joke")
    view = viewed(world, note_id)
    assert [one.row["dismissed"] for one in view.requests] == [False, True]
    assert view.requests[1].words[-1].reason == "a joke"
    assert {id_ for cut in view.cuts for id_ in cut.request_ids} == {view.requests[0].row["id"]}


def test_a_note_that_there_is_not_is_refused(sqlite_store: Store) -> None:
    with pytest.raises(NotFound):
        viewed(World(sqlite_store), "n_none")
