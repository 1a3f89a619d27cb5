"""Set-based statements in pieces that both databases take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

T = TypeVar("T")

# SQLite takes 32,766 variables in a statement, PostgreSQL 65,535.
BATCH = 5_000


def in_batches(values: Sequence[T], size: int = BATCH) -> Iterator[Sequence[T]]:
    """Consecutive pieces of at most `size`; none for an empty sequence."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def insert_or_ignore(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Insert these rows; one whose key is taken is left as it is stored."""
    if not rows:
        return
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table).on_conflict_do_nothing()
    for batch in in_batches(rows, 1_000):
        connection.execute(statement, [dict(row) for row in batch])
