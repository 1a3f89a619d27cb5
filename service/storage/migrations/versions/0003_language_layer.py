"""The language of notes and requests, and what the re-ranker thinks of pairs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("notes", sa.Column("language", sa.String(length=8), nullable=True))
    op.add_column("requests", sa.Column("language", sa.String(length=8), nullable=True))
    op.create_table(
        "pair_scores",
        sa.Column("vector_key", sa.String(length=64), nullable=False),
        sa.Column("item_key", sa.String(length=64), nullable=False),
        sa.Column("model", sa.String(length=64), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("vector_key", "item_key", "model", name=op.f("pk_pair_scores")),
    )
