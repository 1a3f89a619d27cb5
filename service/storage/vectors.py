"""Vectors, keyed by the exact text and by the encoder that made them.

Each is stored as float32 little-endian bytes of one unit row; no pickles.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, delete, func, select

from service.storage.batches import in_batches, insert_or_ignore
from service.storage.tables import pair_scores, requests, vectors

Vector = NDArray[np.float32]
_DTYPE = np.dtype("<f4")


def load(connection: Connection, keys: Iterable[str], encoder: str) -> dict[str, Vector]:
    """The stored vectors of these keys under one encoder, each (d,) float32; others are absent."""
    found: dict[str, Vector] = {}
    for batch in in_batches(sorted(set(keys))):
        rows = connection.execute(
            select(vectors.c.vector_key, vectors.c.data).where(
                vectors.c.encoder == encoder, vectors.c.vector_key.in_(batch)
            )
        )
        for key, data in rows:
            found[key] = np.frombuffer(data, dtype=_DTYPE).astype(np.float32, copy=False)
    return found


def missing(connection: Connection, keys: Iterable[str], encoder: str) -> list[str]:
    """Those of the keys that have no vector under this encoder, sorted."""
    wanted = set(keys)
    for batch in in_batches(sorted(wanted)):
        wanted.difference_update(
            connection.scalars(
                select(vectors.c.vector_key).where(
                    vectors.c.encoder == encoder, vectors.c.vector_key.in_(batch)
                )
            )
        )
    return sorted(wanted)


def save(connection: Connection, encoder: str, rows: Mapping[str, Vector]) -> None:
    """Keep these vectors; one that is stored already stays as it is."""
    insert_or_ignore(
        connection,
        vectors,
        [
            {"vector_key": key, "encoder": encoder, "data": row.astype(_DTYPE).tobytes()}
            for key, row in sorted(rows.items())
        ],
    )


def encoders(connection: Connection, keys: Iterable[str]) -> list[str]:
    """The encoders that any of these keys has a vector of, most vectors first, then by name."""
    counts: dict[str, int] = {}
    for batch in in_batches(sorted(set(keys))):
        rows = connection.execute(
            select(vectors.c.encoder, func.count())
            .where(vectors.c.vector_key.in_(batch))
            .group_by(vectors.c.encoder)
        )
        for encoder, count in rows:
            counts[encoder] = counts.get(encoder, 0) + count
    return sorted(counts, key=lambda encoder: (-counts[encoder], encoder))


def drop_unused(connection: Connection, keys: Iterable[str], keep: Collection[str] = ()) -> None:
    """Delete the vectors of those keys that no request refers to and that are not in `keep`.

    What the re-ranker said of them goes too.
    """
    for batch in in_batches(sorted(set(keys) - set(keep))):
        used = select(requests.c.vector_key).where(requests.c.vector_key.in_(batch))
        for table in (vectors, pair_scores):
            unused = (table.c.vector_key.in_(batch), table.c.vector_key.not_in(used))
            connection.execute(delete(table).where(*unused))
