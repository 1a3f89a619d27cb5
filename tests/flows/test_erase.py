"""Erasing an account, a CSM, and what is too old: what goes, what stays, what comes back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from models.errors import InvalidInput, NotFound
from service.flows import erase_account as erasing
from service.flows.audit import list_audit
from service.flows.erase_account import erase_account
from service.flows.erase_csm import erase_csm
from service.flows.ingest import ingest_note, ingest_notes
from service.flows.keys import create_key, list_keys
from service.flows.observe import record_observation
from service.flows.portfolio import list_accounts, list_csms, upsert_accounts, upsert_csms
from service.flows.receipts import Status
from service.flows.retention import erase_outdated, outdated, retention_is_due
from service.flows.taxonomy import upsert_items
from service.storage.engine import Store
from service.storage.tables import notes, observations, pair_scores, requests, vectors
from service.storage.whole_schema import metadata
from tests.factories import NOW, lines_of, raw_item, raw_note, raw_observation
from tests.stored import put_request

SECRET = "Wombats gnaw through our quarterly spreadsheets"
PERSON = ("c-jane", "Jane Doe", "jane@us.example")


def post(store: Store, number: int = 1, **changes: Any) -> str:
    return ingest_note(store, raw_note(number, **changes), now=NOW, actor="crm").id


def count(store: Store, *tables: Any) -> list[int]:
    with store.read() as connection:
        return [len(connection.execute(select(table)).all()) for table in tables]


def everything_stored(store: Store) -> str:
    with store.read() as connection:
        rows = [connection.execute(select(table)).all() for table in metadata.sorted_tables]
    return repr(rows)


@pytest.fixture
def observed(store: Store) -> Store:
    upsert_items(store, lines_of(raw_item()), now=NOW, actor="ops", live=True)
    record_observation(store, raw_observation(verbatim=SECRET), now=NOW, actor="crm")
    return store


def test_an_account_goes_with_all_that_was_said_on_it(observed: Store) -> None:
    upsert_accounts(observed, lines_of({"account_id": "a-1", "name": "Acme"}), now=NOW, actor="crm")
    put_request(observed, post(observed, text=SECRET), text=SECRET)
    kept = put_request(observed, post(observed, 2, account_id="a-2"))
    gone = erase_account(observed, "a-1", now=NOW, actor="admin")
    assert (gone.notes, gone.observations) == (1, 1)
    with observed.read() as connection:
        assert connection.scalars(select(requests.c.id)).all() == [kept]
    assert count(observed, observations, vectors) == [0, 1]
    stored = everything_stored(observed)
    assert "Wombats" not in stored and "Acme" not in stored


def test_an_account_of_many_notes_goes_batch_by_batch(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasing, "AT_ONCE", 2)
    ingest_notes(store, lines_of(*map(raw_note, range(5))), now=NOW, actor="crm")
    assert erase_account(store, "a-1", now=NOW, actor="admin").notes == 5
    assert count(store, notes) == [0]


def test_a_repeat_of_an_erased_accounts_note_is_not_stored(store: Store) -> None:
    post(store)
    erase_account(store, "a-1", now=NOW, actor="admin")
    assert ingest_note(store, raw_note(), now=NOW, actor="crm").status is Status.DELETED
    assert list_accounts(store).data == []


def test_an_unknown_account_can_not_be_erased(store: Store) -> None:
    with pytest.raises(NotFound) as caught:
        erase_account(store, "a-9", now=NOW, actor="admin")
    assert caught.value.code == "unknown_account"


def test_the_scores_of_the_re_ranker_go_too(store: Store) -> None:
    put_request(store, post(store))
    with store.write() as connection:
        key = connection.scalar(select(vectors.c.vector_key))
        score = {"vector_key": key, "item_key": "i", "model": "m", "score": 0.5}
        connection.execute(pair_scores.insert().values(score))
    erase_account(store, "a-1", now=NOW, actor="admin")
    assert count(store, vectors, pair_scores) == [0, 0]


@pytest.fixture
def with_person(observed: Store) -> Store:
    """A CSM with a note, a pre-read, an account, a key and things done with that key."""
    csm_id, name, email = PERSON
    row = {"csm_id": csm_id, "name": name, "email": email}
    upsert_csms(observed, lines_of(row), now=NOW, actor="crm")
    upsert_accounts(
        observed, lines_of({"account_id": "a-1", "csm_id": csm_id}), now=NOW, actor="crm"
    )
    create_key(observed, role="csm", name=name, csm_id=csm_id, now=NOW, actor="admin")
    note = ingest_note(observed, raw_note(csm_id=csm_id), now=NOW, actor=name)
    put_request(observed, note.id)
    record_observation(
        observed, raw_observation(csm_id=csm_id, external_id="o-1"), now=NOW, actor=name
    )
    return observed


def test_nothing_tells_of_an_erased_csm_and_the_notes_stay(with_person: Store) -> None:
    before = count(with_person, notes, requests)
    stand_in = erase_csm(with_person, PERSON[0], now=NOW, actor="admin")
    stored = everything_stored(with_person)
    assert [word for word in PERSON if word in stored] == []
    assert count(with_person, notes, requests) == before
    with with_person.read() as connection:
        assert stand_in in connection.scalars(select(requests.c.csm_id)).all()
    assert [key.revoked_at for key in list_keys(with_person)] == [NOW]


def test_an_erased_csm_still_counts_as_one_active_csm(with_person: Store) -> None:
    before = len(list_csms(with_person).data)
    stand_in = erase_csm(with_person, PERSON[0], now=NOW, actor="admin")
    found = {known.value.csm_id: known.value for known in list_csms(with_person).data}
    assert len(found) == before
    assert (found[stand_in].name, found[stand_in].active) == (None, True)


def test_what_comes_again_under_the_old_id_is_taken_under_the_new_one(with_person: Store) -> None:
    erase_csm(with_person, PERSON[0], now=NOW, actor="admin")
    repeat = raw_note(csm_id=PERSON[0])
    assert ingest_note(with_person, repeat, now=NOW, actor="x").status is Status.DUPLICATE
    ingest_note(with_person, raw_note(7, csm_id=PERSON[0]), now=NOW, actor="x")
    observation = raw_observation(csm_id=PERSON[0], external_id="o-1")
    assert not record_observation(with_person, observation, now=NOW, actor="x").created
    again = raw_observation(csm_id=PERSON[0])
    record_observation(with_person, again, now=NOW, actor="x")
    account = {"account_id": "a-1", "csm_id": PERSON[0]}
    receipt = upsert_accounts(with_person, lines_of(account), now=NOW, actor="x")
    assert receipt.duplicate == 1
    assert PERSON[0] not in everything_stored(with_person)


def test_an_erased_csm_can_not_be_uploaded_again(with_person: Store) -> None:
    erase_csm(with_person, PERSON[0], now=NOW, actor="admin")
    row = {"csm_id": PERSON[0], "name": PERSON[1]}
    receipt = upsert_csms(with_person, lines_of(row, {"csm_id": "c-2"}), now=NOW, actor="x")
    assert [bad.code for bad in receipt.rejected] == ["csm_erased"]
    assert receipt.accepted == 1


def test_erasing_a_csm_twice_is_erasing_once(with_person: Store) -> None:
    first = erase_csm(with_person, PERSON[0], now=NOW, actor="admin")
    assert erase_csm(with_person, PERSON[0], now=NOW, actor="admin") == first
    assert [entry.action for entry in list_audit(with_person).data].count("csm.erased") == 1


def test_a_name_that_others_keys_have_too_stays(with_person: Store) -> None:
    create_key(with_person, role="cs_ops", name=PERSON[1], now=NOW, actor="admin")
    erase_csm(with_person, PERSON[0], now=NOW, actor="admin")
    assert [key.name for key in list_keys(with_person) if key.role == "cs_ops"] == [PERSON[1]]


def test_an_unknown_csm_can_not_be_erased(store: Store) -> None:
    with pytest.raises(NotFound) as caught:
        erase_csm(store, "c-9", now=NOW, actor="admin")
    assert caught.value.code == "unknown_csm"


OLD, YOUNG = "2026-07-03T09:30:00Z", "2026-09-20T09:30:00Z"


def test_what_is_too_old_goes_in_batches_and_the_rest_stays(observed: Store) -> None:
    for number in range(5):
        put_request(observed, post(observed, number, occurred_at=OLD))
    post(observed, 9, occurred_at=YOUNG)
    found = outdated(observed, 30, now=NOW)
    assert (found.notes, found.observations) == (5, 1)
    steps = []
    while erased := erase_outdated(observed, 30, now=NOW, actor="worker", limit=2):
        steps.append(erased)
    assert steps == [3, 2, 1]
    assert count(observed, notes, requests, observations) == [1, 0, 0]
    assert "Wombats" not in everything_stored(observed)


def test_a_note_as_old_as_notes_are_kept_stays(store: Store) -> None:
    post(store, occurred_at=(NOW - timedelta(days=30)).isoformat())
    assert erase_outdated(store, 30, now=NOW, actor="worker") == 0
    assert erase_outdated(store, 29, now=NOW, actor="worker") == 1


def test_it_is_due_again_a_day_after_nothing_old_was_left(store: Store) -> None:
    assert retention_is_due(store, now=NOW)
    post(store, occurred_at=OLD)
    assert erase_outdated(store, 30, now=NOW, actor="worker") == 1
    assert retention_is_due(store, now=NOW)
    assert erase_outdated(store, 30, now=NOW, actor="worker") == 0
    assert not retention_is_due(store, now=NOW + timedelta(hours=23))
    assert retention_is_due(store, now=NOW + timedelta(hours=24))


def test_the_trail_says_how_many_and_nothing_of_the_words(store: Store) -> None:
    post(store, occurred_at=OLD, text=SECRET)
    erase_outdated(store, 30, now=NOW, actor="worker")
    entry = list_audit(store).data[0]
    assert (entry.action, entry.details["notes"]) == ("retention.erased", 1)
    assert "Wombats" not in repr(entry)


def test_keeping_for_less_than_a_day_is_refused(store: Store) -> None:
    with pytest.raises(InvalidInput) as caught:
        outdated(store, 0, now=NOW)
    assert caught.value.code == "bad_retention"
