from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from models.errors import InvalidInput, NotFound, Unauthenticated, Unavailable
from service.flows.audit import list_audit
from service.flows.keys import (
    NewKey,
    authenticate,
    create_key,
    list_keys,
    page_of_keys,
    revoke_key,
    view_of,
)
from service.flows.pages import encode_cursor
from service.storage.engine import Store
from service.storage.operating_tables import api_keys
from tests.factories import NOW

MINUTE = timedelta(minutes=1)


def make(store: Store, role: str = "cs_ops", csm_id: str | None = None) -> NewKey:
    return create_key(store, role=role, name=" Ops ", csm_id=csm_id, now=NOW, actor="admin")


def refusal(store: Store, key: str) -> str:
    with pytest.raises(Unauthenticated) as caught:
        authenticate(store, key, now=NOW)
    return caught.value.code


def test_a_key_opens_what_it_was_made_for(store: Store) -> None:
    holder = authenticate(store, make(store, "csm", "c-7").key, now=NOW)
    assert (holder.name, holder.role, holder.csm_id) == ("Ops", "csm", "c-7")


def test_keys_are_long_and_never_the_same(store: Store) -> None:
    first, second = make(store).key, make(store).key
    assert first != second
    assert first.startswith("gs_")
    assert len(first) >= 43


def test_the_store_holds_no_key(store: Store) -> None:
    made = make(store)
    with store.read() as connection:
        kept = repr(connection.execute(select(api_keys)).all())
    assert made.key not in kept
    assert made.key not in repr(list_audit(store).data)


@pytest.mark.parametrize("key", ["", "gs_", "gs_nobody", "\ud800", "x" * 100_000])
def test_another_key_opens_nothing(store: Store, key: str) -> None:
    make(store)
    assert refusal(store, key) == "unknown_key"


def test_a_hash_is_no_key(store: Store) -> None:
    assert refusal(store, make(store).stored.key_hash) == "unknown_key"


def test_a_revoked_key_opens_nothing(store: Store) -> None:
    made = make(store)
    revoke_key(store, made.id, now=NOW, actor="admin")
    revoke_key(store, made.id, now=NOW + MINUTE, actor="admin")
    assert refusal(store, made.key) == "revoked_key"
    assert list_keys(store)[0].revoked_at == NOW


def test_an_expired_key_opens_nothing(store: Store) -> None:
    made = create_key(
        store, role="admin", name="Ops", expires_at=NOW + MINUTE, now=NOW, actor="admin"
    )
    assert authenticate(store, made.key, now=NOW).expires_at == NOW + MINUTE
    with pytest.raises(Unauthenticated) as caught:
        authenticate(store, made.key, now=NOW + MINUTE)
    assert caught.value.code == "expired_key"
    assert view_of(list_keys(store)[0], now=NOW).state == "live"
    assert view_of(list_keys(store)[0], now=NOW + MINUTE).state == "expired"


def test_a_key_that_would_have_expired_is_not_made(sqlite_store: Store) -> None:
    with pytest.raises(InvalidInput) as caught:
        create_key(sqlite_store, role="admin", name="x", expires_at=NOW, now=NOW, actor="admin")
    assert caught.value.code == "bad_expiry"
    assert list_keys(sqlite_store) == []


def test_keys_come_in_pages_each_once(store: Store) -> None:
    ids = {make(store).id for _ in range(7)}
    seen: list[str] = []
    cursor = ""
    while True:
        page = page_of_keys(store, cursor=cursor, limit=3)
        seen += [key.id for key in page.data]
        cursor = page.next_cursor
        if not cursor:
            break
    assert len(seen) == 7
    assert set(seen) == ids


@pytest.mark.parametrize(
    "cursor", ["x", encode_cursor("soon", "k"), encode_cursor("2026-01-01", "k")]
)
def test_a_cursor_of_no_list_is_refused(sqlite_store: Store, cursor: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        page_of_keys(sqlite_store, cursor=cursor)
    assert caught.value.code == "bad_cursor"


def test_a_key_nobody_made_can_not_be_revoked(store: Store) -> None:
    with pytest.raises(NotFound):
        revoke_key(store, "none", now=NOW, actor="admin")


def test_the_last_use_is_noted_once_a_minute_and_changes_no_answer(store: Store) -> None:
    made = make(store)
    with store.read() as connection:
        before = store.data_version(connection)
    for seconds in (0, 30, 59):
        authenticate(store, made.key, now=NOW + timedelta(seconds=seconds))
    assert list_keys(store)[0].last_used_at == NOW
    authenticate(store, made.key, now=NOW + MINUTE)
    assert list_keys(store)[0].last_used_at == NOW + MINUTE
    with store.read() as connection:
        assert store.data_version(connection) == before


@pytest.mark.parametrize(
    ("role", "name", "csm_id", "code"),
    [
        ("root", "x", None, "unknown_role"),
        ("csm", "x", None, "missing_csm_id"),
        ("admin", "x", "c-1", "csm_id_not_allowed"),
        ("admin", " ", None, "bad_name"),
        ("admin", "a\nb", None, "bad_name"),
        ("admin", "x" * 256, None, "bad_name"),
    ],
)
def test_a_key_for_nobody_is_refused(
    sqlite_store: Store, role: str, name: str, csm_id: str | None, code: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        create_key(sqlite_store, role=role, name=name, csm_id=csm_id, now=NOW, actor="admin")
    assert caught.value.code == code
    assert list_keys(sqlite_store) == []


def test_a_full_disk_turns_no_reader_away(sqlite_store: Store) -> None:
    made = make(sqlite_store)
    with sqlite_store.write() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(Unavailable) as caught:
        for _ in range(1_000):
            make(sqlite_store)
    assert caught.value.code == "store_full"
    assert authenticate(sqlite_store, made.key, now=NOW).id == made.id
