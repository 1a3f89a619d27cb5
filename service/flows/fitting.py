"""Hold waiting requests against the live items, from stored vectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from sqlalchemy import Connection

from clustering.assign import assign
from clustering.params import ClusteringParams
from service.flows.item_index import IndexedItems, indexed_items
from service.storage import requests, vectors
from service.storage.placements import Place
from service.storage.requests import RequestRecord
from service.storage.vectors import Vector


def fit_waiting(connection: Connection, encoder: str, params: ClusteringParams) -> dict[str, Place]:
    """Where the waiting requests that fit a live item go; the others are absent."""
    records = requests.waiting(connection)
    found = vectors.load(connection, {record.vector_key for record in records}, encoder)
    return places_on_items(records, found, indexed_items(connection, encoder), params)


def places_on_items(
    records: Sequence[RequestRecord],
    found: Mapping[str, Vector],
    indexed: IndexedItems,
    params: ClusteringParams,
) -> dict[str, Place]:
    """Where these requests go among the items; those that fit none or lack a vector are absent."""
    known = [record for record in records if record.vector_key in found]
    if not known or indexed.index is None:
        return {}
    rows = np.vstack([found[record.vector_key] for record in known])
    return {
        record.id: Place(chosen.theme_id, float(chosen.confidence))
        for record, chosen in zip(known, assign(rows, indexed.index, params), strict=True)
        if chosen is not None
    }


def guess_waiting_areas(connection: Connection, encoder: str) -> dict[str, str]:
    """The area of the best live item for each waiting request where that is a new guess."""
    records = requests.waiting(connection)
    areas = guessed_areas(connection, records, encoder)
    return {
        record.id: areas[record.id]
        for record in records
        if record.id in areas and areas[record.id] != record.unclassified_area
    }


def guessed_areas(
    connection: Connection, records: Sequence[RequestRecord], encoder: str | None
) -> dict[str, str]:
    """The area of the best live item of each request; absent where there is no guess."""
    if encoder is None or not records:
        return {}
    found = vectors.load(connection, {record.vector_key for record in records}, encoder)
    return areas_by_items(records, found, indexed_items(connection, encoder))


def areas_by_items(
    records: Sequence[RequestRecord], found: Mapping[str, Vector], indexed: IndexedItems
) -> dict[str, str]:
    """As `guessed_areas`, with vectors and items at hand."""
    known = [record for record in records if record.vector_key in found]
    if not known or indexed.index is None:
        return {}
    ranking = indexed.index.rank(np.vstack([found[record.vector_key] for record in known]))
    return {
        record.id: indexed.items[names[0]].feature_area
        for record, names in zip(known, ranking.theme_ids, strict=True)
        if names
    }
