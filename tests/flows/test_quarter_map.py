"""The map and the simulator over a store, on each database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import delete, insert, select

from models.policy import COMBINED, Level
from models.window import Calendar
from service.flows.quarter_map import MapPoints, map_points_of, map_themes
from service.flows.simulation import Simulation, simulate
from service.storage import requests
from service.storage.engine import Store
from service.storage.tables import vectors
from tests.flows.world import COLOUR, EXPORT, LOGIN, World, texts_on

CALENDAR = Calendar(ZoneInfo("UTC"))
TODAY = date(2026, 9, 30)


def heard(store: Store) -> World:
    """Five accounts on an item, four and three on proposed themes, and one that waits."""
    world = World(store)
    world.item("Data", "Bulk export of invoice rows")
    texts = [*texts_on(EXPORT, 5), *texts_on(LOGIN, 4), *texts_on(COLOUR, 3), "We need a parrot."]
    for number, text in enumerate(texts, start=1):
        world.note(number, text)
    world.run()
    return world


def points(store: Store, quarter: str = "2026-Q3") -> MapPoints:
    return map_points_of(store, quarter, today=TODAY, calendar=CALENDAR, policy=COMBINED)


def test_every_request_has_a_place_on_the_island_of_its_theme(store: Store) -> None:
    world = heard(store)
    found = points(store)
    assert len(found.ids) == 13 and found.unplaced == 0
    for request_id, theme, x, y in zip(found.ids, found.theme, found.x, found.y, strict=True):
        on = found.themes[theme].theme_id if theme >= 0 else None
        with store.read() as connection:
            assert requests.get_many(connection, [request_id])[request_id].theme_id == on
        if theme >= 0:
            middle_x, middle_y, radius = found.islands[theme]
            assert (x - middle_x) ** 2 + (y - middle_y) ** 2 <= (1.5 * radius) ** 2
    assert world.theme_of("parrot") is None and found.theme.count(-1) == 1


def test_counts_of_themes_and_of_those_on_none_are_all_requests(store: Store) -> None:
    heard(store)
    found = map_themes(store, "2026-Q3", today=TODAY, calendar=CALENDAR, policy=COMBINED)
    assert sorted(theme.requests for theme in found.themes) == [3, 4, 5]
    assert found.waiting == 1 and found.requests == 13


def test_a_decision_moves_the_request_to_its_new_island(store: Store) -> None:
    world = heard(store)
    item, login = world.theme_of(f"{EXPORT} soon"), world.proposed_with("okta")
    before = points(store)
    (moved,) = world.ids([f"{LOGIN} soon"])
    world.decide(login, "move", requests=[moved], to=item)
    after = points(store)
    assert before.themes[before.theme[before.ids.index(moved)]].theme_id == login
    assert after.themes[after.theme[after.ids.index(moved)]].theme_id == item


def test_a_quarter_without_requests_is_an_empty_picture(store: Store) -> None:
    heard(store)
    found = points(store, "2024-Q1")
    assert found.ids == found.themes == found.islands == []


def simulated(store: Store, **numbers: int) -> Simulation:
    tried = replace(COMBINED, **numbers)  # type: ignore[arg-type]
    return simulate(
        store, "2026-Q3", in_force=COMBINED, tried=tried, today=TODAY, calendar=CALENDAR
    )


def test_a_simulation_covers_four_quarters_and_follows_decisions(store: Store) -> None:
    world = heard(store)
    found = simulated(store, frequency=5, three_csms=9, five_csms=9)
    assert [tally.quarter for tally in found.quarters] == [
        "2026-Q3",
        "2026-Q2",
        "2026-Q1",
        "2025-Q4",
    ]
    assert found.quarters[0].now[Level.CANDIDATE] == 3
    fallen = {world.proposed_with("okta"), world.proposed_with("evening")}
    assert {change.theme_id for change in found.others} == fallen
    world.decide(world.proposed_with("okta"), "reject", reason="not one need")
    again = simulated(store, frequency=5, three_csms=9, five_csms=9)
    assert again.quarters[0].now[Level.CANDIDATE] == 2 and len(again.others) == 1


def test_a_request_that_is_embedded_later_gets_a_place_of_its_own(store: Store) -> None:
    world = World(store)
    world.item("Data", "Bulk export of invoice rows")
    world.notes([*texts_on(EXPORT, 3), "We need a parrot."])
    world.run()
    key = world.request_like("parrot").vector_key
    with store.write() as connection:
        row = connection.execute(select(vectors).where(vectors.c.vector_key == key)).one()
        connection.execute(delete(vectors).where(vectors.c.vector_key == key))
    assert points(store).unplaced == 1
    with store.write() as connection:
        connection.execute(insert(vectors), [dict(row._mapping)])
    found = points(store)
    assert found.unplaced == 0 and len(found.ids) == 4
