"""Decisions on the spans themselves: a request that the reader missed, or cut wrongly."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection

from clustering.params import DEFAULT_PARAMS, ClusteringParams
from models.errors import Conflict, InvalidInput, NotFound
from models.identity import request_id as make_request_id
from models.identity import text_key, vector_key
from models.span import AddedRequest, Span, parse_added_request, parse_span
from service.flows.decisions.context import Deciding, check_target, find_theme
from service.flows.decisions.places import as_theme
from service.flows.decisions.record import keep
from service.flows.decisions.span_places import embed_span, place_span
from service.flows.language import LanguageSource
from service.flows.request_rows import RequestRow, request_rows
from service.masking import PUBLIC, Sight
from service.storage import decisions, notes, placements, requests, themes
from service.storage.accounts import ACCOUNTS
from service.storage.decisions import DecisionRecord
from service.storage.engine import Store
from service.storage.ledger import Ledger, touched_themes
from service.storage.notes import StoredNote
from service.storage.requests import RequestRecord
from service.storage.tables import requests as requests_table


class DecidedRequest(RequestRow):
    """The request after the decision, and the decision's id, by which it can be undone."""

    decision_id: str


def add_request(
    store: Store,
    note_id: str,
    raw: object,
    *,
    now: datetime,
    actor: str,
    language: LanguageSource | None = None,
    params: ClusteringParams = DEFAULT_PARAMS,
    sight: Sight = PUBLIC,
) -> DecidedRequest:
    """Add a request that the reader missed. Without a theme it is assigned like an arrival.

    Raises:
        InvalidInput: as `parse_added_request`; `span_outside`, `empty_span`.
        NotFound: `unknown_note`, `unknown_theme`.
        Conflict: `span_overlaps` another request; `theme_rejected`, `theme_merged`.
        Unavailable: the store is busy, full or down. Nothing is stored when any is raised.
    """
    added = parse_added_request(raw)
    with store.read() as connection:
        text = added.span.of(_note(connection, note_id).note.text)
    embedded = embed_span(text, language)
    decision_id = uuid4().hex
    with store.write() as connection:
        note = _note(connection, note_id)
        text = added.span.of(note.note.text)
        held = requests.of_notes(connection, [note_id])[note_id]
        _check_free(added.span, held)
        ledger = Ledger(connection)
        new = _new_row(connection, note, added, text, held)
        if added.theme_id is not None:
            _open_theme(connection, ledger, added.theme_id, decision_id, now, actor, params)
        ledger.add(requests_table, [new])
        place_span(connection, ledger, new["id"], embedded, params, now=now, actor=actor)
        _keep(
            connection,
            ledger,
            decision_id,
            action="add_request",
            note_id=note_id,
            payload={"request": new["id"], "start": added.span.start, "end": added.span.end},
            theme_id=added.theme_id,
            now=now,
            actor=actor,
        )
    return _answer(store, new["id"], decision_id, sight)


def mend_request(
    store: Store,
    request_id: str,
    raw: object,
    *,
    now: datetime,
    actor: str,
    language: LanguageSource | None = None,
    params: ClusteringParams = DEFAULT_PARAMS,
    sight: Sight = PUBLIC,
) -> DecidedRequest:
    """Set the span of a request right; its id and what was decided on it stay.

    Raises:
        InvalidInput: as `parse_span`; `span_outside`, `empty_span`, `not_in_a_note`.
        NotFound: `unknown_request`.
        Conflict: `span_overlaps` another request; `request_dismissed`.
        Unavailable: the store is busy, full or down. Nothing is stored when any is raised.
    """
    span = parse_span(raw)
    with store.read() as connection:
        _, note = _request(connection, request_id)
    embedded = embed_span(span.of(note.note.text), language)
    decision_id = uuid4().hex
    with store.write() as connection:
        record, note = _request(connection, request_id)
        text = span.of(note.note.text)
        others = requests.of_notes(connection, [note.note.id])[note.note.id]
        _check_free(span, [other for other in others if other.id != record.id])
        ledger = Ledger(connection)
        # The words are not for the ledger: a deleted note leaves none behind. Their keys are.
        ledger.change(
            requests_table,
            [record.id],
            start=span.start,
            end=span.end,
            text_key=text_key(text),
            vector_key=vector_key(text),
            span_by="person",
        )
        placements.set_text(connection, record.id, text)
        place_span(connection, ledger, record.id, embedded, params, now=now, actor=actor)
        _keep(
            connection,
            ledger,
            decision_id,
            action="mend_request",
            note_id=note.note.id,
            payload={"request": record.id, "start": span.start, "end": span.end},
            theme_id=None,
            now=now,
            actor=actor,
        )
    return _answer(store, request_id, decision_id, sight)


