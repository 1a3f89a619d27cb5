"""What the database notes of each write by itself, whoever writes."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Table, delete, update

from service.flows.taxonomy import upsert_items
from service.storage import touched
from service.storage.engine import Store
from service.storage.tables import accounts, csms, requests, taxonomy_items, themes
from tests.factories import lines_of, raw_item
from tests.flows.every_decision import world_to_decide_on
from tests.flows.world import World


@pytest.fixture
def world(store: Store) -> World:
    return world_to_decide_on(store)


def touches(world: World, table: Table, row: str, **values: Any) -> tuple[frozenset[str], bool]:
    """The themes that a change of one row touched, and whether the portfolio was."""
    key = next(iter(table.primary_key))
    with world.store.write() as connection:
        before = Store.data_version(connection) - 1
        connection.execute(update(table).where(key == row).values(**values))
    return touched_since(world.store, before)


def touched_since(store: Store, version: int) -> tuple[frozenset[str], bool]:
    with store.read() as connection:
        portfolio = touched.portfolio_version(connection) > version
        return touched.since(connection, version), portfolio


def test_a_theme_is_touched_by_its_row_its_item_and_its_requests(world: World) -> None:
    okta, card = world.proposed_with("okta"), world.proposed_with("by card")
    request, pony = world.ids(["okta soon", "pony"])
    item = next(row for row in _items(world) if row.theme_id == card).id
    assert touches(world, themes, okta, label="SSO") == ({okta}, False)
    assert touches(world, taxonomy_items, item, feature_area="Money") == ({card}, False)
    assert touches(world, requests, request, severity="minor") == ({okta}, False)
    assert touches(world, requests, request, theme_id=card) == ({okta, card}, False)
    assert touches(world, requests, pony, dismissed=True) == ({touched.WAITING}, False)


def test_what_evidence_is_not_made_of_touches_nothing(world: World) -> None:
    (request,) = world.ids(["okta soon"])
    assert touches(world, requests, request, confidence=0.5, bound=True) == (set(), False)


def test_accounts_and_csms_touch_the_portfolio(world: World) -> None:
    assert touches(world, accounts, "a-1", arr=7) == (set(), True)
    assert touches(world, csms, "c-1", name="Noor") == (set(), True)


def test_items_touch_the_taxonomy_whether_they_are_live_or_not(world: World) -> None:
    raw = raw_item("Data", "Filters", description="By date")
    before = taxonomy_version(world)
    upsert_items(world.store, lines_of(raw), now=world.now, actor="t", live=False)
    proposed = taxonomy_version(world)
    assert proposed > before
    world.decide(world.proposed_with("okta"), "rename", label="SSO")
    assert taxonomy_version(world) == proposed


def taxonomy_version(world: World) -> int:
    with world.store.read() as connection:
        return touched.taxonomy_version(connection)


def test_what_is_gone_was_touched(world: World) -> None:
    okta = world.proposed_with("okta")
    (request,) = world.ids(["okta soon"])
    with world.store.write() as connection:
        before = Store.data_version(connection) - 1
        connection.execute(delete(requests).where(requests.c.id == request))
    assert touched_since(world.store, before) == ({okta}, False)


def test_a_write_that_is_undone_touched_nothing(world: World) -> None:
    okta = world.proposed_with("okta")
    with world.store.read() as connection:
        before = Store.data_version(connection)
    with world.store.rehearse() as connection:
        connection.execute(update(themes).where(themes.c.id == okta).values(label="SSO"))
    assert touched_since(world.store, before) == (set(), False)


def _items(world: World) -> list[Any]:
    with world.store.read() as connection:
        return list(connection.execute(taxonomy_items.select()))
