"""The words of each note, for the search; which languages there are, by an index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from models.words import searchable

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_BATCH = 1_000


def upgrade() -> None:
    op.create_table(
        "note_words",
        sa.Column("note_id", sa.String(length=64), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["note_id"],
            ["notes.id"],
            name=op.f("fk_note_words_note_id_notes"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("note_id", name=op.f("pk_note_words")),
    )
    op.create_index("ix_notes_language", "notes", ["language"])
    _fill(op.get_bind())


def _fill(connection: sa.Connection) -> None:
    names = ("id", "source", "external_id", "text")
    notes = sa.table("notes", *map(sa.column, names))
    words = sa.table("note_words", sa.column("note_id"), sa.column("words"))
    last = ""
    while True:
        some = sa.select(notes).where(notes.c.id > last).order_by(notes.c.id).limit(_BATCH)
        rows = connection.execute(some).all()
        if not rows:
            return
        connection.execute(
            sa.insert(words),
            [
                {"note_id": row.id, "words": searchable(row.text, row.source, row.external_id)}
                for row in rows
            ],
        )
        last = rows[-1].id
