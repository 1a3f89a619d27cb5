"""Items without a theme: made live, proposed, refused, and all of it taken back."""

from __future__ import annotations

from typing import Any

import pytest

from models.errors import Conflict, NotFound
from models.taxonomy import ItemStatus
from service.flows.decide_item import decide_item, item_etag, propose_item
from service.flows.taxonomy import list_items
from service.storage import jobs, themes
from service.storage.engine import Store
from service.storage.operating_tables import jobs as jobs_table
from service.storage.taxonomy_items import StoredItem
from tests.flows.world import LOGIN, World, tables_of, texts_on

PAIR = {"feature_area": "Access", "customer_need": "Sign on"}
TRAIL = ("decisions", "audit", "data_version", "touched", "vectors", "jobs")


@pytest.fixture
def world(store: Store) -> World:
    """Four requests that nothing fits yet, on no theme."""
    world = World(store)
    world.item("Billing", "Pay each invoice by card")
    world.notes(texts_on(LOGIN, 4))
    world.read()
    return world


def say(world: World, action: str, if_match: str | None = None, **said: Any) -> str:
    return decide_item(
        world.store,
        {"action": action, **PAIR, **said},
        now=world.now,
        actor="ops",
        if_match=if_match,
        language=world.language,
    )


def propose(world: World, **said: Any) -> str:
    return propose_item(world.store, {**PAIR, **said}, now=world.now, actor="csm")


def item(world: World) -> StoredItem:
    (found,) = [one for one in list_items(world.store).data if one.item.feature_area == "Access"]
    return found


def test_a_new_item_is_live_with_a_theme_and_takes_what_waits_for_it(world: World) -> None:
    say(world, "add", description=LOGIN)
    assert item(world).status is ItemStatus.LIVE
    assert len(world.on(item(world).theme_id)) == 4


def test_what_nobody_can_embed_now_is_embedded_by_a_job(world: World) -> None:
    with world.store.write() as connection:
        connection.execute(jobs_table.delete())
    decide_item(world.store, {"action": "add", **PAIR}, now=world.now, actor="ops")
    with world.store.read() as connection:
        queued = [row.kind for row in connection.execute(jobs_table.select())]
    assert queued == [jobs.TAXONOMY]


def test_what_somebody_proposes_is_live_only_when_cs_ops_says_so(world: World) -> None:
    propose(world, description=LOGIN)
    assert (item(world).status, item(world).theme_id) == (ItemStatus.PROPOSED, None)
    assert len(world.on(None)) == 4
    say(world, "add", if_match=item_etag(item(world)))
    assert item(world).status is ItemStatus.LIVE
    assert item(world).item.description == LOGIN
    assert len(world.on(item(world).theme_id)) == 4


def test_what_was_refused_is_retired_and_stays_so(world: World) -> None:
    propose(world)
    say(world, "refuse")
    assert item(world).status is ItemStatus.RETIRED
    with pytest.raises(Conflict) as again:
        propose(world)
    assert again.value.code == "item_exists"


@pytest.mark.parametrize("first", ["add", "propose"])
def test_nobody_proposes_what_is_on_record(world: World, first: str) -> None:
    propose(world, description="Mine") if first == "propose" else say(world, "add")
    known = item(world)
    with pytest.raises(Conflict):
        propose(world, description="Somebody else's")
    assert item(world) == known


@pytest.mark.parametrize("kind", ["add", "add after a proposal", "bring back", "refuse"])
def test_undo_restores_every_row(world: World, kind: str) -> None:
    if kind in ("add after a proposal", "refuse"):
        propose(world)
    if kind == "bring back":
        say(world, "add")
        world.decide(str(item(world).theme_id), "reject", reason="no")
    before = tables_of(world.store, without=TRAIL)
    made = say(world, "refuse" if kind == "refuse" else "add", description=LOGIN)
    assert tables_of(world.store, without=TRAIL) != before
    world.undo(made)
    assert tables_of(world.store, without=TRAIL) == before


def test_an_item_that_was_built_on_is_undone_after_what_was_built(world: World) -> None:
    made = say(world, "add", description=LOGIN)
    theme = str(item(world).theme_id)
    later = world.decide(theme, "rename", label="SSO")["decision_id"]
    with pytest.raises(Conflict) as refused:
        world.undo(made)
    assert refused.value.code == "built_upon"
    world.undo(later)
    world.undo(made)
    # Its id has been written of, so it stays, and weighs nothing.
    with world.store.read() as connection:
        left = themes.get(connection, theme)
    assert left is not None and left.status == "rejected"
    assert len(world.on(None)) == 4


def test_refusals(world: World) -> None:
    with pytest.raises(NotFound):
        say(world, "refuse")
    say(world, "add")
    for action, code in (("add", "item_exists"), ("refuse", "not_proposed")):
        with pytest.raises(Conflict) as refused:
            say(world, action)
        assert refused.value.code == code


def test_of_two_the_second_sees_what_the_first_made_of_it(world: World) -> None:
    propose(world)
    seen = item_etag(item(world))
    say(world, "refuse", if_match=seen)
    with pytest.raises(Conflict) as refused:
        say(world, "add", if_match=seen)
    assert refused.value.code == "stale_etag"
