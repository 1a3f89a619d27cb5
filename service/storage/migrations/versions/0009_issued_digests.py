"""Digests as they were issued, with what product said to them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.storage.column_types import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "issued_digests",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("issued_at", UtcDateTime(), nullable=False),
        sa.Column("issued_by", sa.Text(), nullable=False),
        sa.Column("acknowledged_at", UtcDateTime(), nullable=True),
        sa.Column("acknowledged_by", sa.Text(), nullable=True),
        sa.Column("assessment", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_issued_digests")),
    )
