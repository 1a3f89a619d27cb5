"""The worker erases what is older than notes are kept, once a day, without holding up reading."""

from __future__ import annotations

import threading
from datetime import timedelta

from service.jobs.worker import Worker
from service.storage.engine import Store
from service.storage.tables import notes
from tests.fakes import FakeLanguage
from tests.jobs.working import Clock, post, rows


def keeping(store: Store, language: FakeLanguage, clock: Clock, days: int | None) -> Worker:
    return Worker(store, language, clock=clock, retention_days=days)


def test_what_is_too_old_is_erased_and_then_nothing_for_a_day(
    store: Store, language: FakeLanguage, clock: Clock
) -> None:
    post(store, "We need export.", "We need SSO.")
    worker = keeping(store, language, clock, 30)
    assert worker.erase_outdated()
    assert rows(store, notes) == []
    assert not worker.erase_outdated()
    post(store, "We need export.", "We need SSO.", "We need audit logs.")
    clock.pass_by(timedelta(hours=23))
    assert not worker.erase_outdated()
    clock.pass_by(timedelta(hours=2))
    assert worker.erase_outdated()


def test_without_the_setting_everything_is_kept(
    store: Store, language: FakeLanguage, clock: Clock
) -> None:
    post(store, "We need export.")
    assert not keeping(store, language, clock, None).erase_outdated()
    assert len(rows(store, notes)) == 1


def test_the_loop_does_it(sqlite_store: Store, language: FakeLanguage, clock: Clock) -> None:
    post(sqlite_store, "We need export.")
    worker = keeping(sqlite_store, language, clock, 30)
    stop = threading.Event()
    loop = threading.Thread(target=worker.run, args=(stop,))
    loop.start()
    try:
        for _ in range(600):
            if not rows(sqlite_store, notes):
                break
            stop.wait(0.05)
    finally:
        stop.set()
        loop.join()
    assert rows(sqlite_store, notes) == []
