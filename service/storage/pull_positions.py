"""How far a pull from each vendor's API has come."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from service.storage.operating_tables import pull_positions


def position_of(connection: Connection, source: str) -> str:
    """Where to go on; empty where nothing was pulled yet."""
    query = select(pull_positions.c.position).where(pull_positions.c.source == source)
    return connection.scalar(query) or ""


def advance(connection: Connection, source: str, position: str, *, at: datetime) -> None:
    """Everything up to this position is stored."""
    connection.execute(delete(pull_positions).where(pull_positions.c.source == source))
    row = {"source": source, "position": position, "pulled_at": at}
    connection.execute(insert(pull_positions).values(row))
