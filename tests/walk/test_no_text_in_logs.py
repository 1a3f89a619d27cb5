"""What customers said is in no log and no metric, whatever goes wrong."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from clustering.reading import ReadSpan
from models.severity import Severity
from service.app import create_app
from service.flows.language import LanguageModels
from service.jobs.worker import Worker
from service.settings import Settings
from service.storage.engine import Store
from tests.factories import NOW, raw_item, raw_note, raw_observation
from tests.language_fakes import fake_language

CANARY = "quokka-7731"


class ChokingReader:
    """Breaks on a note with the word 'choke', and quotes it in its message."""

    def read(self, texts: Sequence[str]) -> list[list[ReadSpan]]:
        """The whole of each text as one request."""
        if any("choke" in one for one in texts):
            raise ValueError(f"can't read {texts[0]!r}")
        return [[ReadSpan(0, len(one), 0.9, Severity.MINOR, 0.9)] for one in texts]


class ChokingEncoder(type(fake_language().encoder)):  # type: ignore[misc]
    """Breaks on a text with the word 'overlong'."""

    def encode(self, texts: Sequence[str]) -> Any:
        """Rows as the fake's."""
        if any("overlong" in one for one in texts):
            raise RuntimeError(f"can't encode {texts!r}")
        return super().encode(texts)


def language() -> LanguageModels:
    return LanguageModels(encoder=ChokingEncoder(), reader=ChokingReader())  # type: ignore[arg-type]


@pytest.fixture
def client(store: Store) -> TestClient:
    settings = Settings(auth="off")
    app = create_app(settings, store, language=language, clock=lambda: NOW)
    return TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False)


def work(worker: Worker) -> None:
    """Let the worker work until there is nothing that it could do."""
    while worker.run_once():
        pass


def broken(store: Store) -> set[str]:
    """Why notes could not be read."""
    with store.read() as connection:
        reasons = connection.scalars(text("SELECT read_error FROM notes"))
        return {reason for reason in reasons if reason}


def walk(client: TestClient, store: Store) -> None:
    """Take in, read, cluster, decide, refuse, break and delete."""
    worker = Worker(store, language, clock=lambda: NOW)
    client.put("/taxonomy", json=[raw_item(description=f"Export {CANARY}")])
    bodies = [raw_note(n, text=f"They need {CANARY} number {n}.") for n in range(6)]
    client.post("/notes/batch", json=bodies)
    for words in ("choke", "overlong"):
        client.post("/notes", json=raw_note(90, external_id=words, text=f"{CANARY} {words}"))
    client.post("/observations", json=raw_observation(verbatim=CANARY))
    client.post("/runs")
    work(worker)
    assert broken(store) == {"ValueError", "RuntimeError"}
    client.put(
        "/taxonomy", json=[raw_item(customer_need="Other", description=f"overlong {CANARY}")]
    )
    work(worker)
    for bad in ("\x00", 7, None):
        client.post("/notes", json=raw_note(3, text=bad) | {"extra": CANARY})
    client.post("/notes", content=f'{{"text": "{CANARY}'.encode())
    client.get(f"/requests?q={CANARY}&tagged={CANARY}")
    client.get(f"/themes/{CANARY}")
    theme = client.get("/themes").json()["data"][0]["id"]
    client.post(f"/themes/{theme}/decisions", json={"action": "rename", "label": CANARY})
    client.post(f"/themes/{theme}/decisions", json={"action": "reject", "reason": CANARY})
    client.post(f"/themes/{theme}/decisions", json={"action": CANARY})
    client.delete("/notes/manual/n-1")
    client.delete("/accounts/a-1")
    client.delete("/csms/c-1")


def test_no_log_and_no_metric_holds_what_was_said(
    client: TestClient, store: Store, caplog: pytest.LogCaptureFixture, capfd: Any
) -> None:
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("httpx2").setLevel(logging.WARNING)
        walk(client, store)
    ours = [record for record in caplog.records if not record.name.startswith("http")]
    shown = [logging.Formatter().format(record) for record in ours]
    assert [line for line in shown if CANARY in line] == []
    assert any("failed with RuntimeError" in line for line in shown)
    assert CANARY not in client.get("/metrics").text
    printed = capfd.readouterr()
    assert CANARY not in printed.out + printed.err


def test_a_broken_store_is_told_of_without_what_was_to_be_stored(
    client: TestClient, store: Store, caplog: pytest.LogCaptureFixture, capfd: Any
) -> None:
    with store.write() as connection:
        connection.execute(text("ALTER TABLE notes RENAME TO elsewhere"))
    try:
        with caplog.at_level(logging.DEBUG):
            answer = client.post("/notes", json=raw_note(text=f"They need {CANARY}."))
    finally:
        with store.write() as connection:
            connection.execute(text("ALTER TABLE elsewhere RENAME TO notes"))
    assert answer.status_code == 500 and CANARY not in answer.text
    shown = [logging.Formatter().format(record) for record in caplog.records]
    assert shown and [line for line in shown if CANARY in line] == []
    printed = capfd.readouterr()
    assert CANARY not in printed.out + printed.err
