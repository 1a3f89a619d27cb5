"""A small organisation in a store: notes on a few subjects, read and clustered by fakes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from models.identity import note_id
from service.flows.decide import decide, undo
from service.flows.ingest import ingest_note, ingest_notes
from service.flows.items import embed_items
from service.flows.language import LanguageModels
from service.flows.read_notes import read_pending
from service.flows.recluster import RunSummary, recluster
from service.flows.taxonomy import upsert_items
from service.flows.themes import get_theme
from service.storage import requests
from service.storage.engine import Store
from service.storage.tables import themes
from service.storage.whole_schema import metadata
from tests.factories import NOW, lines_of, raw_item, raw_note
from tests.language_fakes import fake_language

# The fake reader takes a sentence with 'need' as a request; the fake encoder knows its words.
EXPORT = "We need bulk export of invoice rows"
LOGIN = "They need single sign-on through okta"
COLOUR = "Users need darker colours in the evening screens"
FILLERS = ("soon", "today", "please", "really", "badly", "again", "finally", "urgently")


def texts_on(subject: str, count: int) -> list[str]:
    """So many ways to ask for one thing."""
    return [f"{subject} {FILLERS[n % len(FILLERS)]}." for n in range(count)]


class World:
    """What a test does with a store, in its own words. Time stands still at `now`."""

    def __init__(self, store: Store, language: LanguageModels | None = None) -> None:
        self.store = store
        self.language = language or fake_language()
        self.now = NOW

    def note(self, number: int, text: str, **changes: Any) -> str:
        """Store a note; accounts and CSMs differ by number unless they are given."""
        body = raw_note(number, text=text, **(_senders(number) | changes))
        ingest_note(self.store, body, now=self.now, actor="t")
        return note_id("manual", f"n-{number}")

    def notes(self, texts: Iterable[str], *, first: int = 1) -> list[str]:
        """Store notes numbered from `first`."""
        numbered = list(enumerate(texts, start=first))
        bodies = [raw_note(number, text=text, **_senders(number)) for number, text in numbered]
        ingest_notes(self.store, lines_of(*bodies), now=self.now, actor="t")
        return [note_id("manual", f"n-{number}") for number, _ in numbered]

    def read(self) -> None:
        """Read everything that is pending."""
        while read_pending(self.store, self.language, now=self.now):
            pass

    def run(self) -> RunSummary:
        """Read, then cluster."""
        self.read()
        return recluster(self.store, self.language, now=self.now, actor="t")

    def item(self, area: str, need: str, **changes: Any) -> str:
        """A live item, embedded; returns its theme."""
        raw = raw_item(area, need, **({"description": need} | changes))
        upsert_items(self.store, lines_of(raw), now=self.now, actor="t", live=True)
        embed_items(
            self.store, self.language.encoder, now=self.now, reranker=self.language.reranker
        )
        with self.store.read() as connection:
            query = select(themes.c.id).where(themes.c.label == need)
            return str(connection.scalar(query.where(themes.c.status == "accepted")))

    def decide(self, theme_id: str, action: str, **said: Any) -> dict[str, Any]:
        """One decision of CS Ops; `if_match` goes with it when given."""
        if_match = said.pop("if_match", None)
        decided = decide(
            self.store,
            theme_id,
            {"action": action, **said},
            now=self.now,
            actor="ops",
            if_match=if_match,
            language=self.language,
        )
        return dict(decided)

    def undo(self, decision_id: str) -> dict[str, Any]:
        """Take a decision back."""
        return undo(self.store, decision_id, now=self.now, actor="ops")

    def theme(self, theme_id: str) -> dict[str, Any]:
        """The theme as it is shown."""
        return dict(get_theme(self.store, theme_id, now=self.now))

    def later(self, **span: int) -> None:
        """Let time pass."""
        self.now = self.now + timedelta(**span)

    def request_like(self, words: str) -> requests.RequestRecord:
        """The one request whose text holds these words."""
        with self.store.read() as connection:
            found = [r for r in _all(connection) if words in r.text]
        assert len(found) == 1, f"{len(found)} requests hold {words!r}"
        return found[0]

    def theme_of(self, words: str) -> str | None:
        """The theme of the one request with these words."""
        return self.request_like(words).theme_id

    def on(self, theme_id: str | None) -> set[str]:
        """Texts of the requests on a theme; of None, those that wait."""
        with self.store.read() as connection:
            return {r.text for r in _all(connection) if r.theme_id == theme_id and not r.dismissed}

    def ids(self, texts: Iterable[str]) -> list[str]:
        """Ids of the requests with these words in them, one each."""
        return [self.request_like(text).id for text in texts]

    def groups(self) -> set[frozenset[str]]:
        """Texts of each theme that has requests."""
        with self.store.read() as connection:
            found: dict[str, set[str]] = {}
            for record in _all(connection):
                if record.theme_id is not None:
                    found.setdefault(record.theme_id, set()).add(record.text)
        return {frozenset(texts) for texts in found.values()}

    def proposed_with(self, words: str) -> str:
        """Id of the theme of the first request with these words."""
        with self.store.read() as connection:
            found = [r.theme_id for r in _all(connection) if words in r.text and r.theme_id]
        assert found, f"nothing with {words!r} is on a theme"
        return found[0]


def _senders(number: int) -> dict[str, str]:
    return {"account_id": f"a-{number}", "csm_id": f"c-{number % 4}"}


def _all(connection: Any) -> Sequence[requests.RequestRecord]:
    return [requests.record(row) for row in connection.execute(requests.records())]


def tables_of(store: Store, *, without: Iterable[str] = ()) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table but those of `without`, sorted; versions are left out."""
    left_out = {*without}
    found = {}
    with store.read() as connection:
        for table in metadata.sorted_tables:
            if table.name in left_out:
                continue
            columns = [c for c in table.columns if (table.name, c.name) != ("themes", "version")]
            rows = [tuple(row) for row in connection.execute(select(*columns))]
            found[table.name] = sorted(rows, key=repr)
    return found


def clock(hours: int) -> datetime:
    """So many hours after the standing `NOW`."""
    return NOW + timedelta(hours=hours)
