"""Two people deciding at once: one is first, the other is told."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from models.errors import Conflict
from service.storage.engine import Store
from tests.flows.world import EXPORT, LOGIN, World, texts_on


@pytest.fixture
def world(store: Store) -> World:
    world = World(store)
    world.notes([*texts_on(EXPORT, 5), *texts_on(LOGIN, 4)])
    world.run()
    return world


def at_once(*deeds: Callable[[], object]) -> list[str]:
    """Do all of them at one moment; how each ended."""
    together = threading.Barrier(len(deeds))
    ends = [""] * len(deeds)

    def do(place: int) -> None:
        together.wait()
        try:
            deeds[place]()
            ends[place] = "done"
        except Conflict as refusal:
            ends[place] = refusal.code

    threads = [threading.Thread(target=do, args=(place,)) for place in range(len(deeds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(ends)


def test_of_two_with_the_same_etag_one_is_stale(world: World) -> None:
    theme = world.proposed_with("okta")
    etag = world.theme(theme)["etag"]
    ends = at_once(
        lambda: world.decide(theme, "rename", label="One", if_match=etag),
        lambda: world.decide(theme, "rename", label="Two", if_match=etag),
    )
    assert ends == ["done", "stale_etag"]
    assert len(world.theme(theme)["decisions"]) == 1


def test_of_two_who_accept_one_theme_one_is_told(world: World) -> None:
    theme = world.proposed_with("okta")
    ends = at_once(
        lambda: world.decide(theme, "accept", feature_area="A", customer_need="One"),
        lambda: world.decide(theme, "accept", feature_area="A", customer_need="Two"),
    )
    assert ends == ["already_accepted", "done"]


def test_two_themes_accepted_as_one_new_item_are_one(world: World) -> None:
    login, export = world.proposed_with("okta"), world.proposed_with("export")
    ends = at_once(
        lambda: world.decide(login, "accept", feature_area="A", customer_need="One"),
        lambda: world.decide(export, "accept", feature_area="A", customer_need="One"),
    )
    assert ends == ["done", "done"]
    assert world.theme(login)["id"] == world.theme(export)["id"]
    assert world.theme(login)["requests"] == 9


def test_two_themes_merged_into_each_other_are_not_a_circle(world: World) -> None:
    login, export = world.proposed_with("okta"), world.proposed_with("export")
    ends = at_once(
        lambda: world.decide(login, "merge", into=export),
        lambda: world.decide(export, "merge", into=login),
    )
    assert ends == ["done", "theme_merged"]
    assert world.theme(login)["id"] == world.theme(export)["id"]


def test_of_two_who_undo_one_decision_one_is_told(world: World) -> None:
    decided = world.decide(world.proposed_with("okta"), "rename", label="SSO")
    ends = at_once(
        lambda: world.undo(decided["decision_id"]), lambda: world.undo(decided["decision_id"])
    )
    assert ends == ["already_undone", "done"]


def test_two_workers_read_each_note_once(world: World) -> None:
    world.notes([f"{LOGIN} number {word}." for word in ("one", "two", "three")], first=70)
    ends = at_once(world.read, world.read)
    assert ends == ["done", "done"]
    assert len(world.ids(["number one", "number two", "number three"])) == 3
