"""Evidence rows: the requests of a span of time that weigh on a theme, and nothing more of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, func, select

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
    weighing = _open_themes(connection)
    found = _mentions(connection, _within(window).where(requests.c.theme_id.is_not(None)))
    return [mention for mention in found if mention.theme_id in weighing]


def by_theme(
    connection: Connection, window: Window, theme_ids: Collection[str] | None = None
) -> dict[str, list[Mention]]:
    """Theme -> its requests in the window, dismissed ones left out, in no order.

    Of these themes, or of all, whatever their status.
    """
    found: dict[str, list[Mention]] = {}
    among = _among(requests.c.theme_id, theme_ids)
    for mention in _mentions(connection, _within(window).where(*among)):
        found.setdefault(mention.theme_id, []).append(mention)
    return found


def of_theme(connection: Connection, theme_id: str, window: Window) -> list[Mention]:
    """The requests of one theme in the window, dismissed ones left out, in no order."""
    return _mentions(connection, _within(window).where(requests.c.theme_id == theme_id))


def first_reported(
    connection: Connection, theme_ids: Collection[str] | None = None
) -> dict[str, datetime]:
    """Theme -> when it was first asked for, in whatever quarter, dismissed requests left out.

    Of these themes, or of all.
    """
    # One step into the index for each theme, where grouping would read every request.
    first = (
        select(requests.c.occurred_at)
        .where(requests.c.theme_id == themes.c.id, requests.c.dismissed.is_(False))
        .order_by(requests.c.occurred_at)
        .limit(1)
        .scalar_subquery()
    )
    among = () if theme_ids is None else (themes.c.id.in_(sorted(theme_ids)),)
    rows = connection.execute(select(themes.c.id, first).where(*among))
    return {theme_id: at for theme_id, at in rows if at is not None}


def accounts_by_window(
    connection: Connection, windows: Sequence[Window], theme_ids: Collection[str] | None = None
) -> dict[str, list[int]]:
    """Theme -> its distinct accounts in each of these consecutive windows, earliest first.

    Of these themes, or of all, whatever their status. Dismissed requests are left out.
    """
    place = case(
        *[(requests.c.occurred_at < window.end, index) for index, window in enumerate(windows)]
    )
    heard = (
        select(requests.c.theme_id, requests.c.account_id, place.label("place"))
        .where(
            requests.c.occurred_at >= windows[0].start,
            requests.c.occurred_at < windows[-1].end,
            requests.c.dismissed.is_(False),
            *_among(requests.c.theme_id, theme_ids),
            requests.c.account_id.is_not(None),
        )
        .subquery()
    )
    accounts = func.count(heard.c.account_id.distinct())
    grouped = select(heard.c.theme_id, heard.c.place, accounts).group_by(
        heard.c.theme_id, heard.c.place
    )
    counts: dict[str, list[int]] = {}
    for theme_id, index, count in connection.execute(grouped):
        counts.setdefault(theme_id, [0] * len(windows))[index] = count
    return counts


def _among(
    column: ColumnElement[Any], theme_ids: Collection[str] | None
) -> tuple[ColumnElement[bool], ...]:
    return (column.is_not(None) if theme_ids is None else column.in_(sorted(theme_ids)),)


def _within(window: Window) -> Select[Any]:
    return _undismissed().where(
        requests.c.occurred_at >= window.start, requests.c.occurred_at < window.end
    )


def _undismissed() -> Select[Any]:
    return select(
        requests.c.id,
        requests.c.theme_id,
        requests.c.account_id,
        requests.c.csm_id,
        requests.c.occurred_at,
        requests.c.severity,
        requests.c.text_key,
    ).where(requests.c.dismissed.is_(False))


def _open_themes(connection: Connection) -> frozenset[str]:
    # Looked up here rather than joined: that halves the time of the larger query.
    return frozenset(
        connection.scalars(
            select(themes.c.id).where(
                themes.c.status.in_(("proposed", "accepted")), themes.c.faded_at.is_(None)
            )
        )
    )


def _mentions(connection: Connection, statement: Select[Any]) -> list[Mention]:
    # All at once: row by row takes twice as long.
    rows = connection.execute(statement).all()
    return [
        Mention(request_id, theme_id, account_id, csm_id, at, _SEVERITIES[severity], text_key)
        for request_id, theme_id, account_id, csm_id, at, severity, text_key in rows
    ]