def _note(connection: Connection, note_id: str) -> StoredNote:
    found = notes.find(connection, [note_id]).get(note_id)
    if found is None:
        raise NotFound("No note has this id.", code="unknown_note")
    return found


def _request(connection: Connection, request_id: str) -> tuple[RequestRecord, StoredNote]:
    record = requests.get_many(connection, [request_id]).get(request_id)
    if record is None:
        raise NotFound("No request has this id.", code="unknown_request")
    if record.note_id is None:
        raise InvalidInput(
            "A structured pre-read stands in no note, so it has no span to mend.",
            code="not_in_a_note",
        )
    if record.dismissed:
        raise Conflict(
            "This request was dismissed; undo that decision first.", code="request_dismissed"
        )
    return record, _note(connection, record.note_id)


def _check_free(span: Span, held: Sequence[RequestRecord]) -> None:
    for other in held:
        if not other.dismissed and span.overlaps(other.start, other.end):
            raise Conflict(
                f"The span overlaps request {other.id} ({other.start} to {other.end}); "
                "mend or dismiss that one.",
                code="span_overlaps",
                field="start",
            )


def _new_row(
    connection: Connection,
    note: StoredNote,
    added: AddedRequest,
    text: str,
    held: Sequence[RequestRecord],
) -> dict[str, Any]:
    taken = {other.id for other in held}
    ordinal = 0
    while (new_id := make_request_id(note.note.id, text, ordinal)) in taken:
        ordinal += 1
    account = ACCOUNTS.find(connection, [note.note.account_id]).get(note.note.account_id)
    return {
        "id": new_id,
        "note_id": note.note.id,
        "origin": "person",
        "account_id": note.note.account_id,
        "csm_id": note.note.csm_id,
        "occurred_at": note.note.occurred_at,
        "text": text,
        "start": added.span.start,
        "end": added.span.end,
        "text_key": text_key(text),
        "vector_key": vector_key(text),
        "severity": added.severity.value,
        "severity_by": "person",
        "theme_id": added.theme_id,
        "assigned_by": None if added.theme_id is None else "person",
        "confidence": None if added.theme_id is None else 1.0,
        "arr_when_reported": account.value.arr if account else None,
        "language": note.language,
    }


def _open_theme(
    connection: Connection,
    ledger: Ledger,
    theme_id: str,
    decision_id: str,
    now: datetime,
    actor: str,
    params: ClusteringParams,
) -> None:
    theme = find_theme(connection, theme_id, field="theme_id")
    check_target(theme, field="theme_id")
    deciding = Deciding(
        connection=connection,
        ledger=ledger,
        theme=theme,
        now=now,
        actor=actor,
        decision_id=decision_id,
        encoder=None,
        params=params,
    )
    as_theme(deciding, theme)


def _keep(
    connection: Connection,
    ledger: Ledger,
    decision_id: str,
    *,
    action: str,
    note_id: str,
    payload: dict[str, Any],
    theme_id: str | None,
    now: datetime,
    actor: str,
) -> None:
    replaced = ledger.replaced()
    themes.raise_versions(
        connection, touched_themes(replaced) | ({theme_id} if theme_id else set())
    )
    keep(
        connection,
        DecisionRecord(
            id=decision_id,
            seq=decisions.next_seq(connection),
            theme_id=theme_id,
            note_id=note_id,
            action=action,
            payload={"action": action, **payload},
            replaced=replaced,
            actor=actor,
            reason=None,
            made_at=now,
        ),
    )


def _answer(store: Store, request_id: str, decision_id: str, sight: Sight) -> DecidedRequest:
    with store.read() as connection:
        record = requests.get_many(connection, [request_id])[request_id]
        row = request_rows(store, connection, [record], sight)[0]
    return DecidedRequest(**row, decision_id=decision_id)
