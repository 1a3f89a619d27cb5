"""A decision improves where everything else is, at once, and taken back it is as if never made."""

from __future__ import annotations

from typing import Any

import pytest

from service.flows.settling import settle
from service.storage.engine import Store
from tests.flows.world import COLOUR, EXPORT, LOGIN, World, tables_of, texts_on

KEYS = "They need hardware keys for the okta sign-on"


@pytest.fixture
def store(sqlite_store: Store) -> Store:
    return sqlite_store


@pytest.fixture
def world(store: Store) -> World:
    """Eight requests that a machine alone has put on one item; another item is near by."""
    world = World(store)
    world.item("Access", LOGIN)
    world.item("Access", "Hardware keys for okta", description="Keys for the okta sign-on")
    world.notes(texts_on(LOGIN, 8))
    world.run()
    return world


def item(world: World) -> str:
    found = world.theme_of("okta soon")
    assert found is not None
    return found


def keys(world: World) -> str:
    return world.item("Access", "Hardware keys for okta", description="Keys for the okta sign-on")


def some(world: World, *words: str) -> dict[str, Any]:
    return {"requests": world.ids([f"okta {word}" for word in words])}


ANSWERS: dict[str, dict[str, Any]] = {
    "move": {},
    "dismiss": {"reason": "chatter"},
    "held": {"to": None},
}


def answer(world: World, kind: str, *words: str) -> dict[str, Any]:
    said = dict(ANSWERS[kind])
    if kind == "move":
        said["to"] = keys(world)
    action = "move" if kind == "held" else kind
    return world.decide(item(world), action, **some(world, *words), **said)


def test_what_resembles_moved_requests_goes_with_them(world: World) -> None:
    start, target = item(world), keys(world)
    world.decide(start, "move", to=target, **some(world, "soon", "today", "please", "really"))
    assert len(world.on(start)) == 0
    assert len(world.on(target)) == 8
    rest = world.request_like("okta again")
    assert (rest.assigned_by, rest.theme_id) == ("model", target)


@pytest.mark.parametrize("kind", ["dismiss", "held"])
def test_what_resembles_no_request_waits(world: World, kind: str) -> None:
    before = world.request_like("okta again").confidence
    start = item(world)
    answer(world, kind, "soon", "today", "please", "really")
    rest = world.request_like("okta again")
    assert rest.theme_id is None or (rest.confidence or 0.0) < (before or 0.0)
    assert len(world.on(start)) <= 4


def test_a_confirmed_request_makes_the_others_surer(world: World) -> None:
    before = world.request_like("okta again").confidence or 0.0
    world.decide(item(world), "confirm", **some(world, "soon", "today", "please"))
    assert (world.request_like("okta again").confidence or 0.0) > before


def test_what_a_person_placed_stays_where_it_is(world: World) -> None:
    start = item(world)
    world.decide(start, "confirm", **some(world, "again"))
    world.decide(
        start, "move", to=keys(world), **some(world, "soon", "today", "please", "really", "badly")
    )
    kept = world.request_like("okta again")
    assert (kept.theme_id, kept.assigned_by, kept.confidence) == (start, "person", 1.0)


@pytest.mark.parametrize("kind", ["move", "dismiss", "held"])
def test_taken_back_everything_is_where_it_was(world: World, kind: str) -> None:
    keys(world)
    untouched = ("decisions", "audit_log", "store_state", "jobs")
    before = tables_of(world.store, without=untouched)["requests"]
    made = answer(world, kind, "soon", "today", "please", "really")
    assert tables_of(world.store, without=untouched)["requests"] != before
    world.undo(made["decision_id"])
    assert tables_of(world.store, without=untouched)["requests"] == before


def test_decisions_are_taken_back_in_any_order(world: World) -> None:
    keys(world)
    before = tables_of(world.store)["requests"]
    first = answer(world, "move", "soon", "today")
    second = world.decide(item_of(world, "please"), "confirm", **some(world, "please"))
    world.undo(first["decision_id"])
    world.undo(second["decision_id"])
    assert tables_of(world.store)["requests"] == before


def item_of(world: World, word: str) -> str:
    found = world.theme_of(f"okta {word}")
    assert found is not None
    return found


def test_a_run_changes_nothing_that_a_decision_has_settled(world: World) -> None:
    answer(world, "move", "soon", "today", "please", "really")
    settled = {text: world.theme_of(text) for text in ("okta again", "okta badly", "okta finally")}
    world.run()
    assert {text: world.theme_of(text) for text in settled} == settled


def test_what_arrives_follows_what_was_decided(world: World) -> None:
    target = keys(world)
    world.decide(
        item(world), "move", to=target, **some(world, "soon", "today", "please", "really", "badly")
    )
    world.note(60, f"{LOGIN} tomorrow.")
    world.read()
    assert world.theme_of("okta tomorrow") == target


def test_a_severity_is_that_of_nearly_the_same_words_too(world: World) -> None:
    world.note(50, f"{LOGIN} soon!")
    world.read()
    before, far = world.request_like("okta soon!"), world.request_like("okta again")
    said = {"severity": "blocking", "requests": world.ids(["okta soon."])}
    made = world.decide(item_of(world, "again"), "severity", **said)
    after = world.request_like("okta soon!")
    assert (after.severity, after.severity_by) == ("blocking", "model")
    assert world.request_like("okta again").severity == far.severity != "blocking"
    world.undo(made["decision_id"])
    assert world.request_like("okta soon!").severity == before.severity


DECISIONS: dict[str, dict[str, Any]] = {
    "reject": {"reason": "no"},
    "split": {},
    "confirm": {},
    "severity": {"severity": "blocking"},
    "rename": {"label": "Another name"},
    "dismiss": {"reason": "chatter"},
}


@pytest.mark.parametrize("theme", ["item", "proposed"])
@pytest.mark.parametrize("action", DECISIONS)
def test_all_is_in_its_place_after_each_decision_and_after_its_undo(
    world: World, action: str, theme: str
) -> None:
    world.notes([*texts_on(EXPORT, 5), *texts_on(COLOUR, 4)], first=40)
    world.run()
    on = item(world) if theme == "item" else world.proposed_with(EXPORT)
    said = dict(DECISIONS[action])
    if action not in ("reject", "rename"):
        said["requests"] = [row["id"] for row in world.theme(on)["members"]][:2]
    made = world.decide(on, action, **said)
    assert unsettled(world) == 0
    world.undo(made["decision_id"])
    assert unsettled(world) == 0


def unsettled(world: World) -> int:
    """How many requests would go elsewhere if everything were placed anew."""
    with world.store.rehearse() as connection:
        return settle(connection)
