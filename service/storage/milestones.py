"""What people decided that moved a theme on: that it was accepted, and what product does."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from service.storage.tables import decisions


@dataclass(frozen=True, slots=True)
class Milestone:
    """One accept or deliver decision that stands; `payload` is what was said."""

    action: str
    payload: Mapping[str, Any]
    actor: str
    made_at: datetime


def of_themes(connection: Connection, theme_ids: Collection[str]) -> list[Milestone]:
    """Those of these themes, oldest first; without the rows kept for undo, which can be many."""
    rows = connection.execute(
        select(decisions.c.action, decisions.c.payload, decisions.c.actor, decisions.c.made_at)
        .where(
            decisions.c.theme_id.in_(sorted(theme_ids)),
            decisions.c.action.in_(("accept", "deliver")),
            decisions.c.undone_at.is_(None),
        )
        .order_by(decisions.c.seq)
    )
    return [Milestone(*row) for row in rows]
