from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from models.account import CSM, Account
from models.errors import InvalidInput
from service.flows.ingest import ingest_note
from service.flows.portfolio import (
    list_accounts,
    list_csms,
    load_portfolio,
    upsert_accounts,
    upsert_csms,
)
from service.flows.receipts import BatchReceipt
from service.storage.engine import Store
from tests.factories import NOW, lines_of, raw_note


def put(store: Store, *rows: Any) -> BatchReceipt:
    return upsert_accounts(store, lines_of(*rows), now=NOW, actor="crm")


def account(store: Store, account_id: str = "a-1") -> Account:
    with store.read() as connection:
        return load_portfolio(connection).accounts[account_id]


FULL = {
    "account_id": "a-1",
    "name": "Acme",
    "segment": "Enterprise",
    "arr": Decimal("412000.10"),
    "health": "yellow",
    "renewal_date": "2026-10-31",
    "at_risk": True,
    "csm_id": "c-1",
    "active": False,
}


def test_every_column_comes_back_exactly(store: Store) -> None:
    assert put(store, FULL).accepted == 1
    kept = account(store)
    assert kept.arr == Decimal("412000.10")
    assert kept.renewal_date == date(2026, 10, 31)
    assert (kept.health, kept.at_risk, kept.active) == ("yellow", True, False)


def test_an_absent_column_keeps_and_an_empty_one_clears(store: Store) -> None:
    put(store, FULL)
    assert put(store, {"account_id": "a-1", "segment": None, "arr": ""}).updated == 1
    kept = account(store)
    assert (kept.segment, kept.arr, kept.name) == (None, None, "Acme")


def test_the_same_row_again_is_a_duplicate(store: Store) -> None:
    put(store, FULL)
    assert put(store, FULL).duplicate == 1


def test_unknown_columns_are_ignored_and_named_once(store: Store) -> None:
    receipt = put(store, {"account_id": "a-1", "tier": 1}, {"account_id": "a-2", "tier": 2, "x": 0})
    assert receipt.accepted == 2
    assert receipt.ignored_columns == ["tier", "x"]


def test_a_bad_row_is_named_and_sinks_no_other(store: Store) -> None:
    receipt = put(store, {"account_id": "a-1", "arr": -1}, {"account_id": "a-2"}, {"name": "x"})
    assert receipt.accepted == 1
    assert [(bad.line, bad.field) for bad in receipt.rejected] == [(1, "arr"), (3, "account_id")]


def test_two_rows_of_one_account_count_in_their_order(store: Store) -> None:
    receipt = put(store, {"account_id": "a-1", "arr": 1}, {"account_id": "a-1", "name": "Acme"})
    assert (receipt.accepted, receipt.updated) == (1, 1)
    assert (account(store).arr, account(store).name) == (1, "Acme")


def test_text_cells_of_a_csv_file_are_read_like_values(store: Store) -> None:
    put(store, {"account_id": "a-1", "arr": "1000.5", "at_risk": "false", "active": ""})
    kept = account(store)
    assert (kept.arr, kept.at_risk, kept.active) == (Decimal("1000.5"), False, True)


def test_an_account_is_bare_until_the_crm_tells_of_it(store: Store) -> None:
    ingest_note(store, raw_note(), now=NOW, actor="crm")
    put(store, {"account_id": "a-1"})
    assert [known.bare for known in list_accounts(store, incomplete=True).data] == [True]
    put(store, {"account_id": "a-1", "name": "Acme"})
    assert list_accounts(store, incomplete=True).data == []


def test_csms_are_upserted_alike(store: Store) -> None:
    row = {"csm_id": "c-1", "name": "Ann", "email": "ann@example.com"}
    assert upsert_csms(store, lines_of(row), now=NOW, actor="crm").accepted == 1
    cleared = lines_of({"csm_id": "c-1", "email": None, "active": False})
    assert upsert_csms(store, cleared, now=NOW, actor="crm").updated == 1
    assert list_csms(store).data[0].value == CSM(csm_id="c-1", name="Ann", active=False)


def test_more_rows_than_one_transaction_takes(store: Store) -> None:
    rows = [{"account_id": f"a-{number:04}", "arr": number} for number in range(2_300)]
    assert put(store, *rows).accepted == 2_300
    with store.read() as connection:
        assert load_portfolio(connection).total_arr == sum(range(2_300))


def test_pages_hold_every_account_once(store: Store) -> None:
    put(store, *({"account_id": f"a-{number}"} for number in range(25)))
    seen: list[str] = []
    cursor = ""
    while True:
        page = list_accounts(store, cursor=cursor, limit=10)
        seen += [known.value.account_id for known in page.data]
        cursor = page.next_cursor
        if not cursor:
            break
    assert sorted(seen) == sorted(f"a-{number}" for number in range(25))
    assert len(seen) == 25


def test_a_page_that_ends_with_the_list_has_no_next(store: Store) -> None:
    put(store, {"account_id": "a-1"}, {"account_id": "a-2"})
    assert list_accounts(store, limit=2).next_cursor == ""


@pytest.mark.parametrize("cursor", ["x", "WzFd", "////", "[1]", "W10", "é"])
def test_a_cursor_of_no_list_is_refused(sqlite_store: Store, cursor: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        list_accounts(sqlite_store, cursor=cursor)
    assert caught.value.code == "bad_cursor"
