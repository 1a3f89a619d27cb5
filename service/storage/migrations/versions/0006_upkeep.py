"""When the store's own chores are due."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.storage.column_types import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "upkeep",
        sa.Column("chore", sa.String(length=32), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("chore", name=op.f("pk_upkeep")),
    )
