"""The search in all notes, the same on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from models.errors import InvalidInput
from models.window import Calendar, parse_quarter
from service.flows.erase_account import erase_account
from service.flows.erase_csm import erase_csm
from service.flows.forget import delete_note
from service.flows.note_search import NoteFilters, reading_progress, search_notes
from service.flows.portfolio import upsert_accounts, upsert_csms
from service.flows.retention import erase_outdated
from service.storage import notes
from service.storage.engine import Store
from service.storage.tables import note_words
from tests.factories import NOW, lines_of
from tests.flows.world import EXPORT, World


@pytest.fixture
def world(store: Store) -> World:
    world = World(store)
    world.note(1, "Bulk export of Café rows, please.", account_id="a-1", csm_id="c-1")
    world.note(2, "Login by okta. No export.", account_id="a-2", csm_id="c-2", source="slack")
    world.note(
        3,
        "Nothing new.",
        account_id="a-3",
        csm_id="c-1",
        external_id="case-77/b",
        occurred_at="2026-01-03T09:30:00Z",
    )
    accounts = [{"account_id": "a-2", "name": "Österberg & Söhne"}]
    upsert_accounts(store, lines_of(*accounts), now=NOW, actor="t")
    upsert_csms(store, lines_of({"csm_id": "c-2", "name": "Priya Raman"}), now=NOW, actor="t")
    return world


def found(world: World, typed: str = "", **filters: Any) -> list[str]:
    """Accounts of the notes that were found, newest first."""
    rows = search_notes(world.store, NoteFilters(typed=typed, **filters)).rows
    return [{"Österberg & Söhne": "a-2"}.get(row.account, row.account) for row in rows]


def words(store: Store) -> str:
    with store.read() as connection:
        return " ".join(connection.scalars(select(note_words.c.words)))


@pytest.mark.parametrize(
    ("typed", "accounts"),
    [
        ("export", {"a-1", "a-2"}),
        ("EXP bulk", {"a-1"}),
        ('"no export"', {"a-2"}),
        ('"export no"', set()),
        ("cafe", {"a-1"}),
        ("osterberg", {"a-2"}),
        ("osterberg export", {"a-2"}),
        ("osterberg bulk", set()),
        ("priya okta", {"a-2"}),
        ("slack", {"a-2"}),
        ("case-77", {"a-3"}),
        ("a-3", {"a-3"}),
        ("100% _ok ' \" ) *", set()),
        ("", {"a-1", "a-2", "a-3"}),
    ],
)
def test_every_word_must_be_in_the_note_or_its_names(
    world: World, typed: str, accounts: set[str]
) -> None:
    assert {*found(world, typed)} == accounts


@pytest.mark.parametrize(
    ("filters", "accounts"),
    [
        ({"account": "österb"}, {"a-2"}),
        ({"account": "nobody"}, set()),
        ({"csm_id": "c-1"}, {"a-1", "a-3"}),
        ({"source": "slack"}, {"a-2"}),
        ({"state": "pending"}, {"a-1", "a-2", "a-3"}),
        ({"state": "failed"}, set()),
        ({"language": "unknown"}, {"a-1", "a-2", "a-3"}),
        ({"window": Calendar(ZoneInfo("UTC")).window(parse_quarter("2026-Q1"))}, {"a-3"}),
        ({"csm_id": "c-1", "typed": "export"}, {"a-1"}),
    ],
)
def test_filters_hold_together(world: World, filters: dict[str, Any], accounts: set[str]) -> None:
    assert {*found(world, **filters)} == accounts


def test_a_state_that_there_is_not_is_refused(world: World) -> None:
    with pytest.raises(InvalidInput) as caught:
        search_notes(world.store, NoteFilters(state="lost"))
    assert caught.value.code == "unknown_state"


def test_pages_hold_each_note_once_newest_first_and_tell_how_many_there_are(store: Store) -> None:
    world = World(store)
    world.notes([f"Call {n}" for n in range(7)])
    world.note(8, "Call before", occurred_at="2026-01-01T00:00:00Z")
    seen, cursor = [], ""
    while True:
        answer = search_notes(store, NoteFilters(typed="call"), cursor=cursor, limit=3)
        assert answer.total == 8
        seen += [row.id for row in answer.rows]
        cursor = answer.next_cursor
        if not cursor:
            break
    assert len(seen) == len({*seen}) == 8
    assert seen[-1] == search_notes(store, NoteFilters(typed="before")).rows[0].id


def test_an_edited_note_is_found_by_its_new_words_alone(world: World) -> None:
    world.note(1, "Quite another wish.", account_id="a-1", csm_id="c-1")
    assert found(world, "wish") == ["a-1"]
    assert found(world, "bulk") == [] and "bulk" not in words(world.store)


def test_requests_are_counted_without_those_dismissed(store: Store) -> None:
    world = World(store)
    theme = world.item("Data", "Bulk export", description=EXPORT)
    world.note(1, f"{EXPORT}. {EXPORT} again.")
    world.read()
    assert [row.requests for row in search_notes(store, NoteFilters()).rows] == [2]
    world.decide(theme, "dismiss", requests=world.ids(["again"]), reason="no")
    assert [row.requests for row in search_notes(store, NoteFilters()).rows] == [1]


def test_a_deleted_note_leaves_no_word(world: World) -> None:
    delete_note(world.store, "manual", "n-1", now=NOW, actor="t")
    assert found(world, "bulk") == [] and "bulk" not in words(world.store)


def test_an_erased_account_leaves_no_word(world: World) -> None:
    erase_account(world.store, "a-2", now=NOW, actor="t")
    assert found(world, "okta") == [] and found(world, "osterberg") == []
    assert "okta" not in words(world.store)


def test_an_erased_csm_is_not_found_by_name_or_id(world: World) -> None:
    erase_csm(world.store, "c-2", now=NOW, actor="t")
    assert found(world, "priya") == [] and found(world, "c-2") == []
    assert found(world, "okta") == ["a-2"]


def test_what_retention_drops_leaves_no_word(world: World) -> None:
    assert erase_outdated(world.store, 180, now=NOW, actor="t") == 1
    assert "nothing" not in words(world.store) and "bulk" in words(world.store)


def test_the_file_itself_holds_no_word_of_a_deleted_note(
    sqlite_store: Store, sqlite_url: str
) -> None:
    world = World(sqlite_store)
    world.note(1, "Zanzibarian quokkas.")
    world.note(2, "Something else.")
    delete_note(sqlite_store, "manual", "n-1", now=NOW, actor="t")
    with open(sqlite_url.removeprefix("sqlite:///"), "rb") as file:
        assert b"quokkas" not in file.read()


def test_reading_is_told_by_what_a_worker_holds(world: World) -> None:
    assert reading_progress(world.store, now=NOW) == (3, False)
    with world.store.write() as connection:
        notes.claim_pending(connection, now=NOW, until=NOW + timedelta(minutes=1), limit=2)
    assert reading_progress(world.store, now=NOW) == (3, True)
    assert reading_progress(world.store, now=NOW + timedelta(minutes=2)) == (3, False)
