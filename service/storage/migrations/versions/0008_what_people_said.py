"""Find the few requests that people placed without reading all of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_BY_PERSON = sa.text("assigned_by = 'person' OR bound OR held OR dismissed")


def upgrade() -> None:
    op.create_index(
        "ix_requests_by_person",
        "requests",
        ["vector_key", "theme_id", "bound", "text_key"],
        sqlite_where=_BY_PERSON,
        postgresql_where=_BY_PERSON,
    )
