"""Forget a note: its text, requests and vectors go, a tombstone without text stays."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from models.errors import NotFound
from models.identity import note_id
from service.flows.item_index import item_text_keys
from service.storage import audit, erasure, notes, requests, themes, tombstones, vectors
from service.storage.engine import Store


def delete_note(store: Store, source: str, external_id: str, *, now: datetime, actor: str) -> None:
    """Delete the note of this identity in one transaction; done when this returns.

    A second time it finds the tombstone and has nothing to do. Sent again, the note is
    answered `deleted` and not stored.

    Raises:
        NotFound: `unknown_note`: nothing was ever stored under this identity.
        Unavailable: the store is busy, full or down; nothing is deleted.
    """
    key = note_id(source, external_id)
    identity = (source, external_id)
    with store.write() as connection:
        stored = notes.find(connection, [key]).get(key)
        if stored is None:
            if tombstones.find(connection, [identity]):
                return
            raise NotFound(
                "There is no note with this source and external id.", code="unknown_note"
            )
        _erase(connection, key, stored.note.text)
        tombstones.put(connection, identity, at=now)
        audit.record(connection, at=now, actor=actor, action="note.deleted", target=key)
    store.scrub()


def _erase(connection: Connection, key: str, text: str) -> None:
    held = requests.of_notes(connection, [key])[key]
    ids = [request.id for request in held]
    quotes = {text, *(request.text for request in held)} - {""}
    touched = erasure.themes_of(connection, ids)
    notes.remove(connection, key)
    kept = {vector for item in themes.live_items(connection) for vector in item_text_keys(item)}
    vectors.drop_unused(connection, [request.vector_key for request in held], keep=kept)
    erasure.erase_from_themes(connection, touched, ids, quotes)
    erasure.erase_from_decisions(connection, quotes)
