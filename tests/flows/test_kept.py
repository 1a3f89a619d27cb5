"""What is kept of a store: never older than what is committed, and never too much."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import update

from service.flows.kept import Kept
from service.flows.signals import SignalQuery
from service.storage.engine import Store, open_store
from service.storage.tables import accounts
from tests.flows.spoken_signals import ask, exports_and_access, say, with_portfolio

# In seconds, after which a test that hangs fails.
PATIENCE = 60


class Work:
    """Counts how often it was worked out, and says what it saw."""

    def __init__(self) -> None:
        self.times = 0

    def of(self, answer: str) -> Callable[[], str]:
        def work_out() -> str:
            self.times += 1
            return answer

        return work_out


def asked(kept: Kept[str], store: Store, what: str, work: Work, answer: str = "x") -> str:
    with store.read() as connection:
        return kept.get(store, connection, what, work.of(answer))


def test_it_is_worked_out_once_until_something_is_written(store: Store) -> None:
    kept, work = Kept[str](most=2), Work()
    assert [asked(kept, store, "a", work, answer) for answer in ("old", "other")] == ["old"] * 2
    with store.write():
        pass
    assert asked(kept, store, "a", work, "new") == "new"
    assert work.times == 2


def test_a_write_that_changes_no_answer_leaves_it(store: Store) -> None:
    kept, work = Kept[str](most=2), Work()
    asked(kept, store, "a", work)
    with store.write(changes_answers=False):
        pass
    asked(kept, store, "a", work)
    assert work.times == 1


def test_only_the_last_few_are_kept(sqlite_store: Store) -> None:
    kept, work = Kept[str](most=2), Work()
    for what in ("a", "b", "a", "c", "a"):
        asked(kept, sqlite_store, what, work)
    assert work.times == 3
    asked(kept, sqlite_store, "b", work)
    assert work.times == 4


def test_an_older_snapshot_gets_its_own_answer_and_spoils_nobodys(store: Store) -> None:
    kept, work = Kept[str](most=2), Work()
    with store.read() as early:
        Store.data_version(early)
        with store.write():
            pass
        assert asked(kept, store, "a", work, "after") == "after"
        assert kept.get(store, early, "a", work.of("before")) == "before"
    assert asked(kept, store, "a", work, "wrong") == "after"


def test_what_is_seen_in_a_write_is_not_kept(store: Store) -> None:
    kept, work = Kept[str](most=2), Work()
    with pytest.raises(ZeroDivisionError), store.write() as connection:
        assert kept.get(store, connection, "a", work.of("undone")) == "undone"
        raise ZeroDivisionError
    with store.write():
        pass
    assert asked(kept, store, "a", work, "done") == "done"


def test_many_at_once_wait_for_one(sqlite_store: Store) -> None:
    kept, work = Kept[str](most=2), Work()
    begun, go_on = threading.Event(), threading.Event()

    def slowly() -> str:
        begun.set()
        assert go_on.wait(PATIENCE)
        return work.of("slow")()

    def first() -> None:
        with sqlite_store.read() as connection:
            kept.get(sqlite_store, connection, "a", slowly)

    found: list[str] = []
    threads = [threading.Thread(target=first)]
    threads[0].start()
    assert begun.wait(PATIENCE)
    for _ in range(4):
        thread = threading.Thread(
            target=lambda: found.append(asked(kept, sqlite_store, "a", work, "again"))
        )
        thread.start()
        threads.append(thread)
    go_on.set()
    for thread in threads:
        thread.join(PATIENCE)
    assert (found, work.times) == (["slow"] * 4, 1)


def test_signals_follow_what_another_process_writes(sqlite_store: Store) -> None:
    exports_and_access(with_portfolio(sqlite_store))
    query = SignalQuery(quarter="2026-Q3")
    assert ask(sqlite_store, quarter=query.quarter)["data"][0]["accounts"] == 3
    other = open_store(str(sqlite_store._writer.url))
    try:
        say(other, "a-9", verbatim="four")
        assert ask(sqlite_store, quarter=query.quarter)["data"][0]["accounts"] == 4
        with other.write() as connection:
            connection.execute(update(accounts).values(at_risk=True))
        assert ask(sqlite_store, quarter=query.quarter)["data"][0]["level"] == "p1"
    finally:
        other.close()


def test_days_and_policies_are_told_apart(sqlite_store: Store) -> None:
    exports_and_access(with_portfolio(sqlite_store))
    first = ask(sqlite_store, quarter="2026-Q3")
    assert ask(sqlite_store, quarter="2026-Q3", policy="single_gate")["policy"] == "single_gate"
    assert str(ask(sqlite_store, quarter="2026-Q3", as_of="2026-08-01")["as_of"]) == "2026-08-01"
    assert ask(sqlite_store, quarter="2026-Q3") == first
