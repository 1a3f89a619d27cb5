"""The worker fetches the notes that thin events have named."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from service.crm.connector import Fetch, FetchFailed, NoteChange
from service.flows.jobs import count_pending_notes
from service.flows.receive import receive
from service.jobs.worker import Worker
from service.storage.engine import Store
from tests.factories import NOW, raw_note
from tests.fakes import FakeLanguage
from tests.jobs.working import Clock, post, texts, work_all


class FakeVendor:
    """Has every note that it is asked for, unless it is `silent`."""

    silent = False

    def fetch(self, external_id: str) -> NoteChange:
        if self.silent:
            raise FetchFailed("vendor_busy", for_all=True)
        return NoteChange(raw_note(source="hubspot", external_id=external_id, text="Fetched."))


@pytest.fixture
def vendor() -> FakeVendor:
    return FakeVendor()


@pytest.fixture
def worker(store: Store, language: FakeLanguage, clock: Clock, vendor: FakeVendor) -> Worker:
    fetchers: Mapping[str, FakeVendor] = {"hubspot": vendor}
    return Worker(store, language, clock=clock, fetchers=fetchers)


def test_a_note_that_an_event_named_is_fetched_and_read(store: Store, worker: Worker) -> None:
    receive(store, "hubspot", [Fetch("1", NOW)], now=NOW)
    work_all(worker)
    assert texts(store) == ["Fetched."]


def test_a_vendor_that_does_not_answer_holds_up_no_note(
    store: Store, worker: Worker, vendor: FakeVendor
) -> None:
    vendor.silent = True
    receive(store, "hubspot", [Fetch("1", NOW)], now=NOW)
    post(store, "One.")
    work_all(worker)
    assert texts(store) == ["One."]
    assert count_pending_notes(store) == 0
