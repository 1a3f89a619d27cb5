"""What is left of deleted notes: that they were here, and nothing of what they said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select, tuple_

from service.storage.batches import insert_or_ignore
from service.storage.tables import tombstones

Identity = tuple[str, str]  # (source, external_id)


def find(connection: Connection, identities: Sequence[Identity]) -> set[Identity]:
    """Those of the identities that were deleted."""
    pair = tuple_(tombstones.c.source, tombstones.c.external_id)
    rows = connection.execute(
        select(tombstones.c.source, tombstones.c.external_id).where(pair.in_(identities))
    )
    return {(source, external_id) for source, external_id in rows}


def put(connection: Connection, *identities: Identity, at: datetime) -> None:
    """Remember that the notes of these identities were deleted."""
    rows = [
        {"source": source, "external_id": external_id, "deleted_at": at}
        for source, external_id in identities
    ]
    insert_or_ignore(connection, tombstones, rows)
