"""A small organisation that signals are asked of, and short ways to speak and to ask."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from models.policy import policy_named
from models.window import Calendar
from service.flows.ingest import ingest_note
from service.flows.observe import record_observation
from service.flows.portfolio import upsert_accounts, upsert_csms
from service.flows.signal_receipt import ReceiptAnswer, receipt
from service.flows.signals import SignalQuery, SignalsAnswer, signals
from service.flows.taxonomy import upsert_items
from service.storage.engine import Store
from tests.factories import lines_of, raw_item, raw_note, raw_observation
from tests.stored import put_request

NOW = datetime(2026, 9, 30, 12, tzinfo=UTC)
TODAY = date(2026, 9, 30)
UTC_CALENDAR = Calendar(ZoneInfo("UTC"))
ACCOUNTS = [
    {"account_id": "a-1", "name": "Acme", "segment": "smb", "arr": 400_000, "at_risk": True},
    {"account_id": "a-2", "name": "Bolt", "segment": "mid", "arr": 60_000, "at_risk": False},
    {"account_id": "a-3", "name": "Cask", "segment": "smb", "arr": 50_000, "at_risk": False},
    {"account_id": "a-9", "name": "Rest", "segment": "mid", "arr": 4_490_000, "at_risk": False},
]


def with_portfolio(store: Store) -> Store:
    """Four accounts of 5,000,000 together, twelve CSMs and two items; nothing said yet."""
    csms = [{"csm_id": f"c-{number}", "name": f"CSM {number}"} for number in range(1, 13)]
    items = [raw_item(), raw_item("Access", "Single sign-on")]
    upsert_accounts(store, lines_of(*ACCOUNTS), now=NOW, actor="test")
    upsert_csms(store, lines_of(*csms), now=NOW, actor="test")
    upsert_items(store, lines_of(*items), live=True, now=NOW, actor="test")
    return store


def say(store: Store, account_id: str | None = "a-1", **changes: Any) -> str:
    """A pre-read, on exports unless said otherwise; the observation's id."""
    raw = raw_observation(account_id=account_id, **changes)
    return record_observation(store, raw, now=NOW, actor="test").id


def note_with_request(store: Store, theme_id: str | None, **changes: Any) -> str:
    """A note of its own with one request, on this theme or waiting; the request's id."""
    note = ingest_note(store, raw_note(external_id=f"of {theme_id}"), now=NOW, actor="test").id
    assigned = {"theme_id": theme_id, "assigned_by": "model"} if theme_id else {}
    return put_request(store, note, **{**assigned, **changes})


def exports_and_access(store: Store) -> None:
    """A signal of three accounts on exports, an anecdote of one on access."""
    for number, text in enumerate(["one", "two", "three"], start=1):
        say(store, f"a-{number}", csm_id=f"c-{number}", verbatim=text)
    say(
        store,
        "a-2",
        feature_area="Access",
        customer_need="Single sign-on",
        severity="minor",
        occurred_at="2026-08-03T09:30:00Z",
    )


def ask(store: Store, *, today: date = TODAY, **query: Any) -> SignalsAnswer:
    """GET /signals."""
    if "policy" in query:
        query["policy"] = policy_named(query["policy"])
    return signals(store, SignalQuery(**query), today=today, calendar=UTC_CALENDAR)


def labels(answer: SignalsAnswer) -> list[str]:
    """The themes' labels, in order."""
    return [row["label"] for row in answer["data"]]


def explain(store: Store, theme_id: str, **query: Any) -> ReceiptAnswer:
    """GET /signals/{theme_id}."""
    return receipt(store, theme_id, SignalQuery(**query), today=TODAY, calendar=UTC_CALENDAR)
