from __future__ import annotations

import os
import stat
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from models.errors import InvalidInput, Unavailable
from service.storage import engine as engine_module
from service.storage.engine import Store, migrate, open_store
from service.storage.tables import tombstones

AT = datetime(2026, 7, 1, tzinfo=UTC)


def put(store: Store, external_id: str, *, source: str = "s") -> None:
    with store.write() as connection:
        row = {"source": source, "external_id": external_id, "deleted_at": AT}
        connection.execute(insert(tombstones).values(row))


def ids(store: Store) -> list[str]:
    with store.read() as connection:
        return sorted(connection.scalars(select(tombstones.c.external_id)))


def version(store: Store) -> int:
    with store.read() as connection:
        return store.data_version(connection)


def test_what_a_write_did_is_there_for_the_next_read(store: Store) -> None:
    put(store, "a")
    assert ids(store) == ["a"]


def test_a_write_that_raises_leaves_nothing(store: Store) -> None:
    with pytest.raises(LookupError), store.write() as connection:
        row = {"source": "s", "external_id": "a", "deleted_at": AT}
        connection.execute(insert(tombstones).values(row))
        raise LookupError
    assert ids(store) == []
    assert version(store) == 0


def test_a_rehearsal_sees_its_own_writes_and_keeps_none(store: Store) -> None:
    row = {"source": "s", "external_id": "a", "deleted_at": AT}
    with store.rehearse() as connection:
        connection.execute(insert(tombstones).values(row))
        assert connection.scalar(select(func.count()).select_from(tombstones)) == 1
    assert (ids(store), version(store)) == ([], 0)
    with pytest.raises(LookupError), store.rehearse():
        raise LookupError
    put(store, "b")
    assert ids(store) == ["b"]


def test_each_write_raises_the_data_version(store: Store) -> None:
    put(store, "a")
    put(store, "b")
    assert version(store) == 2


def test_a_write_that_changes_no_answer_keeps_the_data_version(store: Store) -> None:
    with store.write(changes_answers=False) as connection:
        connection.execute(delete(tombstones))
    assert version(store) == 0


def test_a_read_sees_one_snapshot_while_others_write(store: Store) -> None:
    put(store, "a")
    count = select(func.count()).select_from(tombstones)
    with store.read() as connection:
        before = connection.scalar(count)
        put(store, "b")
        assert connection.scalar(count) == before == 1


def test_a_read_refuses_to_write(store: Store) -> None:
    with pytest.raises((DBAPIError, Unavailable)), store.read() as connection:
        connection.execute(delete(tombstones))


def test_a_write_inside_a_write_is_refused_at_once(store: Store) -> None:
    with pytest.raises(RuntimeError), store.write(), store.write():
        pass
    put(store, "after")
    assert ids(store) == ["after"]


def test_a_broken_constraint_is_our_bug_and_goes_up(store: Store) -> None:
    put(store, "a")
    with pytest.raises(IntegrityError):
        put(store, "a")


def test_an_error_tells_nothing_of_the_values(store: Store) -> None:
    put(store, "what the customer said")
    with pytest.raises(IntegrityError) as caught:
        put(store, "what the customer said")
    shown = str(caught.value).replace(str(caught.value.orig), "")
    assert "what the customer said" not in shown


def test_writers_in_many_threads_take_turns_and_lose_nothing(store: Store) -> None:
    def work(name: int) -> None:
        for number in range(10):
            put(store, f"{name}-{number}")

    threads = [threading.Thread(target=work, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids(store)) == 40
    assert version(store) == 40


def test_two_stores_on_one_database_take_turns(store: Store, store_url: str) -> None:
    other = open_store(store_url)
    seen: list[int] = []

    def add_one(mine: Store) -> None:
        for _ in range(10):
            with mine.write() as connection:
                count = select(func.count()).select_from(tombstones)
                found = connection.scalar(count) or 0
                row = {"source": "s", "external_id": str(found), "deleted_at": AT}
                connection.execute(insert(tombstones).values(row))
                seen.append(found)

    threads = [threading.Thread(target=add_one, args=(mine,)) for mine in (store, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    # Each saw what the other had stored: no number was taken twice.
    assert sorted(seen) == list(range(20))


def test_a_store_held_by_another_program_is_busy(
    store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "LOCK_WAIT_SECONDS", 0.2)
    holder, waiter = open_store(store_url), open_store(store_url)
    with holder.write(), pytest.raises(Unavailable) as caught:
        put(waiter, "a")
    assert caught.value.code == "store_busy"
    put(waiter, "later")
    assert ids(waiter) == ["later"]
    holder.close()
    waiter.close()


def test_a_full_disk_refuses_the_write_and_later_goes_on(sqlite_store: Store) -> None:
    put(sqlite_store, "before")
    with sqlite_store.write(changes_answers=False) as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(Unavailable) as caught, sqlite_store.write() as connection:
        for number in range(1_000):
            row = {"source": "s" * 255, "external_id": str(number), "deleted_at": AT}
            connection.execute(insert(tombstones).values(row))
    assert caught.value.code == "store_full"
    assert ids(sqlite_store) == ["before"]

    with sqlite_store.write(changes_answers=False) as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
    put(sqlite_store, "after")
    assert ids(sqlite_store) == ["after", "before"]


def test_a_server_that_cuts_the_connection_is_down_and_then_up_again(postgresql_url: str) -> None:
    store = open_store(postgresql_url)
    with pytest.raises(Unavailable) as caught, store.write() as connection:
        connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    assert caught.value.code == "store_down"
    put(store, "a")
    assert ids(store) == ["a"]
    store.close()


def test_no_server_at_the_address_is_down() -> None:
    with pytest.raises(Unavailable) as caught:
        open_store("postgresql+psycopg://nobody@127.0.0.1:1/none")
    assert caught.value.code == "store_down"


def test_a_file_that_is_no_database_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("this is a text file, and long enough to be looked at as a database" * 20)
    with pytest.raises(Unavailable) as caught:
        open_store(f"sqlite:///{path}")
    assert caught.value.code == "store_damaged"


@pytest.mark.parametrize(
    "url", ["mysql://host/name", "sqlite://", "sqlite:///:memory:", "not a url", ""]
)
def test_a_database_we_do_not_know_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        Store(url)
    assert caught.value.code == "unknown_database"


def test_a_fresh_file_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "groundswell.db"
    before = os.umask(0)
    try:
        migrate(f"sqlite:///{path}")
        store = open_store(f"sqlite:///{path}")
        put(store, "a")
        modes = {found.name: stat.S_IMODE(found.stat().st_mode) for found in tmp_path.iterdir()}
        store.close()
    finally:
        os.umask(before)
    assert set(modes.values()) == {0o600}


def test_a_file_in_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        migrate(f"sqlite:///{tmp_path}/none/groundswell.db")
    assert caught.value.code == "store_path"


def test_opening_what_was_never_made_makes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "groundswell.db"
    with pytest.raises(Unavailable) as caught:
        open_store(f"sqlite:///{path}")
    assert caught.value.code == "store_not_migrated"
    assert not path.exists()


def test_an_answered_write_is_on_the_disk(sqlite_store: Store) -> None:
    with sqlite_store.write() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        }
    full = 2
    assert pragmas == {
        "journal_mode": "wal",
        "synchronous": full,
        "foreign_keys": 1,
        "secure_delete": 1,
    }
