"""After a decision, and after one taken back: where the machine now puts what it had placed.

Where a machine puts a request among the items follows from the request, the items and what
people decided, and from nothing else. So nothing of this is kept for undo: when a decision is
taken back, the same is worked out without it. Where nothing that teaches has changed, only
what the decision itself touched can go elsewhere.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from clustering.params import DEFAULT_PARAMS, ClusteringParams
from models.decisions import Action
from service.flows.candidates import current_encoder
from service.flows.doubts import what_was_said
from service.flows.fitting import areas_by_items, places_on_items
from service.flows.item_index import indexed_items
from service.flows.staying import may_go_elsewhere
from service.storage import ledger, placements, teaching, themes, vectors
from service.storage.ledger import Replaced
from service.storage.placements import Place
from service.storage.teaching import Taught
from service.storage.themes import LiveItem

# Decisions that say nothing of where requests belong, nor does taking them back.
PLACES_NOTHING = frozenset({Action.DELIVER, Action.RENAME, Action.SEVERITY})
# A confidence that changes by less is left as it is stored.
_NEAR = 0.01


@dataclass(frozen=True, slots=True)
class Teaching:
    """What a machine places requests by: equal before and after where it would place the same."""

    items: Sequence[LiveItem]
    lessons: Sequence[Taught]


def what_teaches(connection: Connection) -> Teaching:
    """The live items, and what people said of requests on them or on nothing."""
    items = themes.live_items(connection)
    live = {item.theme_id for item in items}
    taught = teaching.taught(connection)
    return Teaching(items, [one for one in taught if one.theme_id is None or one.theme_id in live])


def settle_after(
    connection: Connection,
    before: Teaching,
    replaced: Replaced,
    encoder: str | None = None,
    params: ClusteringParams = DEFAULT_PARAMS,
) -> int:
    """As `settle`, after writes that `replaced` this, where what taught `before` is known."""
    among = ledger.touched_requests(replaced) | ledger.regrouped_requests(replaced)
    taught_the_same = what_teaches(connection) == before
    return settle(connection, encoder, params, among=among if taught_the_same else None)


def settle(
    connection: Connection,
    encoder: str | None = None,
    params: ClusteringParams = DEFAULT_PARAMS,
    *,
    among: Collection[str] | None = None,
) -> int:
    """Place anew what a machine put on items and what waits; returns how many went elsewhere.

    What people placed or bound stays, and so do proposed themes and Unclassified groups: they
    are of a run. `among` leaves out all other requests.
    """
    encoder = encoder or current_encoder(connection)
    if encoder is None:
        return 0
    in_groups = set().union(*themes.groups(connection).values())
    records = [
        found
        for found in teaching.placed_by_machine(connection, among)
        if found.id not in in_groups
    ]
    indexed = indexed_items(connection, encoder)
    if among is None:
        records = may_go_elsewhere(connection, records, indexed, params, _NEAR)
    records.sort(key=lambda record: record.id)
    rows = vectors.load(connection, {record.vector_key for record in records}, encoder)
    known = [record for record in records if record.vector_key in rows]
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
