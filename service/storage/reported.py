"""What one CSM reported, whatever became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select

from service.storage.requests import Position, RequestRecord, record, records
from service.storage.tables import decisions, requests, themes

_delivery = func.coalesce(themes.c.delivery["state"].as_string(), "open")
# As `models.loop.loop_state` tells it.
_state = case(
    (requests.c.dismissed, "dismissed"),
    (requests.c.theme_id.is_(None), "waiting"),
    (_delivery != "open", _delivery),
    (themes.c.status == "proposed", "proposed"),
    else_="open",
)


@dataclass(frozen=True, slots=True)
class Reporter:
    """How much a CSM has reported, and when last."""

    requests: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """A decision that stands, without what it replaced."""

    theme_id: str | None
    action: str
    payload: Mapping[str, Any]
    reason: str | None
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Touched:
    """Requests by their own ids, and all those on some themes."""

    request_ids: frozenset[str]
    theme_ids: frozenset[str]

    def clause(self) -> ColumnElement[bool]:
        """Whether a row of `requests` is one of these."""
        return or_(
            requests.c.id.in_(sorted(self.request_ids)),
            requests.c.theme_id.in_(sorted(self.theme_ids)),
        )


def page(
    connection: Connection,
    csm_id: str,
    *,
    state: str | None,
    touched: Touched | None,
    after: Position | None,
    limit: int,
) -> list[RequestRecord]:
    """The CSM's requests, newest first, dismissed ones too.

    Of one state, or only those touched, if given.
    """
    statement = (
        records()
        .outerjoin(themes, themes.c.id == requests.c.theme_id)
        .where(requests.c.csm_id == csm_id)
        .order_by(requests.c.occurred_at.desc(), requests.c.id)
        .limit(limit)
    )
    if state is not None:
        statement = statement.where(_state == state)
    if touched is not None:
        statement = statement.where(touched.clause())
    if after is not None:
        same_time = requests.c.occurred_at == after.occurred_at
        earlier = requests.c.occurred_at < after.occurred_at
        statement = statement.where(or_(earlier, and_(same_time, requests.c.id > after.request_id)))
    return [record(row) for row in connection.execute(statement)]


def tally(connection: Connection, csm_id: str) -> dict[str, int]:
    """How many of the CSM's requests are in each state."""
    statement = (
        select(_state, func.count())
        .select_from(requests.outerjoin(themes, themes.c.id == requests.c.theme_id))
        .where(requests.c.csm_id == csm_id)
        .group_by(_state)
    )
    return {row[0]: row[1] for row in connection.execute(statement)}


def count_touched(connection: Connection, csm_id: str, touched: Touched) -> int:
    """How many of the CSM's requests are among these."""
    statement = select(func.count()).select_from(requests)
    return connection.scalar(statement.where(requests.c.csm_id == csm_id, touched.clause())) or 0


def reporters(connection: Connection) -> dict[str, Reporter]:
    """How much each CSM has reported."""
    statement = select(requests.c.csm_id, func.count(), func.max(requests.c.occurred_at)).group_by(
        requests.c.csm_id
    )
    return {row[0]: Reporter(row[1], row[2]) for row in connection.execute(statement)}


def delivered_at(connection: Connection) -> dict[str, datetime]:
    """When product last said something of each theme that it said anything of."""
    statement = (
        select(decisions.c.theme_id, func.max(decisions.c.made_at))
        .where(decisions.c.action == "deliver", decisions.c.undone_at.is_(None))
        .group_by(decisions.c.theme_id)
    )
    return {row[0]: row[1] for row in connection.execute(statement)}


def changes_since(connection: Connection, moment: datetime) -> list[Change]:
    """Decisions made since then that stand, newest first."""
    names = ("theme_id", "action", "payload", "reason", "made_at")
    statement = (
        select(*(decisions.c[name] for name in names))
        .where(decisions.c.made_at >= moment, decisions.c.undone_at.is_(None))
        .order_by(decisions.c.seq.desc())
    )
    return [Change(*row) for row in connection.execute(statement)]
