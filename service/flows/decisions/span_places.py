"""Give a span that a person has set its vector, and a place among the items."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from clustering.params import ClusteringParams
from models.errors import Unavailable
from models.identity import vector_key
from service.flows.doubts import what_was_said
from service.flows.embedding import encoded
from service.flows.fitting import areas_by_items, places_on_items
from service.flows.item_index import indexed_items
from service.flows.language import LanguageSource
from service.storage import jobs, requests, vectors
from service.storage.ledger import Ledger
from service.storage.tables import requests as requests_table
from service.storage.vectors import Vector


@dataclass(frozen=True, slots=True)
class EmbeddedSpan:
    """The vector of a span's text, under one encoder."""

    encoder: str
    key: str
    row: Vector


def embed_span(text: str, language: LanguageSource | None) -> EmbeddedSpan | None:
    """Embed a span's text before the write; None where there is no encoder now."""
    if language is None:
        return None
    try:
        encoder = language().encoder
    except Unavailable:
        return None
    return EmbeddedSpan(encoder.fingerprint, vector_key(text), encoded(encoder, [text])[0])


def place_span(
    connection: Connection,
    ledger: Ledger,
    request_id: str,
    embedded: EmbeddedSpan | None,
    params: ClusteringParams,
    *,
    now: datetime,
    actor: str,
) -> None:
    """Keep the vector, and put a request that waits on the item it fits.

    Without a vector a job makes it, and places the request, when there is an encoder again.
    """
    if embedded is None:
        jobs.enqueue(connection, jobs.TAXONOMY, actor=actor, now=now)
        return
    vectors.save(connection, embedded.encoder, {embedded.key: embedded.row})
    record = requests.get_many(connection, [request_id])[request_id]
    if record.theme_id is not None or record.held:
        return
    found = {embedded.key: embedded.row}
    indexed = indexed_items(connection, embedded.encoder)
    said = what_was_said(connection, found, indexed)
    place = places_on_items([record], found, indexed, params, said).get(record.id)
    area = areas_by_items([record], found, indexed, said).get(record.id)
    ledger.change(
        requests_table,
        [record.id],
        theme_id=place.theme_id if place else None,
        assigned_by="model" if place else None,
        confidence=place.confidence if place else None,
        unclassified_area=area,
    )
