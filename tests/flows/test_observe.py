from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from models.errors import Conflict, InvalidInput
from service.flows.observe import ObservationReceipt, record_observation
from service.flows.portfolio import list_accounts, list_csms, upsert_accounts
from service.flows.taxonomy import upsert_items
from service.storage.engine import Store
from service.storage.tables import observations, requests, taxonomy_items
from tests.factories import NOW, lines_of, raw_item, raw_observation


@pytest.fixture(autouse=True)
def _taxonomy(store: Store) -> None:
    upsert_items(store, lines_of(raw_item()), now=NOW, actor="ops", live=True)


def post(store: Store, key: str | None = None, **changes: Any) -> ObservationReceipt:
    body = raw_observation(**changes)
    return record_observation(store, body, now=NOW, actor="c-1", idempotency_key=key)


def rows(store: Store, table: Any) -> list[Any]:
    with store.read() as connection:
        return list(connection.execute(select(table)))


def test_it_is_one_request_on_its_items_theme(store: Store) -> None:
    accounts = lines_of({"account_id": "a-1", "arr": 500})
    upsert_accounts(store, accounts, now=NOW, actor="crm")
    receipt = post(store)
    (request,) = rows(store, requests)
    (item,) = rows(store, taxonomy_items)
    assert receipt.created
    assert (request.theme_id, request.assigned_by) == (item.theme_id, "person")
    assert (request.severity, request.severity_by) == ("degraded", "person")
    assert (request.text, request.start, request.end) == (
        "We copy rows by hand every Friday.",
        0,
        34,
    )
    assert request.arr_when_reported == 500
    assert rows(store, observations)[0].accounts_count == 3


def test_without_words_it_has_no_text_and_no_vector(store: Store) -> None:
    post(store, verbatim=None)
    (request,) = rows(store, requests)
    assert (request.text, request.text_key, request.vector_key) == ("", "", "")


def test_without_an_account_it_is_of_its_csm_alone(store: Store) -> None:
    post(store, account_id=None)
    (request,) = rows(store, requests)
    assert (request.account_id, request.arr_when_reported) == (None, None)
    assert list_accounts(store).data == []


def test_accounts_and_csms_not_known_yet_are_made_bare(store: Store) -> None:
    post(store, account_id="new", csm_id="who")
    assert [known.value.account_id for known in list_accounts(store, incomplete=True).data] == [
        "new"
    ]
    assert [known.value.csm_id for known in list_csms(store, incomplete=True).data] == ["who"]


def test_a_repeat_with_its_external_id_is_the_same_one(store: Store) -> None:
    first = post(store, external_id="o-1")
    again = post(store, external_id="o-1")
    assert again == ObservationReceipt(first.id, created=False)
    assert len(rows(store, requests)) == 1


def test_a_repeat_with_its_key_is_the_same_one_whoever_sends_it(store: Store) -> None:
    first = post(store, "key-1")
    body = raw_observation()
    again = record_observation(store, body, now=NOW, actor="else", idempotency_key="key-1")
    assert again == ObservationReceipt(first.id, created=False)


def test_without_a_key_each_is_a_new_one(store: Store) -> None:
    assert post(store).id != post(store).id
    assert len(rows(store, requests)) == 2


def test_a_repeat_is_known_after_a_person_judged_its_severity(store: Store) -> None:
    first = post(store, external_id="o-1")
    with store.write() as connection:
        connection.execute(update(requests).values(severity="blocking"))
    assert post(store, external_id="o-1").id == first.id


@pytest.mark.parametrize("key", [None, "key-1"])
def test_something_else_under_the_same_key_is_refused(store: Store, key: str | None) -> None:
    external_id = "o-1" if key is None else None
    post(store, key, external_id=external_id)
    with pytest.raises(Conflict) as caught:
        post(store, key, external_id=external_id, severity="minor")
    assert caught.value.code == "observation_differs"
    assert len(rows(store, requests)) == 1


def test_an_item_nobody_knows_is_refused_and_nothing_is_stored(store: Store) -> None:
    with pytest.raises(InvalidInput) as caught:
        post(store, customer_need="bulk export", account_id="new")
    assert caught.value.code == "unknown_item"
    assert rows(store, requests) == []
    assert list_accounts(store).data == []


@pytest.mark.parametrize("status", ["retired", "proposed"])
def test_an_item_that_is_not_live_is_refused(store: Store, status: str) -> None:
    with store.write() as connection:
        connection.execute(update(taxonomy_items).values(status=status))
    with pytest.raises(InvalidInput) as caught:
        post(store)
    assert caught.value.code == "unknown_item"


@pytest.mark.parametrize("key", ["", "  ", "x" * 256, "a\nb"])
def test_a_key_that_is_none_is_refused(store: Store, key: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        post(store, key)
    assert caught.value.code == "bad_idempotency_key"
