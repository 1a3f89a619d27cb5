"""A worker with fake language models, on a fresh store."""

from __future__ import annotations

import pytest

from service.jobs.worker import Worker
from service.storage.engine import Store
from tests.fakes import FakeLanguage
from tests.jobs.working import Clock


@pytest.fixture
def language() -> FakeLanguage:
    return FakeLanguage()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def worker(store: Store, language: FakeLanguage, clock: Clock) -> Worker:
    return Worker(store, language, clock=clock)
