"""Hold waiting requests against the live items, from stored vectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from sqlalchemy import Connection

from clustering.assign import assign
from clustering.doubt import SAID_NOTHING, Said
from clustering.languages import is_foreign
from clustering.params import ClusteringParams
from service.flows.doubts import what_was_said
from service.flows.item_index import IndexedItems, indexed_items
from service.storage import requests, vectors
from service.storage.placements import Place
from service.storage.requests import RequestRecord
from service.storage.vectors import Vector


class Embedded(Protocol):
    """A request as fitting sees it."""

    @property
    def id(self) -> str: ...

    @property
    def vector_key(self) -> str: ...

    @property
    def language(self) -> str | None: ...


def fit_waiting(connection: Connection, encoder: str, params: ClusteringParams) -> dict[str, Place]:
    """Where the waiting requests that fit a live item go; the others are absent."""
    records = requests.waiting(connection)
    found = vectors.load(connection, {record.vector_key for record in records}, encoder)
    indexed = indexed_items(connection, encoder)
    return places_on_items(
        records, found, indexed, params, what_was_said(connection, found, indexed)
    )


def places_on_items(
    records: Sequence[Embedded],
    found: Mapping[str, Vector],
    indexed: IndexedItems,
    params: ClusteringParams,
    said: Mapping[str, Said],
) -> dict[str, Place]:
    """Where these requests go among the items; those that fit none or lack a vector are absent.

    `said` is what the re-ranker said of those that it has read, by the keys of their texts.
    """
    known = [record for record in records if record.vector_key in found]
    if not known or indexed.index is None:
        return {}
    rows = np.vstack([found[record.vector_key] for record in known])
    heard = [said.get(record.vector_key, SAID_NOTHING) for record in known]
    answers = assign(rows, indexed.index, params, heard)
    return {
        record.id: Place(chosen.theme_id, float(chosen.confidence))
        for record, chosen in zip(known, answers, strict=True)
        if chosen is not None
        and (
            chosen.confidence >= params.foreign_line
            or not is_foreign(record.language, indexed.encoder)
        )
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
    indexed = indexed_items(connection, encoder)
    return areas_by_items(records, found, indexed, what_was_said(connection, found, indexed))


def areas_by_items(
    records: Sequence[Embedded],
    found: Mapping[str, Vector],
    indexed: IndexedItems,
    said: Mapping[str, Said],
) -> dict[str, str]:
    """As `guessed_areas`, with vectors, items and what the re-ranker said at hand."""
    known = [record for record in records if record.vector_key in found]
    if not known or indexed.index is None:
        return {}
    heard = [said.get(record.vector_key, SAID_NOTHING) for record in known]
    rows = np.vstack([found[record.vector_key] for record in known])
    ranking = indexed.index.rank(rows, heard)
    return {
        record.id: indexed.items[names[0]].feature_area
        for record, names in zip(known, ranking.theme_ids, strict=True)
        if names
    }
