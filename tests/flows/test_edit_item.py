"""Editing an item: new words, a new name, and what stays."""

from __future__ import annotations

from typing import Any

import pytest

from models.errors import Conflict
from models.taxonomy import ItemStatus
from service.flows.decide import decide
from service.flows.observe import record_observation
from service.flows.taxonomy import list_items, upsert_items
from service.storage import jobs
from service.storage.engine import Store
from service.storage.operating_tables import jobs as jobs_table
from tests.factories import lines_of, raw_item, raw_observation
from tests.flows.world import COLOUR, EXPORT, LOGIN, World, texts_on

PAIR = {"feature_area": "Access", "customer_need": "Sign on"}
NEW = {"feature_area": "Identity", "customer_need": "Single sign-on"}


@pytest.fixture
def world(sqlite_store: Store) -> World:
    """One item with four requests on it."""
    world = World(sqlite_store)
    world.item("Access", "Sign on", description=LOGIN)
    world.notes(texts_on(LOGIN, 4))
    world.run()
    return world


def theme(world: World) -> str:
    return world.proposed_with("okta")


def items(world: World) -> dict[tuple[str, str], Any]:
    stored = list_items(world.store).data
    return {(one.item.feature_area, one.item.customer_need): one for one in stored}


def test_a_new_name_keeps_the_theme_with_all_that_is_on_it(world: World) -> None:
    known, before = theme(world), world.on(theme(world))
    world.decide(known, "deliver", state="declined", reason="no")
    shown = world.decide(known, "edit", **NEW)
    assert (shown["id"], shown["label"]) == (known, "Single sign-on")
    assert (shown["feature_area"], shown["customer_need"]) == ("Identity", "Single sign-on")
    assert shown["delivery"]["state"] == "declined"
    assert [one["action"] for one in shown["decisions"]] == ["deliver", "edit"]
    assert world.on(known) == before


def test_the_old_name_is_retired_and_the_words_go_along(world: World) -> None:
    known = theme(world)
    world.decide(known, "edit", **NEW)
    assert items(world)["Access", "Sign on"].status is ItemStatus.RETIRED
    new = items(world)["Identity", "Single sign-on"]
    assert (new.status, new.theme_id, new.item.description) == (ItemStatus.LIVE, known, LOGIN)


def test_a_persons_label_survives_a_new_name(world: World) -> None:
    world.decide(theme(world), "rename", label="Okta")
    assert world.decide(theme(world), "edit", **NEW)["label"] == "Okta"


# Ids are digests of the names: one is before the old name's in their order, one behind it.
@pytest.mark.parametrize("need", ["Single sign-on", "SSO"])
def test_it_can_be_renamed_back(world: World, need: str) -> None:
    known = theme(world)
    world.decide(known, "edit", **{**NEW, "customer_need": need})
    made = world.decide(known, "edit", **PAIR)["decision_id"]
    assert items(world)["Access", "Sign on"].theme_id == known
    assert items(world)["Access", "Sign on"].status is ItemStatus.LIVE
    world.undo(made)
    assert items(world)["Access", "Sign on"].status is ItemStatus.RETIRED
    assert items(world)["Identity", need].status is ItemStatus.LIVE


def test_new_notes_follow_the_new_name(world: World) -> None:
    known = theme(world)
    world.decide(known, "edit", **NEW)
    world.note(40, f"{LOGIN} once more.")
    world.run()
    assert world.theme_of("once more") == known
    row = record_observation(
        world.store, raw_observation(**NEW, verbatim=None), now=world.now, actor="t"
    )
    assert row.id


def test_words_change_and_the_name_stays(world: World) -> None:
    known = theme(world)
    world.decide(known, "edit", **PAIR, description=f"{LOGIN}, always", examples=["Okta, please"])
    item = items(world)["Access", "Sign on"]
    assert (item.item.description, item.item.examples) == (f"{LOGIN}, always", ("Okta, please",))
    assert item.theme_id == known


def test_what_waited_and_fits_the_new_words_is_put_on_it(world: World) -> None:
    world.note(50, "They need hardware keys for the door.")
    world.read()
    assert world.theme_of("hardware") is None
    world.decide(theme(world), "edit", **PAIR, examples=["They need hardware keys for the door."])
    assert world.theme_of("hardware") == theme(world)


def test_words_that_nobody_can_embed_now_move_nothing_until_a_job_did(world: World) -> None:
    known, before = theme(world), world.on(theme(world))
    with world.store.write() as connection:
        connection.execute(jobs_table.delete())
    decide(world.store, known, {"action": "edit", **NEW}, now=world.now, actor="ops")
    assert world.on(known) == before
    with world.store.read() as connection:
        queued = [row.kind for row in connection.execute(jobs_table.select())]
    assert queued == [jobs.TAXONOMY]


def test_a_name_that_another_live_item_has_is_refused(world: World) -> None:
    world.item("Identity", "Single sign-on", description="Something else entirely")
    with pytest.raises(Conflict) as refused:
        world.decide(theme(world), "edit", **NEW)
    assert refused.value.code == "item_exists"
    assert items(world)["Access", "Sign on"].status is ItemStatus.LIVE


def test_a_theme_that_is_no_item_cannot_be_edited(world: World) -> None:
    world.notes([*texts_on(EXPORT, 5), *texts_on(COLOUR, 4)], first=60)
    world.run()
    with pytest.raises(Conflict) as refused:
        world.decide(world.proposed_with("export"), "edit", **NEW)
    assert refused.value.code == "not_an_item"


def test_an_upload_since_makes_the_etag_stale_and_undo_impossible(world: World) -> None:
    known = theme(world)
    seen = world.theme(known)["etag"]
    upload = raw_item("Access", "Sign on", description="From a file")
    upsert_items(world.store, lines_of(upload), now=world.now, actor="t", live=True)
    with pytest.raises(Conflict) as refused:
        world.decide(known, "edit", **PAIR, description="Mine", if_match=seen)
    assert refused.value.code == "stale_etag"
    made = world.decide(known, "edit", **PAIR, description="Mine")["decision_id"]
    upsert_items(world.store, lines_of(upload), now=world.now, actor="t", live=True)
    with pytest.raises(Conflict) as refused:
        world.undo(made)
    assert refused.value.code == "changed_since"


def test_an_item_made_anew_under_the_old_name_is_not_undone_away(world: World) -> None:
    made = world.decide(theme(world), "edit", **NEW)["decision_id"]
    upload = raw_item("Access", "Sign on", description="Another thing of this name")
    upsert_items(world.store, lines_of(upload), now=world.now, actor="t", live=True)
    with pytest.raises(Conflict) as refused:
        world.undo(made)
    assert refused.value.code == "changed_since"
