"""After a decision, and after one taken back: where the machine now puts what it had placed.

Where a machine puts a request among the items follows from the request, the items and what
people decided, and from nothing else. So nothing of this is kept for undo: when a decision is
taken back, the same is worked out without it.
"""

from __future__ import annotations

from sqlalchemy import Connection

from clustering.params import DEFAULT_PARAMS, ClusteringParams
from service.flows.candidates import current_encoder
from service.flows.doubts import what_was_said
from service.flows.fitting import areas_by_items, places_on_items
from service.flows.item_index import indexed_items
from service.storage import placements, teaching, themes, vectors
from service.storage.placements import Place

# A confidence that changes by less is left as it is stored.
_NEAR = 0.01


def settle(
    connection: Connection, encoder: str | None = None, params: ClusteringParams = DEFAULT_PARAMS
) -> int:
    """Place anew what a machine put on items and what waits; returns how many went elsewhere.

    What people placed or bound stays, and so do proposed themes and Unclassified groups: they
    are of a run.
    """
    encoder = encoder or current_encoder(connection)
    if encoder is None:
        return 0
    in_groups = set().union(*themes.groups(connection).values())
    records = [
        found for found in teaching.placed_by_machine(connection) if found.id not in in_groups
    ]
    rows = vectors.load(connection, {record.vector_key for record in records}, encoder)
    known = [record for record in records if record.vector_key in rows]
    indexed = indexed_items(connection, encoder)
    said = what_was_said(connection, rows, indexed)
    fitting = places_on_items(known, rows, indexed, params, said)
    moved: dict[str, Place] = {}
    touched: set[str] = set()
    for record in known:
        place = fitting.get(record.id, Place())
        if place.theme_id != record.theme_id:
            touched.update(name for name in (place.theme_id, record.theme_id) if name is not None)
        elif abs((place.confidence or 0.0) - (record.confidence or 0.0)) < _NEAR:
            continue
        confidence = None if place.confidence is None else round(place.confidence, 6)
        moved[record.id] = Place(place.theme_id, confidence)
    placements.place(connection, moved)
    freed = [record for record in known if record.id in moved and moved[record.id].theme_id is None]
    placements.guess_areas(connection, areas_by_items(freed, rows, indexed, said))
    themes.raise_versions(connection, touched)
    return len(touched and moved)
