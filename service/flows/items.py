"""Embed the taxonomy's items, and put on them at once what waited for one."""

from __future__ import annotations

from datetime import datetime

from clustering.encoder import Encoder
from clustering.params import DEFAULT_PARAMS, ClusteringParams
from clustering.rerank import Reranker
from models.identity import vector_key
from service.flows.doubts import at_most, doubts_among, read_and_keep
from service.flows.embedding import OnProgress, embed_missing
from service.flows.fitting import fit_waiting, guess_waiting_areas
from service.flows.item_index import indexed_items, item_texts
from service.storage import audit, placements, requests, themes, vectors
from service.storage.engine import Store


def embed_items(
    store: Store,
    encoder: Encoder,
    params: ClusteringParams = DEFAULT_PARAMS,
    *,
    now: datetime,
    on_progress: OnProgress | None = None,
    reranker: Reranker | None = None,
) -> int:
    """Embed what is new in the taxonomy and assign waiting requests that fit; how many did.

    Waiting requests that this encoder has not seen yet (after a change of encoder, or added
    by a person while there was none) are embedded too, and those in doubt read by the
    `reranker`.

    What is on a theme already, proposed or accepted, is left to the next run.

    Raises:
        Unavailable: the store is busy, full or down; doing it again continues.
    """
    with store.read() as connection:
        texts = {
            vector_key(text): text
            for item in themes.live_items(connection)
            for text in item_texts(item)
        }
        waiting = {
            record.vector_key: record.text for record in requests.waiting(connection) if record.text
        }
    embed_missing(store, encoder, texts | waiting, on_progress)
    with store.read() as connection:
        indexed = indexed_items(connection, encoder.fingerprint)
        found = vectors.load(connection, waiting, encoder.fingerprint)
        doubts = doubts_among(connection, found, indexed, reranker, most=at_most(len(found)))
    read_and_keep(store, reranker, doubts, waiting, indexed, on_progress)
    with store.write() as connection:
        places = fit_waiting(connection, encoder.fingerprint, params)
        placements.place(connection, places)
        placements.leave_groups(connection, places)
        placements.guess_areas(connection, guess_waiting_areas(connection, encoder.fingerprint))
        if places:
            audit.record(
                connection,
                at=now,
                actor="worker",
                action="taxonomy.assigned",
                target="requests",
                details={"requests": len(places)},
            )
    return len(places)
