"""Requests that fit no item: their guessed areas, and the groups that they wait in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, func, select

from models.window import Window
from service.storage.tables import group_members, requests, themes

_OPEN_GROUP = and_(
    themes.c.origin == "unclassified", themes.c.status == "proposed", themes.c.faded_at.is_(None)
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One request on no theme; `group` is the open Unclassified group that it waits in."""

    request_id: str
    occurred_at: datetime
    area: str | None
    severity: str
    account_id: str | None
    group: str | None


def waiting_in(connection: Connection, window: Window) -> list[Waiting]:
    """Every request of the window on no theme that is not dismissed; oldest first."""
    groups = (
        select(group_members.c.request_id, group_members.c.theme_id)
        .join(themes, themes.c.id == group_members.c.theme_id)
        .where(_OPEN_GROUP)
        .subquery()
    )
    statement = (
        select(
            requests.c.id,
            requests.c.occurred_at,
            requests.c.unclassified_area,
            requests.c.severity,
            requests.c.account_id,
            groups.c.theme_id,
        )
        .outerjoin(groups, groups.c.request_id == requests.c.id)
        .where(
            requests.c.theme_id.is_(None),
            requests.c.dismissed.is_(False),
            requests.c.occurred_at >= window.start,
            requests.c.occurred_at < window.end,
        )
        .order_by(requests.c.occurred_at, requests.c.id)
    )
    return [Waiting(*row) for row in connection.execute(statement)]


def open_groups_since(connection: Connection) -> dict[str, datetime]:
    """Each open Unclassified group -> when the first of what waits in it was reported."""
    statement = (
        select(group_members.c.theme_id, func.min(requests.c.occurred_at))
        .join(themes, themes.c.id == group_members.c.theme_id)
        .join(requests, requests.c.id == group_members.c.request_id)
        .where(_OPEN_GROUP, requests.c.theme_id.is_(None), requests.c.dismissed.is_(False))
        .group_by(group_members.c.theme_id)
    )
    return {row[0]: row[1] for row in connection.execute(statement)}
