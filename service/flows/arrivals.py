"""Where new requests go as they arrive: an item, else a proposed theme, else they wait."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from sqlalchemy import Connection

from clustering.assign import nearest_theme, pick
from clustering.doubt import SAID_NOTHING, Said
from clustering.languages import is_foreign
from clustering.params import ClusteringParams
from models.identity import vector_key
from service.flows.item_index import IndexedItems
from service.flows.rereading import NewRequest
from service.storage import requests, themes, vectors
from service.storage.vectors import Vector

# A proposed theme is known by so many of its members, so that arrivals cost the same in a
# store of any size.
MOST_COMPARED = 20


@dataclass(frozen=True, slots=True)
class Arrival:
    """The theme of a new request and how sure the machine is; waiting, only a guess of area."""

    theme_id: str | None = None
    confidence: float | None = None
    area: str | None = None


def arrange(
    connection: Connection,
    new: Sequence[NewRequest],
    found: Mapping[str, Vector],
    said: Mapping[str, Said],
    indexed: IndexedItems,
    params: ClusteringParams,
    languages: Mapping[str, str | None] = MappingProxyType({}),
) -> dict[str, Arrival]:
    """Where each new request goes, by its vector in `found` and what the re-ranker said.

    `languages` by request id: in one that the encoder does not understand, a request must fit
    an item better than others.
    """
    if not new:
        return {}
    rows = np.vstack([found[vector_key(request.text)] for request in new])
    arrivals = [Arrival() for _ in new]
    encoder = indexed.encoder
    if indexed.index is not None:
        heard = [said.get(vector_key(request.text), SAID_NOTHING) for request in new]
        ranking = indexed.index.rank(rows, heard)
        names = ranking.theme_ids
        for place, chosen in enumerate(pick(ranking, params.assign_line)):
            area = indexed.items[names[place][0]].feature_area if names[place] else None
            arrivals[place] = Arrival(area=area)
            strange = is_foreign(languages.get(new[place].id), encoder)
            if chosen is not None and (not strange or chosen.confidence >= params.foreign_line):
                arrivals[place] = Arrival(chosen.theme_id, round(chosen.confidence, 6), area)
    loose = [place for place, arrival in enumerate(arrivals) if arrival.theme_id is None]
    members = _members(connection, encoder) if loose else {}
    if members:
        nearest = nearest_theme(rows[loose], members, params, encoder)
        for place, near in zip(loose, nearest, strict=True):
            if near is not None:
                arrivals[place] = replace(
                    arrivals[place],
                    theme_id=near.theme_id,
                    confidence=round(near.confidence, 6),
                )
    return {request.id: arrival for request, arrival in zip(new, arrivals, strict=True)}


def still_open(connection: Connection, arrivals: Mapping[str, Arrival]) -> dict[str, Arrival]:
    """The same, following what a person has decided on the themes since."""
    chosen = {arrival.theme_id for arrival in arrivals.values() if arrival.theme_id is not None}
    merged = themes.survivors(connection)
    known = themes.get_many(connection, {merged.get(theme_id, theme_id) for theme_id in chosen})
    followed: dict[str, Arrival] = {}
    for request_id, arrival in arrivals.items():
        theme_id = merged.get(arrival.theme_id or "", arrival.theme_id)
        if theme_id is not None and not (theme_id in known and known[theme_id].is_open):
            followed[request_id] = Arrival(area=arrival.area)
        else:
            followed[request_id] = replace(arrival, theme_id=theme_id)
    return followed


def _members(connection: Connection, encoder: str) -> dict[str, Vector]:
    chosen = requests.first_keys(
        connection,
        [theme.id for theme in themes.proposed(connection) if theme.origin != "unclassified"],
        most=MOST_COMPARED,
    )
    found = vectors.load(connection, {key for keys in chosen.values() for key in keys}, encoder)
    rows = {
        theme_id: [found[key] for key in keys if key in found] for theme_id, keys in chosen.items()
    }
    return {theme_id: np.vstack(some) for theme_id, some in rows.items() if some}
