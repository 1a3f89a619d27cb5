"""What waits, in two orders, on each database."""

from __future__ import annotations

import pytest

from models.errors import InvalidInput
from service.flows.portfolio import upsert_accounts
from service.flows.waiting import WaitingConditions, waiting_requests
from service.storage.engine import Store
from tests.factories import lines_of
from tests.flows.world import World

TEXTS = ("purple giraffe statues", "quiet violin lessons", "frozen lemon umbrellas", "warm socks")
ARR = {"a-1": 20_000, "a-2": 900_000, "a-3": None, "a-4": 900_000}


@pytest.fixture
def world(store: Store) -> World:
    """Four that wait: the account of one has no ARR, two have the same."""
    world = World(store)
    world.item("Data", "Bulk export")
    for number, text in enumerate(TEXTS, start=1):
        world.note(number, f"They need {text}.", occurred_at=f"2026-07-0{5 - number}T09:00:00Z")
    world.run()
    rows = [{"account_id": name, "arr": arr} for name, arr in ARR.items()]
    upsert_accounts(world.store, lines_of(*rows), now=world.now, actor="t")
    return world


def accounts(world: World, order: str, limit: int = 20, **wanted: object) -> list[str | None]:
    """The accounts of all pages, one after the other."""
    found: list[str | None] = []
    cursor = ""
    while True:
        page = waiting_requests(
            world.store,
            WaitingConditions(**wanted),  # type: ignore[arg-type]
            order=order,
            cursor=cursor,
            limit=limit,
        )
        found += [row["account_id"] for row in page.rows.data]
        cursor = page.rows.next_cursor
        if not cursor:
            return found


@pytest.mark.parametrize("limit", [1, 3, 20])
def test_the_oldest_first(world: World, limit: int) -> None:
    assert accounts(world, "oldest", limit) == ["a-4", "a-3", "a-2", "a-1"]


@pytest.mark.parametrize("limit", [1, 3, 20])
def test_the_most_arr_first_then_the_oldest_and_unknown_last(world: World, limit: int) -> None:
    assert accounts(world, "arr", limit) == ["a-4", "a-2", "a-1", "a-3"]


def test_what_is_assigned_dismissed_or_held_waits_no_longer(world: World) -> None:
    item = world.item("Data", "Bulk export")
    first, second, third = world.ids(["giraffe", "violin", "lemon"])
    world.decide(item, "confirm", requests=[first])
    world.decide(item, "dismiss", requests=[second], reason="no")
    world.decide(item, "move", requests=[third], to=None)
    assert accounts(world, "oldest") == ["a-4"]
    assert accounts(world, "oldest", held=True) == ["a-3"]


def test_counts_are_by_the_guessed_area(world: World) -> None:
    page = waiting_requests(world.store, WaitingConditions(area="Data"))
    assert page.areas == {"Data": 4} and page.total == 4
    assert waiting_requests(world.store, WaitingConditions(area="None")).total == 0


def test_a_cursor_of_the_other_order_is_refused(world: World) -> None:
    cursor = waiting_requests(world.store, WaitingConditions(), limit=1).rows.next_cursor
    with pytest.raises(InvalidInput):
        waiting_requests(world.store, WaitingConditions(), order="arr", cursor=cursor)
