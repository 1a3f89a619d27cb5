"""The worker reads notes, whatever comes between."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest

from models.errors import Unavailable
from service.flows.ingest import ingest_note
from service.flows.jobs import count_pending_notes
from service.jobs import worker as worker_module
from service.jobs.worker import Worker
from service.storage.engine import Store
from service.storage.tables import notes
from tests.factories import NOW, raw_note
from tests.fakes import POISON, FakeLanguage
from tests.jobs.working import Clock, post, rows, texts, work_all


def test_it_reads_what_is_pending(store: Store, worker: Worker) -> None:
    post(store, "One.", "Two.")
    assert worker.run_once()
    assert texts(store) == ["One.", "Two."]
    assert count_pending_notes(store) == 0


def test_with_nothing_to_do_it_says_so(worker: Worker) -> None:
    assert not worker.run_once()
    assert (worker.status.state, worker.status.ready) == ("idle", True)


def test_it_reads_in_batches(
    store: Store, worker: Worker, language: FakeLanguage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.jobs.worker.NOTES_AT_ONCE", 64)
    post(store, *(f"Note {number}." for number in range(100)))
    work_all(worker)
    assert [len(batch) for batch in language.reader.given] == [64, 36]
    assert len(texts(store)) == 100


def test_an_edited_note_is_read_anew(store: Store, worker: Worker) -> None:
    post(store, "First.")
    work_all(worker)
    post(store, "Second.")
    work_all(worker)
    assert texts(store) == ["Second."]


def test_a_note_that_changes_while_it_is_read_is_read_again(
    store: Store, worker: Worker, language: FakeLanguage, monkeypatch: pytest.MonkeyPatch
) -> None:
    post(store, "First.")
    read = language.reader.read

    def read_and_edit(given: list[str]) -> Any:
        found = read(given)
        if given == ["First."]:
            post(store, "Second.")
        return found

    monkeypatch.setattr(language.reader, "read", read_and_edit)
    work_all(worker)
    assert texts(store) == ["Second."]


def test_a_poisoned_note_holds_up_no_other(store: Store, worker: Worker) -> None:
    post(store, "One.", f"This is {POISON}.", "Three.")
    work_all(worker)
    assert texts(store) == ["One.", "Three."]
    errors = {row.text: row.read_error for row in rows(store, notes)}
    assert errors == {"One.": None, f"This is {POISON}.": "ValueError", "Three.": None}


def test_a_note_that_breaks_the_encoder_holds_up_no_other(
    store: Store, worker: Worker, language: FakeLanguage, monkeypatch: pytest.MonkeyPatch
) -> None:
    encode = language.encoder.encode

    def encode_or_break(given: list[str]) -> Any:
        if "Two." in given:
            raise ValueError
        return encode(given)

    monkeypatch.setattr(language.encoder, "encode", encode_or_break)
    post(store, "One.", "Two.", "Three.")
    work_all(worker)
    assert texts(store) == ["One.", "Three."]


def test_a_reading_that_breaks_everywhere_blames_no_note(
    store: Store, worker: Worker, language: FakeLanguage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(_: list[str]) -> Any:
        raise MemoryError

    post(store, "One.", "Two.")
    with monkeypatch.context() as patched:
        patched.setattr(language.encoder, "encode", breaks)
        with pytest.raises(MemoryError):
            worker.run_once()
    work_all(worker)
    assert texts(store) == ["One.", "Two."]


def test_the_notes_of_a_worker_that_was_killed_are_read_by_the_next(
    store: Store,
    worker: Worker,
    language: FakeLanguage,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from service.storage import notes as note_queries

    post(store, "One.")
    with store.write() as connection:
        until = NOW + timedelta(minutes=1)
        note_queries.claim_pending(connection, now=NOW, until=until, limit=64)
    assert not worker.run_once()
    clock.pass_by(timedelta(minutes=1))
    assert worker.run_once()
    assert texts(store) == ["One."]


def test_a_store_that_is_away_makes_it_wait(
    store: Store, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise Unavailable("The disk is full.", code="store_full")

    post(store, "One.")
    with monkeypatch.context() as patched:
        patched.setattr(worker_module, "read_pending", away)
        assert not worker.run_once()
        assert (worker.status.ready, worker.status.code) == (False, "store_full")
    assert worker.run_once()
    assert worker.status.ready


def test_two_workers_at_once_read_each_note_once(
    store: Store, language: FakeLanguage, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.jobs.worker.NOTES_AT_ONCE", 64)
    post(store, *(f"Note {number}." for number in range(300)))
    workers = [Worker(store, language, clock=clock) for _ in range(2)]
    threads = [threading.Thread(target=work_all, args=(one,)) for one in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(len(batch) for batch in language.reader.given) == 300
    assert len(texts(store)) == 300


def test_it_runs_until_it_is_told_to_stop(
    store: Store, worker: Worker, language: FakeLanguage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = threading.Event()
    read = language.reader.read

    def read_and_stop(given: list[str]) -> Any:
        stop.set()
        return read(given)

    monkeypatch.setattr(language.reader, "read", read_and_stop)
    post(store, "One.")
    worker.run(stop)
    assert texts(store) == ["One."]
    assert worker.status.state == "stopped"


def test_it_goes_on_after_an_error_of_ours(
    store: Store, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = threading.Event()
    left = [ValueError()]
    real = worker_module.read_pending

    def breaks_once(*given: Any, **named: Any) -> int:
        if left:
            raise left.pop()
        stop.set()
        return real(*given, **named)

    monkeypatch.setattr(worker_module, "TROUBLE_SECONDS", 0.01)
    monkeypatch.setattr(worker_module, "read_pending", breaks_once)
    post(store, "One.")
    worker.run(stop)
    assert texts(store) == ["One."]


def test_a_worker_told_of_no_encoder_before_there_is_work(
    store: Store, worker: Worker, language: FakeLanguage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "TROUBLE_SECONDS", 0.01)
    language.missing = True
    stop = threading.Event()
    thread = threading.Thread(target=worker.run, args=(stop,))
    thread.start()
    while worker.status.code != "encoder_unavailable":
        stop.wait(0.01)
    ingest_note(store, raw_note(text="One."), now=NOW, actor="crm")
    language.missing = False
    while not texts(store):
        stop.wait(0.01)
    stop.set()
    thread.join()
    assert texts(store) == ["One."]


def test_when_the_disk_is_full_the_queue_waits_and_goes_on_later(
    sqlite_store: Store, language: FakeLanguage, clock: Clock
) -> None:
    longest = [f"{number} " + "They need export. " * 500 for number in range(8)]
    post(sqlite_store, *longest)
    worker = Worker(sqlite_store, language, clock=clock)
    with sqlite_store.write() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    assert not worker.run_once()
    assert (worker.status.ready, worker.status.code) == (False, "store_full")
    assert texts(sqlite_store) == []

    with sqlite_store.write() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
    work_all(worker)
    assert texts(sqlite_store) == sorted(longest)
    assert worker.status.ready
