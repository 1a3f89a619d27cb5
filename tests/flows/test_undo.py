from __future__ import annotations

import pytest

from models.errors import Conflict, NotFound
from service.storage.engine import Store
from service.storage.tables import separations
from tests.flows.every_decision import ACTIONS, said_in, world_to_decide_on
from tests.flows.world import World, tables_of

# What a decision and its undoing leave behind on purpose.
TRAIL = ("decisions", "audit", "data_version", "touched", "vectors", "jobs")


@pytest.fixture
def world(store: Store) -> World:
    return world_to_decide_on(store)


@pytest.mark.parametrize("action", ACTIONS)
def test_undo_restores_every_row(world: World, action: str) -> None:
    theme, said = said_in(world, action)
    # An undone merge is remembered, so that no machine makes it again.
    merges = action.startswith("merge") or action == "accept live"
    trail = (*TRAIL, separations.name) if merges else TRAIL
    before = tables_of(world.store, without=trail)
    decided = world.decide(theme, action.split()[0], **said)
    assert tables_of(world.store, without=trail) != before
    world.undo(decided["decision_id"])
    assert tables_of(world.store, without=trail) == before


@pytest.mark.parametrize("action", ACTIONS)
def test_undo_after_a_run_leaves_what_a_run_without_the_decision_makes(
    world: World, action: str
) -> None:
    before = world.groups()
    theme, said = said_in(world, action)
    decided = world.decide(theme, action.split()[0], **said)
    world.run()
    world.undo(decided["decision_id"])
    world.run()
    assert world.groups() == before


def test_undo_answers_with_the_theme_as_it_is_again(world: World) -> None:
    theme = world.proposed_with("okta")
    decided = world.decide(theme, "merge", into=world.proposed_with("export"))
    undone = world.undo(decided["decision_id"])
    assert (undone["id"], undone["status"], undone["requests"]) == (theme, "proposed", 4)


def test_undoing_twice_is_refused(world: World) -> None:
    decided = world.decide(world.proposed_with("okta"), "rename", label="SSO")
    world.undo(decided["decision_id"])
    with pytest.raises(Conflict) as refused:
        world.undo(decided["decision_id"])
    assert refused.value.code == "already_undone"


def test_an_unknown_decision_is_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        world.undo("nothing")


def test_undo_is_refused_where_a_later_decision_touched_the_same_requests(world: World) -> None:
    login, export = world.proposed_with("okta"), world.proposed_with("export")
    chosen = world.ids(["okta soon"])
    first = world.decide(login, "move", requests=chosen, to=export)
    second = world.decide(export, "move", requests=chosen, to=login)
    with pytest.raises(Conflict) as refused:
        world.undo(first["decision_id"])
    assert second["decision_id"] in refused.value.message
    world.undo(second["decision_id"])
    world.undo(first["decision_id"])
    assert world.theme_of("okta soon") == login


def test_a_later_decision_on_other_rows_is_no_obstacle(world: World) -> None:
    login = world.proposed_with("okta")
    first = world.decide(login, "confirm", requests=world.ids(["okta soon"]))
    world.decide(login, "rename", label="SSO")
    world.decide(login, "severity", requests=world.ids(["okta soon"]), severity="minor")
    world.undo(first["decision_id"])
    after = world.request_like("okta soon")
    assert (after.assigned_by, after.severity) == ("model", "minor")


def test_a_split_that_was_built_upon_is_not_undone(world: World) -> None:
    login = world.proposed_with("okta")
    chosen = world.ids(["okta soon", "okta today"])
    first = world.decide(login, "split", requests=chosen)
    new = str(world.theme_of("okta soon"))
    second = world.decide(new, "confirm", requests=world.ids(["pony"]))
    with pytest.raises(Conflict):
        world.undo(first["decision_id"])
    world.undo(second["decision_id"])
    world.undo(first["decision_id"])
    assert len(world.on(login)) == 4


def test_a_split_undone_after_a_run_answers_with_the_theme_it_came_from(world: World) -> None:
    login = world.proposed_with("okta")
    decided = world.decide(login, "split", requests=world.ids(["okta soon", "okta today"]))
    new = str(world.theme_of("okta soon"))
    world.run()
    world.undo(decided["decision_id"])
    assert world.theme(new)["id"] == login


def test_an_undone_merge_stays_undone(world: World) -> None:
    login, item = world.proposed_with("okta"), world.proposed_with("by card")
    decided = world.decide(login, "merge", into=item)
    world.run()
    world.undo(decided["decision_id"])
    world.run()
    assert len(world.on(login)) == 4
    assert world.on(item) == {"We need to pay each invoice by card."}


def test_undo_is_refused_where_an_upload_has_changed_the_item_since(world: World) -> None:
    item = world.proposed_with("by card")
    decided = world.decide(item, "reject", reason="no")
    assert world.item("Billing", "Pay each invoice by card") != item
    with pytest.raises(Conflict) as refused:
        world.undo(decided["decision_id"])
    assert refused.value.code == "changed_since"


def test_an_undo_makes_earlier_etags_stale(world: World) -> None:
    login = world.proposed_with("okta")
    decided = world.decide(login, "rename", label="SSO")
    world.undo(decided["decision_id"])
    with pytest.raises(Conflict):
        world.decide(login, "rename", label="x", if_match=decided["etag"])
