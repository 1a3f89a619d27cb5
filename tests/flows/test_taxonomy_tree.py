"""The tree says of each item what the board says of its theme."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from models.errors import NotFound
from models.window import Calendar
from service.flows.decide_item import item_etag, propose_item
from service.flows.portfolio import upsert_accounts
from service.flows.signals import SignalQuery, signals
from service.flows.taxonomy import list_items
from service.flows.taxonomy_csv import taxonomy_csv
from service.flows.taxonomy_tree import ItemDetail, TreeAnswer, taxonomy_item, taxonomy_tree
from service.storage.engine import Store
from tests.factories import lines_of
from tests.flows.world import LOGIN, World, texts_on

CALENDAR = Calendar(ZoneInfo("UTC"))
TODAY = date(2026, 9, 30)
Q3 = SignalQuery(quarter="2026-Q3")


@pytest.fixture
def world(store: Store) -> World:
    """One item heard of by five accounts, one of which nothing was heard."""
    world = World(store)
    world.item("Access", "Sign on", description=LOGIN)
    world.item("Billing", "Cards")
    accounts = [{"account_id": f"a-{n}", "arr": 1000 * n} for n in range(1, 9)]
    upsert_accounts(world.store, lines_of(*accounts), now=world.now, actor="t")
    world.notes(texts_on(LOGIN, 5))
    world.note(9, f"{LOGIN}, so we are blocked.", occurred_at="2026-04-02T09:00:00Z")
    world.run()
    return world


def tree(world: World, query: SignalQuery = Q3) -> TreeAnswer:
    return taxonomy_tree(world.store, query, today=TODAY, calendar=CALENDAR)


def one(world: World, item_id: str) -> ItemDetail:
    answer = taxonomy_item(world.store, item_id, Q3, today=TODAY, calendar=CALENDAR)
    return answer["item"]


def test_the_figures_are_those_of_the_board(world: World) -> None:
    heard, silent = tree(world)["items"]
    board = signals(world.store, Q3, today=TODAY, calendar=CALENDAR)
    (signal,) = [row for row in board["data"] if row["theme_id"] == heard["theme_id"]]
    for name in ("level", "requests", "accounts", "arr", "severities"):
        assert heard[name] == signal[name]  # type: ignore[literal-required]
    assert (heard["requests"], silent["requests"], silent["level"]) == (5, 0, None)
    for row in (heard, silent):
        alone = one(world, row["id"])
        assert {name: alone[name] for name in row} == row  # type: ignore[literal-required]


def test_another_quarter_has_its_own(world: World) -> None:
    heard = tree(world, SignalQuery(quarter="2026-Q2"))["items"][0]
    assert heard["severities"]["blocking"] == {"requests": 1, "accounts": 1}


def test_a_retired_item_says_nothing_of_the_theme_that_it_had(world: World) -> None:
    heard, silent = tree(world)["items"]
    world.decide(str(heard["theme_id"]), "merge", into=silent["theme_id"])
    heard, silent = tree(world)["items"]
    assert (heard["status"], heard["requests"], heard["level"]) == ("retired", 0, None)
    assert silent["requests"] == 5


def test_an_items_tag_changes_with_what_is_decided_on_it(world: World) -> None:
    pair = {"feature_area": "Data", "customer_need": "Pony"}
    proposed = propose_item(world.store, pair, now=world.now, actor="csm")
    stored = {item.id: item for item in list_items(world.store).data}
    assert one(world, proposed)["etag"] == item_etag(stored[proposed])
    assert one(world, proposed)["created_by"] == "csm"
    live = tree(world)["items"][0]
    assert one(world, live["id"])["etag"] == world.theme(str(live["theme_id"]))["etag"]


def test_an_unknown_item_is_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        one(world, "i_none")


def test_the_csv_holds_live_items_in_the_columns_of_an_upload(world: World) -> None:
    pair = {"feature_area": "Data", "customer_need": "Pony"}
    propose_item(world.store, pair, now=world.now, actor="csm")
    head, *rows = taxonomy_csv(world.store).splitlines()
    assert head == "feature_area,customer_need,description,examples"
    assert [row.split(",")[:2] for row in rows] == [["Access", "Sign on"], ["Billing", "Cards"]]
