from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from models.taxonomy import ItemStatus
from service.flows.receipts import BatchReceipt
from service.flows.taxonomy import list_items, upsert_items
from service.storage import jobs, themes
from service.storage.engine import Store
from service.storage.operating_tables import jobs as jobs_table
from service.storage.tables import taxonomy_items
from tests.factories import NOW, lines_of, raw_item


def put(store: Store, *rows: Any, live: bool = True) -> BatchReceipt:
    return upsert_items(store, lines_of(*rows), now=NOW, actor="ops", live=live)


def queued(store: Store) -> list[str]:
    with store.read() as connection:
        return list(connection.scalars(select(jobs_table.c.kind)))


def retire(store: Store) -> None:
    with store.write() as connection:
        connection.execute(update(taxonomy_items).values(status="retired"))


def test_a_live_item_is_born_with_an_accepted_theme(store: Store) -> None:
    assert put(store, raw_item()).accepted == 1
    with store.read() as connection:
        (item,) = themes.live_items(connection)
        theme = themes.get(connection, item.theme_id)
    assert theme is not None
    assert (theme.origin, theme.status, theme.label) == ("item", "accepted", "Bulk export")
    assert (theme.feature_area, theme.customer_need) == ("Reporting", "Bulk export")


def test_the_same_pair_has_the_same_ids_in_every_store(
    sqlite_store: Store, postgresql_url: str
) -> None:
    from service.storage.engine import open_store

    other = open_store(postgresql_url)
    found = []
    for store in (sqlite_store, other):
        put(store, raw_item())
        with store.read() as connection:
            found.append([(item.item_id, item.theme_id) for item in themes.live_items(connection)])
    other.close()
    assert found[0] == found[1]


def test_the_exact_pair_is_what_an_item_is_known_by(store: Store) -> None:
    put(store, raw_item())
    assert put(store, raw_item()).duplicate == 1
    assert put(store, raw_item("reporting")).accepted == 1


def test_description_and_examples_can_change_and_the_theme_stays(store: Store) -> None:
    put(store, raw_item(examples=["Export it all."]))
    before = list_items(store).data[0]
    assert put(store, raw_item(description="Other words.")).updated == 1
    after = list_items(store).data[0]
    assert after.item.description == "Other words."
    assert after.item.examples == ("Export it all.",)
    assert after.theme_id == before.theme_id


def test_an_item_of_nobody_who_may_review_waits_without_a_theme(store: Store) -> None:
    put(store, raw_item(), live=False)
    (item,) = list_items(store).data
    assert (item.status, item.theme_id) == (ItemStatus.PROPOSED, None)


def test_an_upload_of_cs_ops_makes_a_proposed_item_live(store: Store) -> None:
    put(store, raw_item(), live=False)
    assert put(store, raw_item()).updated == 1
    assert list_items(store).data[0].status == ItemStatus.LIVE


def test_nobody_else_changes_what_was_reviewed(store: Store) -> None:
    put(store, raw_item())
    put(store, raw_item(description="Mine now."), live=False)
    assert list_items(store).data[0].item.description != "Mine now."


def test_a_retired_item_comes_back_with_a_theme_of_its_own(store: Store) -> None:
    put(store, raw_item())
    first = list_items(store).data[0].theme_id
    retire(store)
    assert put(store, raw_item()).updated == 1
    second = list_items(store).data[0]
    assert second.status == ItemStatus.LIVE
    assert second.theme_id != first


def test_what_changed_is_embedded_by_one_job(store: Store) -> None:
    put(store, raw_item())
    put(store, raw_item(customer_need="Filters"))
    assert queued(store) == [jobs.TAXONOMY]


def test_what_did_not_change_queues_nothing(store: Store) -> None:
    put(store, raw_item())
    with store.write() as connection:
        connection.execute(jobs_table.delete())
    put(store, raw_item())
    assert queued(store) == []


def test_two_rows_of_one_pair_make_one_item(store: Store) -> None:
    receipt = put(store, raw_item(), raw_item(description="The last one counts."))
    assert (receipt.accepted, receipt.updated) == (1, 1)
    (item,) = list_items(store).data
    assert item.item.description == "The last one counts."


def test_a_bad_row_is_named(store: Store) -> None:
    receipt = put(store, raw_item(), {"feature_area": "x"}, raw_item("Other", tier=1))
    assert receipt.accepted == 2
    assert [(bad.line, bad.field) for bad in receipt.rejected] == [(2, "customer_need")]
    assert receipt.ignored_columns == ["tier"]


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_items_are_listed_by_area_and_need(sqlite_store: Store, limit: int) -> None:
    pairs = [("b", "2"), ("a", "9"), ("b", "1")]
    put(sqlite_store, *(raw_item(area, need) for area, need in pairs))
    seen, cursor = [], ""
    while True:
        page = list_items(sqlite_store, cursor=cursor, limit=limit)
        seen += [(stored.item.feature_area, stored.item.customer_need) for stored in page.data]
        cursor = page.next_cursor
        if not cursor:
            break
    assert seen == sorted(pairs)


def test_the_longest_names_of_the_widest_characters_fit(store: Store) -> None:
    widest = "\U0001f600" * 255
    assert put(store, raw_item(widest, widest)).accepted == 1
    assert put(store, raw_item(widest, widest)).duplicate == 1
