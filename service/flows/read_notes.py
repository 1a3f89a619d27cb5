"""Read pending notes into requests, and put each on the theme it fits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from clustering.languages import recognise
from clustering.params import DEFAULT_PARAMS, ClusteringParams
from clustering.reading import ReadSpan
from models.errors import Unavailable
from models.identity import text_key, vector_key
from service.flows.arrivals import Arrival, arrange, still_open
from service.flows.doubts import at_most_of_arrivals, by_theme, doubts_among, read_pairs
from service.flows.embedding import encoded
from service.flows.item_index import indexed_items
from service.flows.language import LanguageModels
from service.flows.reader_corrections import kept_lessons
from service.flows.request_removal import remove_requests
from service.flows.rereading import NewRequest, Rereading, reread
from service.storage import notes, pair_scores, placements, requests, vectors
from service.storage.accounts import ACCOUNTS
from service.storage.engine import Store
from service.storage.notes import PendingNote
from service.storage.vectors import Vector

# Who is killed while reading leaves the notes to others after this long. Who is only slow
# loses nothing but the work: whoever stores a note's reading first, stores it alone.
LEASE = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class _Read:
    """One note, what the reader found in it, and what it is written in."""

    note: PendingNote
    spans: Sequence[ReadSpan]
    language: str | None


def read_pending(
    store: Store,
    language: LanguageModels,
    params: ClusteringParams = DEFAULT_PARAMS,
    *,
    now: datetime,
    limit: int = 768,
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
    texts = [note.text for note in claimed]
    lessons = kept_lessons(store, language.reader)
    answers = language.reader.read(texts, *([lessons] if lessons else []))
    read = [_Read(*one) for one in zip(claimed, answers, recognise(texts), strict=True)]
    with store.read() as connection:
        outcomes = _compare(connection, read)
        words = {
            vector_key(new.text): new.text for outcome in outcomes.values() for new in outcome.new
        }
        missing = vectors.missing(connection, words, encoder.fingerprint)
        found = vectors.load(connection, words, encoder.fingerprint)
    made: dict[str, Vector] = {}
    if missing:
        rows = encoded(encoder, [words[key] for key in missing])
        made = dict(zip(missing, rows, strict=True))
    found |= made
    with store.read() as connection:
        indexed = indexed_items(connection, encoder.fingerprint)
        doubts = doubts_among(
            connection, found, indexed, language.reranker, most=at_most_of_arrivals(len(found))
        )
        said = pair_scores.load(connection, found)
    fresh = read_pairs(language.reranker, doubts.unread, words, indexed)
    said = {key: {**said.get(key, {}), **fresh.get(key, {})} for key in said.keys() | fresh}
    with store.read() as connection:
        arrivals = arrange(
            connection,
            [new for outcome in outcomes.values() for new in outcome.new],
            found,
            by_theme(said, indexed),
            indexed,
            params,
            {new.id: one.language for one in read for new in outcomes[one.note.id].new},
        )
    with store.write() as connection:
        vectors.save(connection, encoder.fingerprint, made)
        if language.reranker is not None:
            pair_scores.save(connection, language.reranker.fingerprint, fresh)
        _keep(connection, read, arrivals)


def _compare(connection: Connection, read: Sequence[_Read]) -> dict[str, Rereading]:
    held = requests.of_notes(connection, [one.note.id for one in read])
    return {
        one.note.id: reread(one.note.id, one.note.text, one.spans, held[one.note.id])
        for one in read
    }


def _keep(connection: Connection, read: Sequence[_Read], arrivals: Mapping[str, Arrival]) -> None:
    current = [
        one
        for one in read
        if notes.mark_read(connection, one.note.id, one.note.revision, language=one.language)
    ]
    # Compared anew: a person may have decided on these requests while the notes were read.
    outcomes = _compare(connection, current)
    placed = still_open(connection, arrivals)
    accounts = ACCOUNTS.find(connection, {one.note.account_id for one in current})
    rows = [
        _row(one, new, placed.get(new.id, Arrival()), accounts[one.note.account_id].value.arr)
        for one in current
        for new in outcomes[one.note.id].new
    ]
    gone = [record for outcome in outcomes.values() for record in outcome.gone]
    remove_requests(connection, gone, keep_keys=[row["vector_key"] for row in rows])
    placements.follow_languages(connection, {one.note.id: one.language for one in current})
    placements.add(connection, rows)
    for outcome in outcomes.values():
        placements.shift(connection, outcome.shifted)
        placements.judge_severity(connection, outcome.judged)


def _row(read: _Read, new: NewRequest, arrival: Arrival, arr: Any) -> dict[str, Any]:
    note = read.note
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
        "language": read.language,
    }
