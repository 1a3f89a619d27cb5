"""Rows put into a store directly, where a test needs what only later flows would make."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, select

from models.identity import request_id, text_key, vector_key
from service.storage.engine import Store
from service.storage.tables import notes, requests, themes, vectors
from tests.factories import NOW

ENCODER = "test"


def put_request(store: Store, note: str, *, text: str | None = None, **changes: Any) -> str:
    """A request of a stored note, with a vector; by default its first ten characters."""
    with store.write() as connection:
        row = connection.execute(select(notes).where(notes.c.id == note)).one()
        span = row.text[:10] if text is None else text
        start = row.text.index(span)
        values = {
            "id": request_id(note, span, 0),
            "note_id": note,
            "origin": "reader",
            "account_id": row.account_id,
            "csm_id": row.csm_id,
            "occurred_at": row.occurred_at,
            "text": span,
            "start": start,
            "end": start + len(span),
            "text_key": text_key(span),
            "vector_key": vector_key(span),
            "severity": "minor",
            "severity_by": "model",
        } | changes
        connection.execute(insert(requests).values(values))
        known = select(vectors).where(vectors.c.vector_key == values["vector_key"])
        if connection.execute(known).first() is None:
            vector = {"vector_key": values["vector_key"], "encoder": ENCODER, "data": b"\0" * 8}
            connection.execute(insert(vectors).values(vector))
    return str(values["id"])


def put_theme(store: Store, theme_id: str = "t_1", **changes: Any) -> str:
    """A proposed theme."""
    values = {
        "id": theme_id,
        "origin": "cluster",
        "status": "proposed",
        "label": "Export rows",
        "keyphrases": ["export rows"],
        "exemplars": [],
        "born_seq": 1,
        "created_at": NOW,
        "delivery": {"state": "open"},
    } | changes
    with store.write() as connection:
        connection.execute(insert(themes).values(values))
    return theme_id


def note_texts(store: Store) -> dict[str, str]:
    """External id -> text of every stored note."""
    with store.read() as connection:
        rows = connection.execute(select(notes.c.external_id, notes.c.text))
        return {row.external_id: row.text for row in rows}
