"""What fits no item, by month, area and severity."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from models.errors import InvalidInput
from models.window import Calendar
from service.flows.unclassified import (
    UnclassifiedAnswer,
    open_candidates,
    unclassified_by_month,
)
from service.masking import OPEN
from service.storage.engine import Store
from tests.flows.world import World

CALENDAR = Calendar(ZoneInfo("UTC"))
TODAY = date(2026, 9, 30)
ANIMALS = ["pony", "zebra", "camel"]


@pytest.fixture
def world(store: Store) -> World:
    """Three requests of July that fit nothing, and one of June."""
    world = World(store)
    world.item("Data", "Something else altogether", description="tables")
    for number, animal in enumerate(ANIMALS):
        world.note(number, f"We need a {animal}.", occurred_at=f"2026-07-1{number}T09:00:00Z")
    world.note(9, "They need the moon, call +44 20 7946 0958.", occurred_at="2026-06-30T23:30:00Z")
    world.run()
    return world


def asked(world: World, quarter: str | None = "2026-Q3", **changes: Any) -> UnclassifiedAnswer:
    calendar = changes.pop("calendar", CALENDAR)
    return unclassified_by_month(world.store, quarter, today=TODAY, calendar=calendar, **changes)


def test_the_counts_of_a_quarter_by_month_area_and_severity(world: World) -> None:
    (row,) = asked(world)["tags"]
    assert (row["month"], row["feature_area"], row["degraded"], row["requests"]) == (
        "2026-07",
        "Data",
        3,
        3,
    )
    assert (row["blocking"], row["minor"]) == (0, 0)


def test_a_month_is_one_of_the_organisations_own_time(world: World) -> None:
    warsaw = Calendar(ZoneInfo("Europe/Warsaw"))
    (row,) = asked(world, calendar=warsaw)["tags"]
    assert row["requests"] == 4
    assert asked(world, "2026-Q2", calendar=warsaw)["tags"] == []


def test_a_tag_three_times_in_a_month_is_a_candidate_with_its_requests(world: World) -> None:
    answer = asked(world)
    (one,) = answer["candidates"]
    assert (one["requests"], one["accounts"], one["feature_area"]) == (3, 3, "Data")
    assert [quote["text"] for quote in one["quotes"]] == [f"We need a {a}." for a in ANIMALS]
    assert answer["tags"][0]["candidates"] == {"degraded": one["theme_id"]}
    assert (answer["all_candidates"], open_candidates(world.store)) == (1, 1)


def test_what_came_since_the_last_run_is_said_to_become_one(world: World) -> None:
    for number, animal in enumerate(["otter", "panda", "lemur"], start=20):
        world.note(number, f"We need a {animal}.", occurred_at="2026-08-12T09:00:00Z")
    world.read()
    august = asked(world)["tags"][0]
    assert (august["month"], august["candidates"]) == ("2026-08", {"degraded": ""})
    assert asked(world)["all_candidates"] == 1


def test_an_accepted_candidate_is_gone_from_here(world: World) -> None:
    (one,) = asked(world)["candidates"]
    world.decide(
        one["theme_id"],
        "accept",
        feature_area="Farm",
        customer_need="Animals",
        if_match=one["etag"],
    )
    answer = asked(world)
    assert (answer["candidates"], answer["tags"]) == ([], [])


def test_a_rejected_one_leaves_its_requests_counted(world: World) -> None:
    (one,) = asked(world)["candidates"]
    world.decide(one["theme_id"], "reject", reason="no")
    answer = asked(world)
    assert answer["candidates"] == [] and answer["tags"][0]["requests"] == 3


def test_candidates_of_other_quarters_are_told_of(world: World) -> None:
    assert asked(world, "2026-Q2")["elsewhere"] == {"2026-Q3": 1}
    assert asked(world, "2026-Q2")["candidates"] == []
    assert asked(world)["elsewhere"] == {}


def test_quotes_are_masked_but_for_who_may_read_notes(world: World) -> None:
    for number, animal in enumerate(["walrus", "tiger"], start=30):
        world.note(number, f"We need a {animal}.", occurred_at="2026-06-12T09:00:00Z")
    world.run()
    texts = [
        " ".join(quote["text"] for one in answer["candidates"] for quote in one["quotes"])
        for answer in (asked(world, "2026-Q2"), asked(world, "2026-Q2", sight=OPEN))
    ]
    assert "[phone]" in texts[0] and "7946" not in texts[0]
    assert "7946 0958" in texts[1]


def test_candidates_come_in_pages(world: World) -> None:
    assert asked(world, start=1)["candidates"] == []
    assert asked(world, limit=1)["all_candidates"] == 1


def test_a_quarter_that_is_none_is_refused(world: World) -> None:
    with pytest.raises(InvalidInput):
        asked(world, "2026-13")
