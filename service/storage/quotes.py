"""What customers said of some themes in a span of time, to quote from."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from models.window import Window
from service.storage.tables import requests


@dataclass(frozen=True, slots=True)
class Quotable:
    """A request's words as posted, and where they come from."""

    request_id: str
    note_id: str | None
    observation_id: str | None
    theme_id: str
    account_id: str | None
    occurred_at: datetime
    severity: str
    text: str


def of_themes(connection: Connection, theme_ids: Collection[str], window: Window) -> list[Quotable]:
    """Requests with words on these (few) themes, dismissed ones left out, in no order."""
    statement = select(
        requests.c.id,
        requests.c.note_id,
        requests.c.observation_id,
        requests.c.theme_id,
        requests.c.account_id,
        requests.c.occurred_at,
        requests.c.severity,
        requests.c.text,
    ).where(
        requests.c.theme_id.in_(sorted(theme_ids)),
        requests.c.occurred_at >= window.start,
        requests.c.occurred_at < window.end,
        requests.c.dismissed.is_(False),
        requests.c.text_key != "",
    )
    return [Quotable(*row) for row in connection.execute(statement).all()]
