"""Evidence rows: the requests of a span of time that weigh on a theme, and nothing more of them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select

from models.evidence import Mention
from models.severity import Severity
from models.window import Window
from service.storage.tables import requests, themes

_SEVERITIES = {severity.value: severity for severity in Severity}


def in_window(connection: Connection, window: Window) -> list[Mention]:
    """Every request in the window that weighs, in no order.

    Dismissed requests, those that wait, and those on a theme that was rejected, merged away
    or has faded weigh nothing.
    """
    statement = (
        select(
            requests.c.id,
            requests.c.theme_id,
            requests.c.account_id,
            requests.c.csm_id,
            requests.c.occurred_at,
            requests.c.severity,
            requests.c.text_key,
        )
        .join(themes, themes.c.id == requests.c.theme_id)
        .where(
            requests.c.occurred_at >= window.start,
            requests.c.occurred_at < window.end,
            requests.c.dismissed.is_(False),
            themes.c.status.in_(("proposed", "accepted")),
            themes.c.faded_at.is_(None),
        )
    )
    rows = connection.execute(statement)
    return [
        Mention(request_id, theme_id, account_id, csm_id, at, _SEVERITIES[severity], text_key)
        for request_id, theme_id, account_id, csm_id, at, severity, text_key in rows
    ]


def first_reported(connection: Connection) -> dict[str, datetime]:
    """Theme -> when it was first asked for, in whatever quarter, dismissed requests left out."""
    statement = (
        select(requests.c.theme_id, func.min(requests.c.occurred_at))
        .where(requests.c.theme_id.is_not(None), requests.c.dismissed.is_(False))
        .group_by(requests.c.theme_id)
    )
    return {row[0]: row[1] for row in connection.execute(statement)}
