"""Requests as they are shown: the rows of the contract."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import TypedDict

from sqlalchemy import Connection

from clustering.languages import is_foreign
from service.flows.candidates import CandidateRow, candidates_of, current_encoder
from service.masking import PUBLIC, Sight
from service.storage.engine import Store
from service.storage.requests import RequestRecord


class RequestRow(TypedDict):
    """One request; `feature_area` and `customer_need` only where it is on a live item.

    `text_masked` is true where `text` is not as posted: `start` and `end` are places in the note
    as it was posted all the same. `language` (ISO 639-1) is that of its note, null where that
    can't be told; `foreign` says that the encoder in use does not understand it.
    """

    id: str
    note_id: str | None
    source: str
    external_id: str | None
    account_id: str | None
    csm_id: str
    occurred_at: datetime
    language: str | None
    foreign: bool
    text: str
    text_masked: bool
    start: int
    end: int
    severity: str
    severity_by: str
    theme_id: str | None
    feature_area: str | None
    customer_need: str | None
    unclassified_area: str | None
    assigned_by: str | None
    confidence: float | None
    candidates: list[CandidateRow]
    dismissed: bool
    arr_when_reported: Decimal | None


def request_rows(
    store: Store,
    connection: Connection,
    records: Sequence[RequestRecord],
    sight: Sight = PUBLIC,
) -> list[RequestRow]:
    """The rows of these requests, in their order, as one caller may see them."""
    found = candidates_of(store, connection, records)
    encoder = current_encoder(connection) or ""
    rows = []
    for record in records:
        text = sight.request_text(record.text, record.csm_id)
        item = found.items.get(record.theme_id) if record.theme_id else None
        rows.append(
            RequestRow(
                id=record.id,
                note_id=record.note_id,
                source=record.source,
                external_id=record.external_id,
                account_id=record.account_id,
                csm_id=record.csm_id,
                occurred_at=record.occurred_at,
                language=record.language,
                foreign=is_foreign(record.language, encoder),
                text=text,
                text_masked=text != record.text,
                start=record.start,
                end=record.end,
                severity=record.severity,
                severity_by=record.severity_by,
                theme_id=record.theme_id,
                feature_area=item.feature_area if item else None,
                customer_need=item.customer_need if item else None,
                unclassified_area=None if item else record.unclassified_area,
                assigned_by=record.assigned_by,
                confidence=record.confidence,
                candidates=list(found.rows[record.id]),
                dismissed=record.dismissed,
                arr_when_reported=record.arr_when_reported,
            )
        )
    return rows
