"""The board that is kept and caught up with each write: as if it were made anew."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from models.policy import COMBINED
from models.signal import Board
from models.trend import recent_months
from models.window import Calendar, parse_quarter
from service.flows.boards import Judging, kept_board
from service.flows.erase_account import erase_account
from service.flows.kept_by_theme import KeptByTheme
from service.flows.month_history import month_history
from service.flows.portfolio import upsert_accounts, upsert_csms
from service.storage import placements
from service.storage.engine import Store, open_store
from service.storage.placements import Place
from tests.factories import lines_of
from tests.flows.every_decision import ACTIONS, said_in, world_to_decide_on
from tests.flows.world import EXPORT, LOGIN, World

CALENDAR = Calendar(ZoneInfo("UTC"))
JUDGING = Judging(parse_quarter("2026-Q3"), date(2026, 9, 30), COMBINED)
MONTHS = recent_months(CALENDAR, JUDGING.quarter, JUDGING.as_of, 3)


@pytest.fixture
def world(store: Store) -> World:
    return world_to_decide_on(store)


Seen = tuple[Board, Mapping[str, Sequence[int]]]


def seen_by(store: Store) -> Seen:
    with store.read() as connection:
        return (
            kept_board(store, connection, JUDGING, calendar=CALENDAR),
            dict(month_history(store, connection, MONTHS, calendar=CALENDAR)),
        )


def seen_anew(store: Store) -> Seen:
    """By somebody who has kept nothing."""
    other = open_store(store._writer.url.render_as_string(hide_password=False))
    try:
        return seen_by(other)
    finally:
        other.close()


@pytest.mark.parametrize("action", ACTIONS)
def test_each_decision_and_its_undoing_are_followed(world: World, action: str) -> None:
    before = seen_by(world.store)
    theme, said = said_in(world, action)
    decided = world.decide(theme, action.split()[0], **said)
    after = seen_by(world.store)
    assert after == seen_anew(world.store)
    # A refused proposal or another item's description weighs nothing.
    assert (after != before) == (action != "edit")
    world.undo(decided["decision_id"])
    assert seen_by(world.store) == before


def erase(world: World) -> None:
    erase_account(world.store, "a-1", now=world.now, actor="admin")


def hear_more(world: World) -> None:
    world.notes([f"{EXPORT} at last.", "They need a unicorn."], first=60)
    world.run()


def mend_a_note(world: World) -> None:
    world.note(1, f"{LOGIN} instead.")
    world.read()


def know_an_account(world: World) -> None:
    raw = {"account_id": "a-2", "arr": 90_000, "at_risk": True, "segment": "enterprise"}
    upsert_accounts(world.store, lines_of(raw), now=world.now, actor="t")


def know_a_csm(world: World) -> None:
    raw = {"csm_id": "c-77", "name": "Noor", "email": "noor@example.com"}
    upsert_csms(world.store, lines_of(raw), now=world.now, actor="t")


@pytest.mark.parametrize("change", [erase, hear_more, mend_a_note, know_an_account, know_a_csm])
def test_whatever_else_is_written_is_followed(
    world: World, change: Callable[[World], None]
) -> None:
    before = seen_by(world.store)
    change(world)
    after = seen_by(world.store)
    assert after == seen_anew(world.store)
    assert after != before


def test_a_write_sees_its_own_work_and_leaves_nothing_behind(world: World) -> None:
    before = seen_by(world.store)[0]
    two = world.ids(["okta soon", "okta today"])
    export = world.proposed_with("export")
    with world.store.rehearse() as connection:
        placements.place(connection, dict.fromkeys(two, Place(export, 0.9)))
        board = kept_board(world.store, connection, JUDGING, calendar=CALENDAR)
        assert requests_on(board, export) == requests_on(before, export) + 2
    assert seen_by(world.store)[0] == before


def requests_on(board: Board, theme_id: str) -> int:
    return next(s.evidence.requests for s in board.signals if s.theme.theme_id == theme_id)


def test_an_older_snapshot_keeps_to_what_it_sees(world: World) -> None:
    before = seen_by(world.store)[0]
    with world.store.read() as early:
        Store.data_version(early)
        world.decide(world.proposed_with("okta"), "reject", reason="no")
        after = seen_by(world.store)[0]
        assert kept_board(world.store, early, JUDGING, calendar=CALENDAR) == before
    assert seen_by(world.store)[0] == after != before


def test_after_a_decision_only_the_themes_that_it_touched_are_worked_out(world: World) -> None:
    kept, asked = KeptByTheme[str](most=1), []

    def work_out(theme_ids: frozenset[str] | None) -> dict[str, str]:
        asked.append(theme_ids)
        return {}

    def look() -> None:
        with world.store.read() as connection:
            kept.get(world.store, connection, "", work_out)

    okta = world.proposed_with("okta")
    look()
    look()
    world.decide(okta, "rename", label="SSO")
    look()
    with world.store.write():
        pass
    look()
    assert asked == [None, {okta}]


def test_a_store_that_was_put_back_is_seen_as_it_is(sqlite_store: Store, tmp_path: Path) -> None:
    world = world_to_decide_on(sqlite_store)
    file = Path(str(sqlite_store._writer.url.database))
    with closing(sqlite3.connect(file)) as now, closing(sqlite3.connect(tmp_path / "b")) as kept:
        now.backup(kept)
    for label in ("Lost", "Lost too"):
        world.decide(world.proposed_with("okta"), "rename", label=label)
        seen_by(sqlite_store)
    with closing(sqlite3.connect(tmp_path / "b")) as kept, closing(sqlite3.connect(file)) as now:
        kept.backup(now)
    assert seen_by(sqlite_store) == seen_anew(sqlite_store)
    for label in ("One", "Two", "Three"):
        world.decide(world.proposed_with("export"), "rename", label=label)
    assert seen_by(sqlite_store) == seen_anew(sqlite_store)
