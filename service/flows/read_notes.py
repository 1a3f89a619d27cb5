"""Read pending notes into requests, and put each on the theme it fits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from clustering.params import DEFAULT_PARAMS, ClusteringParams
from clustering.reading import ReadSpan
from models.errors import Unavailable
from models.identity import text_key, vector_key
from service.flows.arrivals import Arrival, arrange, still_open
from service.flows.language import LanguageModels
from service.flows.request_removal import remove_requests
from service.flows.rereading import NewRequest, Rereading, reread
from service.storage import notes, placements, requests, vectors
from service.storage.accounts import ACCOUNTS
from service.storage.engine import Store
from service.storage.notes import PendingNote
from service.storage.vectors import Vector

# Who is killed while reading leaves the notes to others after this long. Who is only slow
# loses nothing but the work: whoever stores a note's reading first, stores it alone.
LEASE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class _Read:
    """One note, and what the reader found in it."""

    note: PendingNote
    spans: Sequence[ReadSpan]


def read_pending(
    store: Store,
    language: LanguageModels,
    params: ClusteringParams = DEFAULT_PARAMS,
    *,
    now: datetime,
    limit: int = 64,
) -> int:
    """Claim up to `limit` unread notes and read them; returns how many were claimed.

    Everything found is stored in one transaction; a note that was edited or deleted meanwhile
    is left out of it. Doing it again changes nothing.

    Raises:
        Unavailable: the encoder or the store can't be had; the notes stay pending.
    """
    with store.write(changes_answers=False) as connection:
        claimed = notes.claim_pending(connection, now=now, until=now + LEASE, limit=limit)
    if not claimed:
        return 0
    try:
        _read_together_or_alone(store, language, params, claimed)
    except BaseException:
        with store.write(changes_answers=False) as connection:
            notes.release(connection, [note.id for note in claimed])
        raise
    return len(claimed)


def _read_together_or_alone(
    store: Store,
    language: LanguageModels,
    params: ClusteringParams,
    claimed: Sequence[PendingNote],
) -> None:
    """Read the batch; where a step of it breaks, each note alone, so that one holds up none.

    Where every one of several breaks it is not their fault: they stay pending.
    """
    try:
        _read_claimed(store, language, params, claimed)
        return
    except Unavailable:
        raise
    except Exception as error:
        broken = {claimed[0].id: error} if len(claimed) == 1 else {}
    for note in claimed if len(claimed) > 1 else ():
        try:
            _read_claimed(store, language, params, [note])
        except Unavailable:
            raise
        except Exception as error:
            broken[note.id] = error
    if len(broken) == len(claimed) > 1:
        raise broken[claimed[0].id]
    with store.write(changes_answers=False) as connection:
        for note in claimed:
            if note.id in broken:
                # Its name alone: a message could quote the note.
                reason = type(broken[note.id]).__name__
                notes.mark_read(connection, note.id, note.revision, error=reason)


def _read_claimed(
    store: Store,
    language: LanguageModels,
    params: ClusteringParams,
    claimed: Sequence[PendingNote],
) -> None:
    encoder = language.encoder
    answers = language.reader.read([note.text for note in claimed])
    read = [_Read(note, spans) for note, spans in zip(claimed, answers, strict=True)]
    with store.read() as connection:
        outcomes = _compare(connection, read)
        texts = {
            vector_key(new.text): new.text for outcome in outcomes.values() for new in outcome.new
        }
        missing = vectors.missing(connection, texts, encoder.fingerprint)
        found = vectors.load(connection, texts, encoder.fingerprint)
    made: dict[str, Vector] = {}
    if missing:
        rows = encoder.encode([texts[key] for key in missing])
        made = dict(zip(missing, rows, strict=True))
    with store.read() as connection:
        arrivals = arrange(
            connection,
            [new for outcome in outcomes.values() for new in outcome.new],
            found | made,
            encoder.fingerprint,
            params,
        )
    with store.write() as connection:
        vectors.save(connection, encoder.fingerprint, made)
        _keep(connection, read, arrivals)


def _compare(connection: Connection, read: Sequence[_Read]) -> dict[str, Rereading]:
    held = requests.of_notes(connection, [one.note.id for one in read])
    return {
        one.note.id: reread(one.note.id, one.note.text, one.spans, held[one.note.id])
        for one in read
    }


def _keep(connection: Connection, read: Sequence[_Read], arrivals: Mapping[str, Arrival]) -> None:
    current = [one for one in read if notes.mark_read(connection, one.note.id, one.note.revision)]
    # Compared anew: a person may have decided on these requests while the notes were read.
    outcomes = _compare(connection, current)
    placed = still_open(connection, arrivals)
    accounts = ACCOUNTS.find(connection, {one.note.account_id for one in current})
    rows = [
        _row(one.note, new, placed.get(new.id, Arrival()), accounts[one.note.account_id].value.arr)
        for one in current
        for new in outcomes[one.note.id].new
    ]
    gone = [record for outcome in outcomes.values() for record in outcome.gone]
    remove_requests(connection, gone, keep_keys=[row["vector_key"] for row in rows])
    placements.add(connection, rows)
    for outcome in outcomes.values():
        placements.shift(connection, outcome.shifted)
        placements.judge_severity(connection, outcome.judged)


def _row(note: PendingNote, new: NewRequest, arrival: Arrival, arr: Any) -> dict[str, Any]:
    return {
        "id": new.id,
        "note_id": note.id,
        "origin": "reader",
        "account_id": note.account_id,
        "csm_id": note.csm_id,
        "occurred_at": note.occurred_at,
        "text": new.text,
        "start": new.span.start,
        "end": new.span.end,
        "text_key": text_key(new.text),
        "vector_key": vector_key(new.text),
        "severity": new.span.severity.value,
        "severity_by": "model",
        "severity_confidence": new.span.severity_confidence,
        "theme_id": arrival.theme_id,
        "assigned_by": None if arrival.theme_id is None else "model",
        "confidence": arrival.confidence,
        "unclassified_area": arrival.area,
        "arr_when_reported": arr,
    }
