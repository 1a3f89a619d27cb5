"""Queries on the requests that are on no theme."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    Float,
    and_,
    cast,
    func,
    literal,
    or_,
    select,
)

from service.storage.tables import accounts, requests

# What an account of unknown ARR counts as in the order: less than any.
_UNKNOWN = -1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingConditions:
    """Which of them; empty leaves a condition out. `held`: those that a person holds off."""

    area: str = ""
    severity: str = ""
    account_id: str = ""
    csm_id: str = ""
    held: bool = False


@dataclass(frozen=True, slots=True)
class WaitingPlace:
    """Where a page ended. `arr` is None in the order of age."""

    arr: float | None
    occurred_at: datetime
    request_id: str


def page(
    connection: Connection,
    wanted: WaitingConditions,
    *,
    by_arr: bool,
    after: WaitingPlace | None,
    limit: int,
) -> list[WaitingPlace]:
    """Places of the next ones: the oldest first, or those of the largest accounts."""
    arr = func.coalesce(cast(accounts.c.arr, Float), _UNKNOWN)
    statement = (
        select(arr.label("arr"), requests.c.occurred_at, requests.c.id)
        .outerjoin(accounts, accounts.c.account_id == requests.c.account_id)
        .where(*_clauses(wanted))
    )
    if after is not None:
        statement = statement.where(_behind(after, arr if by_arr else None))
    order = [requests.c.occurred_at, requests.c.id]
    rows = connection.execute(
        statement.order_by(*([arr.desc()] if by_arr else []), *order).limit(limit)
    )
    return [WaitingPlace(row.arr if by_arr else None, row.occurred_at, row.id) for row in rows]


def counts_by_area(connection: Connection, wanted: WaitingConditions) -> dict[str, int]:
    """How many there are, by the area that is guessed ('' where none is), most first."""
    area = func.coalesce(requests.c.unclassified_area, "")
    rows = connection.execute(
        select(area, func.count()).where(*_clauses(wanted)).group_by(area)
    ).all()
    return dict(sorted(((name, n) for name, n in rows), key=lambda pair: (-pair[1], pair[0])))


def _clauses(wanted: WaitingConditions) -> Sequence[ColumnElement[bool]]:
    clauses: list[ColumnElement[bool]] = [
        requests.c.theme_id.is_(None),
        requests.c.dismissed.is_(False),
        requests.c.held.is_(wanted.held),
    ]
    for column, value in (
        (requests.c.unclassified_area, wanted.area),
        (requests.c.severity, wanted.severity),
        (requests.c.account_id, wanted.account_id),
        (requests.c.csm_id, wanted.csm_id),
    ):
        if value:
            clauses.append(column == value)
    return clauses


def _behind(after: WaitingPlace, arr: ColumnElement[float] | None) -> ColumnElement[bool]:
    at, key = requests.c.occurred_at, requests.c.id
    later = or_(at > after.occurred_at, and_(at == after.occurred_at, key > after.request_id))
    if arr is None:
        return later
    amount = literal(after.arr if after.arr is not None else _UNKNOWN, Float)
    return or_(arr < amount, and_(arr == amount, later))
