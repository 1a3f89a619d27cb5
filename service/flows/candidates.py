"""The live items that come closest to a request, from stored vectors, at the time of asking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict

import numpy as np
from sqlalchemy import Connection

from clustering.doubt import SAID_NOTHING
from service.flows.doubts import what_was_said
from service.flows.item_index import IndexedItems, item_text_keys, kept_items
from service.flows.kept_items import kept_live_items
from service.storage import runs, themes, vectors
from service.storage.engine import Store
from service.storage.requests import RequestRecord

# The contract promises three or more.
SHOWN = 5


class CandidateRow(TypedDict):
    """One live item as a candidate."""

    theme_id: str
    feature_area: str
    customer_need: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Candidates:
    """Best live items of some requests, best first, and all live items by theme."""

    rows: Mapping[str, Sequence[CandidateRow]]
    items: Mapping[str, themes.LiveItem]


def candidates_of(
    store: Store, connection: Connection, records: Sequence[RequestRecord]
) -> Candidates:
    """The best live items of each request, the assigned one included.

    A request or an item that is not embedded yet is ranked last, with confidence 0.
    """
    live = {item.theme_id: item for item in kept_live_items(store, connection)}
    found: dict[str, list[CandidateRow]] = {}
    for indexed, group in _by_encoder(store, connection, records):
        found |= _ranked(connection, indexed, group)
    return Candidates(
        rows={record.id: _completed(record, found.get(record.id, []), live) for record in records},
        items=live,
    )


def current_encoder(connection: Connection) -> str | None:
    """The encoder of the last run; before the first, the one that embedded the items."""
    last = runs.last_encoder(connection)
    if last is not None:
        return last
    keys = [key for item in themes.live_items(connection) for key in item_text_keys(item)]
    known = vectors.encoders(connection, keys)
    return known[0] if known else None


def _by_encoder(
    store: Store, connection: Connection, records: Sequence[RequestRecord]
) -> list[tuple[IndexedItems, list[RequestRecord]]]:
    """Requests with the items to hold them against: under the current encoder, else another.

    Between a change of encoder and the next run some requests have only the other's vectors.
    """
    groups: list[tuple[IndexedItems, list[RequestRecord]]] = []
    left = list(records)
    keys = {record.vector_key for record in records}
    current = current_encoder(connection)
    for encoder in sorted(vectors.encoders(connection, keys), key=lambda name: name != current):
        without = set(vectors.missing(connection, keys, encoder))
        group = [record for record in left if record.vector_key not in without]
        indexed = kept_items(store, connection, encoder)
        if group and indexed.index is not None:
            groups.append((indexed, group))
            left = [record for record in left if record.vector_key in without]
    return groups


def _ranked(
    connection: Connection, indexed: IndexedItems, records: Sequence[RequestRecord]
) -> dict[str, list[CandidateRow]]:
    assert indexed.index is not None
    found = vectors.load(connection, {record.vector_key for record in records}, indexed.encoder)
    said = what_was_said(connection, found, indexed)
    ranking = indexed.index.rank(
        np.vstack([found[record.vector_key] for record in records]),
        [said.get(record.vector_key, SAID_NOTHING) for record in records],
    )
    rows: dict[str, list[CandidateRow]] = {}
    for position, record in enumerate(records):
        # Of a whole page only what is shown: the first ones, and the one it is assigned to.
        rows[record.id] = [
            _row(indexed.items[theme_id], float(ranking.confidences[position][place]))
            for place, theme_id in enumerate(ranking.theme_ids[position])
            if place < SHOWN or theme_id == record.theme_id
        ]
    return rows


def _completed(
    record: RequestRecord,
    ranked: Sequence[CandidateRow],
    live: Mapping[str, themes.LiveItem],
) -> list[CandidateRow]:
    shown = [row for row in ranked if row["theme_id"] in live][:SHOWN]
    present = {row["theme_id"] for row in shown}
    own = live.get(record.theme_id or "")
    if own is not None and own.theme_id not in present:
        further = {row["theme_id"]: row for row in ranked}
        shown.append(further.get(own.theme_id) or _row(own, 0.0))
        present.add(own.theme_id)
    for theme_id, item in live.items():
        if len(shown) >= SHOWN:
            break
        if theme_id not in present:
            shown.append(_row(item, 0.0))
    return shown


def _row(item: themes.LiveItem, confidence: float) -> CandidateRow:
    return CandidateRow(
        theme_id=item.theme_id,
        feature_area=item.feature_area,
        customer_need=item.customer_need,
        confidence=round(confidence, 4),
    )
