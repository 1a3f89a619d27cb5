"""What the re-ranker said of requests and items: one score for each pair of texts it has read.

Kept by the key of the request's text and that of the item's own text, so that an edited item
is read anew. Scores of one model only are there at a time: the one that read last.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, delete, select

from service.storage.batches import in_batches, insert_or_ignore
from service.storage.tables import pair_scores

PairScores = Mapping[str, Mapping[str, float]]
"""Key of a request's text -> key of an item's text -> score."""


def load(
    connection: Connection, keys: Iterable[str], model: str | None = None
) -> dict[str, dict[str, float]]:
    """All that was said of these requests, by key; those that were not read are absent.

    With `model`, only what that one said.
    """
    found: dict[str, dict[str, float]] = {}
    columns = (pair_scores.c.vector_key, pair_scores.c.item_key, pair_scores.c.score)
    for batch in in_batches(sorted(set(keys))):
        query = select(*columns).where(pair_scores.c.vector_key.in_(batch))
        if model is not None:
            query = query.where(pair_scores.c.model == model)
        for key, item, score in connection.execute(query):
            found.setdefault(key, {})[item] = float(score)
    return found


def among(connection: Connection, keys: Iterable[str]) -> set[str]:
    """Those of the keys of which anything was said."""
    found: set[str] = set()
    for batch in in_batches(sorted(set(keys))):
        query = select(pair_scores.c.vector_key).where(pair_scores.c.vector_key.in_(batch))
        found.update(connection.scalars(query.distinct()))
    return found


def save(connection: Connection, model: str, said: PairScores) -> None:
    """Keep these scores; what another model has said is dropped."""
    connection.execute(delete(pair_scores).where(pair_scores.c.model != model))
    insert_or_ignore(
        connection,
        pair_scores,
        [
            {"vector_key": key, "item_key": item, "model": model, "score": float(score)}
            for key, scores in sorted(said.items())
            for item, score in sorted(scores.items())
        ],
    )


def drop(connection: Connection, keys: Iterable[str]) -> None:
    """Drop what was said of these requests."""
    for batch in in_batches(sorted(set(keys))):
        connection.execute(delete(pair_scores).where(pair_scores.c.vector_key.in_(batch)))
