"""Queries on what is on one theme that hold for a theme of many thousand requests too."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    case,
    literal,
    or_,
    select,
    tuple_,
)

from models.window import Window
from service.storage import requests as rows_of_requests
from service.storage.requests import Position, RequestRecord
from service.storage.tables import group_members, requests
from service.storage.themes import ThemeRecord

Counted = tuple[str | None, str, str, str, int]
"""(account, CSM, severity, text key, number of the window) of one request."""


def on(theme: ThemeRecord) -> ColumnElement[bool]:
    """The condition that a request is on this theme, or waits in it where it is a group."""
    on_theme: ColumnElement[bool] = requests.c.theme_id == theme.id
    if theme.origin == "unclassified":
        inside = select(group_members.c.request_id).where(group_members.c.theme_id == theme.id)
        waits = and_(requests.c.theme_id.is_(None), requests.c.id.in_(inside))
        on_theme = or_(on_theme, waits)
    return and_(on_theme, requests.c.dismissed.is_(False))


def counted(
    connection: Connection, theme: ThemeRecord, windows: Sequence[Window] = ()
) -> list[Counted]:
    """What is counted of each request on it, earliest first as `models.evidence.in_order` has it.

    The number is that of the consecutive window that it falls in, -1 for none of them. Rows are
    plain: of a huge theme there are many thousand.
    """
    at = requests.c.occurred_at
    number: ColumnElement[int] = literal(-1)
    if windows:
        number = case(
            (at < windows[0].start, literal(-1)),
            *((at < window.end, literal(place)) for place, window in enumerate(windows)),
            else_=literal(-1),
        )
    statement = (
        select(
            requests.c.account_id,
            requests.c.csm_id,
            requests.c.severity,
            requests.c.text_key,
            number,
        )
        .where(on(theme))
        .order_by(at, requests.c.csm_id, requests.c.id)
    )
    return [tuple(row) for row in connection.execute(statement)]


def first_and_last(
    connection: Connection, theme: ThemeRecord
) -> tuple[datetime | None, datetime | None]:
    """When it was first and last asked for."""
    at = requests.c.occurred_at
    wanted = select(at).where(on(theme)).limit(1)
    first: datetime | None = connection.scalar(wanted.order_by(at))
    last: datetime | None = connection.scalar(wanted.order_by(at.desc()))
    return first, last


def these(connection: Connection, theme: ThemeRecord, ids: Sequence[str]) -> list[RequestRecord]:
    """Those of the requests that are on it, in the order given."""
    statement = rows_of_requests.records().where(on(theme), requests.c.id.in_(ids))
    found = {row.id: rows_of_requests.record(row) for row in connection.execute(statement)}
    return [found[name] for name in ids if name in found]


def newest(
    connection: Connection,
    theme: ThemeRecord,
    *,
    besides: Sequence[str],
    after: Position | None,
    limit: int,
) -> list[RequestRecord]:
    """Its requests, newest first, without those of `besides`, after the given position."""
    statement = rows_of_requests.records().where(on(theme), requests.c.id.not_in(besides))
    place = (requests.c.occurred_at, requests.c.id)
    if after is not None:
        statement = statement.where(tuple_(*place) < tuple_(*_bound(after)))
    ordered = statement.order_by(*(column.desc() for column in place)).limit(limit)
    return [rows_of_requests.record(row) for row in connection.execute(ordered)]


def _bound(after: Position) -> tuple[ColumnElement[datetime], ColumnElement[str]]:
    return (
        literal(after.occurred_at, requests.c.occurred_at.type),
        literal(after.request_id, requests.c.id.type),
    )
