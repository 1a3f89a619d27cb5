"""Run by Alembic for each migration: on the connection, in the transaction, that it is given."""

from __future__ import annotations

from alembic import context

from service.storage.whole_schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite can't alter most things in place: tables are rebuilt there.
    render_as_batch=True,
)
context.run_migrations()
