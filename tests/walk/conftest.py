"""One served application with the real encoder and reader, and Fieldbook's notes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.app import create_app
from service.demo import SAMPLE_CORPUS, SAMPLE_QUARTER
from service.flows.language import load_language
from service.jobs.worker import Worker
from service.settings import Settings
from service.storage.engine import migrate, open_store

NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Snapshot:
    """What the service answers at one moment: requests by id, themes by id, the board."""

    requests: dict[str, dict[str, Any]]
    themes: dict[str, dict[str, Any]]
    signals: list[dict[str, Any]]

    @property
    def members(self) -> dict[str, set[str]]:
        """Theme id -> its requests' ids."""
        found: dict[str, set[str]] = {}
        for row in self.requests.values():
            if row["theme_id"] is not None:
                found.setdefault(row["theme_id"], set()).add(row["id"])
        return found


class Walker:
    """A user of the HTTP interface, with the worker stepped by hand."""

    def __init__(self, client: TestClient, worker: Worker) -> None:
        self.client = client
        self._worker = worker

    def load(self, path: str, file: str) -> None:
        """Upload one of the sample's CSV files."""
        data = (SAMPLE_CORPUS / file).read_bytes()
        answer = self.client.put(path, content=data, headers={"Content-Type": "text/csv"})
        assert answer.json()["rejected"] == [], answer.text
        self.work()

    def write(self, notes: list[str]) -> None:
        """Post notes, one JSON object each, and let them be read."""
        answer = self.client.post(
            "/notes/batch",
            content="\n".join(notes).encode(),
            headers={"Content-Type": "application/x-ndjson"},
        )
        assert answer.json()["accepted"] == len(notes), answer.text
        self.work()

    def run(self) -> Snapshot:
        """Cluster, and take a snapshot of the outcome."""
        job = self.client.post("/runs").json()["job_id"]
        self.work()
        assert self.client.get(f"/jobs/{job}").json()["state"] == "done"
        return self.snapshot()

    def work(self) -> None:
        """Do all that is queued."""
        while self._worker.run_once():
            pass
        assert self._worker.status.ready, self._worker.status.reason

    def snapshot(self) -> Snapshot:
        """Everything as it is answered now."""
        return Snapshot(
            requests={row["id"]: row for row in self.every("/requests")},
            themes={row["id"]: row for row in self.every("/themes")},
            signals=self.every("/signals", quarter=SAMPLE_QUARTER),
        )

    def every(self, path: str, **query: str) -> list[dict[str, Any]]:
        """All rows of a list, page by page."""
        rows: list[dict[str, Any]] = []
        cursor = ""
        while True:
            asked = {**query, "limit": "1000", "cursor": cursor}
            page = self.client.get(path, params=asked).json()
            rows += page["data"]
            cursor = page["next_cursor"]
            if not cursor:
                return rows

    def decide(self, theme_id: str, **decision: Any) -> dict[str, Any]:
        """One decision on a theme."""
        answer = self.client.post(f"/themes/{theme_id}/decisions", json=decision)
        assert answer.status_code == 200, answer.text
        theme: dict[str, Any] = answer.json()
        return theme


@dataclass(frozen=True)
class Walk:
    """What was seen on the way, and the loaded notes of its first part."""

    first_notes: list[str]
    clustered: Snapshot
    with_more_notes: Snapshot
    with_taxonomy: Snapshot
    accepted: dict[str, Any]
    after_decision: Snapshot
    after_next_run: Snapshot


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    """Notes without a taxonomy, a tenth more, the taxonomy, one decision, one more run."""
    url = f"sqlite:///{tmp_path_factory.mktemp('walk') / 'groundswell.db'}"
    migrate(url)
    store = open_store(url)
    models = load_language()
    worker = Worker(store, lambda: models, clock=lambda: NOW)
    app = create_app(Settings(auth="off"), store, language=lambda: models, clock=lambda: NOW)
    walker = Walker(TestClient(app, base_url="http://127.0.0.1"), worker)
    notes = (SAMPLE_CORPUS / "notes.jsonl").read_text(encoding="utf-8").splitlines()
    # Every eleventh note comes later: a tenth more than there were.
    first = [note for number, note in enumerate(notes) if number % 11]
    walker.load("/csms", "csms.csv")
    walker.load("/accounts", "accounts.csv")
    walker.write(first)
    clustered = walker.run()
    walker.write([note for note in notes if note not in first])
    with_more_notes = walker.run()
    walker.load("/taxonomy", "themes.csv")
    with_taxonomy = walker.run()
    accepted = _accept_first(walker)
    yield Walk(
        first,
        clustered,
        with_more_notes,
        with_taxonomy,
        accepted,
        walker.snapshot(),
        walker.run(),
    )
    store.close()


def _accept_first(walker: Walker) -> dict[str, Any]:
    """Accept the first proposed theme of the review queue as a new item."""
    queue = walker.client.get("/review", params={"limit": "1000"}).json()["data"]
    theme = next(row["theme"] for row in queue if row["kind"] == "theme")
    return walker.decide(
        theme["id"], action="accept", feature_area="Walk", customer_need="What they ask for"
    )


def posted_texts(notes: list[str]) -> dict[str, str]:
    """External id -> text as posted."""
    return {row["external_id"]: row["text"] for row in map(json.loads, notes)}


def file_of(notes: list[str], path: Path) -> Path:
    """The notes as a file."""
    path.write_text("\n".join(notes) + "\n", encoding="utf-8")
    return path
