"""Forget notes: their text, requests and vectors go, a tombstone without text stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from models.errors import NotFound
from models.identity import note_id
from models.note import Note
from service.flows.item_index import item_text_keys
from service.storage import (
    audit,
    erasure,
    notes,
    observations,
    requests,
    themes,
    tombstones,
    vectors,
)
from service.storage.engine import Store
from service.storage.issued_digests import erase_from_digests
from service.storage.observations import ObservedWords


def delete_note(store: Store, source: str, external_id: str, *, now: datetime, actor: str) -> None:
    """Delete the note of this identity in one transaction; done when this returns.

    A second time it finds the tombstone and has nothing to do. Sent again, the note is
    answered `deleted` and not stored.

    Raises:
        NotFound: `unknown_note`: nothing was ever stored under this identity.
        Unavailable: the store is busy, full or down; nothing is deleted.
    """
    identity = (source, external_id)
    with store.write() as connection:
        stored = forget_in(connection, identity, now=now, actor=actor)
        if not stored and not tombstones.find(connection, [identity]):
            raise NotFound(
                "There is no note with this source and external id.", code="unknown_note"
            )
        tombstones.put(connection, identity, at=now)
    store.scrub()


def forget_in(
    connection: Connection, identity: tuple[str, str], *, now: datetime, actor: str
) -> bool:
    """Erase the note of this identity; False where none is stored.

    The caller leaves the tombstone, commits, and then has the store scrubbed.
    """
    key = note_id(*identity)
    stored = notes.find(connection, [key]).get(key)
    if stored is None:
        return False
    _erase_notes(connection, [stored.note])
    audit.record(connection, at=now, actor=actor, action="note.deleted", target=key)
    return True


def forget_notes(connection: Connection, gone: Sequence[Note], *, now: datetime) -> None:
    """Erase these notes and leave a tombstone of each.

    The caller records it, commits, and then has the store scrubbed.
    """
    _erase_notes(connection, gone)
    tombstones.put(connection, *((note.source, note.external_id) for note in gone), at=now)


def forget_observations(connection: Connection, gone: Sequence[ObservedWords]) -> None:
    """Erase these pre-reads, with the request that each stands for."""
    traces = _Traces(
        [one.request_id for one in gone],
        [one.observation_id for one in gone],
        {one.text for one in gone} - {""},
        [one.vector_key for one in gone],
    )
    touched = erasure.themes_of(connection, traces.request_ids)
    observations.remove(connection, [one.observation_id for one in gone])
    _erase(connection, traces, touched)


@dataclass(frozen=True, slots=True)
class _Traces:
    """What the erased has left elsewhere: ids of requests, their words, keys of vectors.

    `origin_ids` are those of the notes or pre-reads.
    """

    request_ids: Sequence[str]
    origin_ids: Sequence[str]
    quotes: set[str]
    vector_keys: Sequence[str]


def _erase_notes(connection: Connection, gone: Sequence[Note]) -> None:
    ids = [note.id for note in gone]
    held = [record for found in requests.of_notes(connection, ids).values() for record in found]
    traces = _Traces(
        [record.id for record in held],
        ids,
        {note.text for note in gone} | {record.text for record in held} - {""},
        [record.vector_key for record in held],
    )
    touched = erasure.themes_of(connection, traces.request_ids)
    notes.remove(connection, ids)
    _erase(connection, traces, touched)


def _erase(connection: Connection, traces: _Traces, touched: set[str]) -> None:
    kept = {key for item in themes.live_items(connection) for key in item_text_keys(item)}
    vectors.drop_unused(connection, traces.vector_keys, keep=kept)
    quotes = erasure.Quotes(traces.quotes)
    erasure.erase_from_themes(connection, touched, traces.request_ids, quotes)
    erasure.erase_from_decisions(connection, quotes)
    erase_from_digests(connection, {*traces.request_ids, *traces.origin_ids}, touched, quotes)
