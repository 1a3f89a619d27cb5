"""What product does about a theme says nothing of its requests."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from service.flows.decide import take_decision
from service.flows.undo import take_back
from service.storage import decisions
from service.storage.engine import Store
from service.storage.tables import requests
from tests.factories import NOW
from tests.flows.world import EXPORT, LOGIN, World, texts_on

BACKLOG = {"action": "deliver", "state": "backlog", "priority": "P2", "expected_review": "Q4"}


@pytest.fixture
def misplaced(sqlite_store: Store) -> tuple[World, str, str]:
    """A request that the machine would place on another item today; and both items' themes."""
    world = World(sqlite_store)
    export = world.item("Data", EXPORT)
    login = world.item("Access", LOGIN)
    world.notes([texts_on(EXPORT, 1)[0]])
    world.run()
    assert world.theme_of("bulk export") == export
    with sqlite_store.write() as connection:
        connection.execute(update(requests).values(theme_id=login))
    return world, export, login


def test_delivering_and_taking_it_back_move_no_request(misplaced: tuple[World, str, str]) -> None:
    world, export, login = misplaced
    made = world.decide(export, **BACKLOG)["decision_id"]
    assert world.theme_of("bulk export") == login
    world.undo(made)
    assert world.theme_of("bulk export") == login


def test_other_decisions_do_place_anew(misplaced: tuple[World, str, str]) -> None:
    world, export, login = misplaced
    world.decide(login, "reject", reason="not one need")
    assert world.theme_of("bulk export") == export


def test_a_decision_taken_for_its_id_alone_is_kept_all_the_same(sqlite_store: Store) -> None:
    world = World(sqlite_store)
    theme = world.item("Data", "Bulk export")
    made = take_decision(sqlite_store, theme, BACKLOG, now=NOW, actor="pm")
    assert world.theme(theme)["delivery"]["priority"] == "P2"
    assert take_back(sqlite_store, made, now=NOW, actor="ops").action == "deliver"
    assert world.theme(theme)["delivery"]["state"] == "open"
    with sqlite_store.read() as connection:
        kept = decisions.get(connection, made)
    assert kept is not None and (kept.actor, kept.undone_by) == ("pm", "ops")
