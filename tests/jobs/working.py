"""What the worker's tests do and look at."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from service.flows.ingest import ingest_notes
from service.jobs.worker import Worker
from service.storage.engine import Store
from service.storage.tables import requests
from tests.factories import NOW, lines_of, raw_note


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, span: timedelta) -> None:
        self.now += span


def post(store: Store, *texts: str) -> None:
    """Send notes with these texts, numbered from 1."""
    bodies = [raw_note(number, text=text) for number, text in enumerate(texts, start=1)]
    ingest_notes(store, lines_of(*bodies), now=NOW, actor="crm")


def rows(store: Store, table: Any) -> list[Any]:
    """All rows of a table."""
    with store.read() as connection:
        return list(connection.execute(select(table)))


def texts(store: Store) -> list[str]:
    """The texts of all requests, sorted."""
    return sorted(row.text for row in rows(store, requests))


def work_all(worker: Worker) -> None:
    """Let the worker work until there is nothing to do."""
    while worker.run_once():
        pass
