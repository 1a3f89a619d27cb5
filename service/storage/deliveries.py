"""Which deliveries have been stored, for senders whose notes do not tell their own age."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, delete
from sqlalchemy.dialects import postgresql, sqlite

from service.storage.operating_tables import deliveries


def remember(
    connection: Connection, source: str, ids: Collection[str], *, at: datetime, since: datetime
) -> set[str]:
    """Remember these of the sender's ids; returns those that were remembered before.

    Once in a while what was received before `since` is forgotten.
    """
    digests = {_digest(one): one for one in ids}
    if not digests:
        return set()
    if any(digest.startswith("00") for digest in digests):
        connection.execute(delete(deliveries).where(deliveries.c.received_at < since))
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    rows = [{"source": source, "delivery": one, "received_at": at} for one in sorted(digests)]
    statement = dialect.insert(deliveries).values(rows).on_conflict_do_nothing()
    new = set(connection.scalars(statement.returning(deliveries.c.delivery)))
    return {one for digest, one in digests.items() if digest not in new}


def forget(connection: Connection, source: str, ids: Collection[str]) -> None:
    """Take these for new when they come again."""
    digests = sorted(map(_digest, ids))
    named = deliveries.c.delivery.in_(digests)
    connection.execute(delete(deliveries).where(deliveries.c.source == source, named))


def _digest(one: str) -> str:
    return hashlib.sha256(one.encode("utf-8", "surrogatepass")).hexdigest()
