"""A key's end and its person, our own secrets, how far a pull has come, notes to be fetched."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.storage.column_types import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    waiting = sa.text("state = 'pending'")
    op.drop_index("ix_notes_pending", "notes")
    op.create_index(
        "ix_notes_pending",
        "notes",
        ["state", "received_at", "id"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.add_column("api_keys", sa.Column("expires_at", UtcDateTime(), nullable=True))
    op.add_column("api_keys", sa.Column("subject", sa.String(length=64), nullable=True))
    op.create_index("ix_api_keys_subject", "api_keys", ["subject"], unique=True)
    op.create_table(
        "service_secrets",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_service_secrets")),
    )
    op.create_table(
        "pull_positions",
        sa.Column("source", sa.String(length=255), nullable=False),
        sa.Column("position", sa.Text(), nullable=False),
        sa.Column("pulled_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_pull_positions")),
    )
    op.create_table(
        "pending_fetches",
        sa.Column("source", sa.String(length=255), nullable=False),
        sa.Column("external_id", sa.String(length=255), nullable=False),
        sa.Column("event_at", UtcDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("fetch_after", UtcDateTime(), nullable=False),
        sa.Column("claimed_until", UtcDateTime(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("source", "external_id", name=op.f("pk_pending_fetches")),
    )
    op.create_index("ix_pending_fetches_fetch_after", "pending_fetches", ["fetch_after"])
