"""Counts of requests by consecutive spans of time, for what is told by quarter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, case, func, literal, select

from service.storage.tables import requests, taxonomy_items


@dataclass(frozen=True, slots=True)
class SpanCount:
    """What one CSM reported in one span: all their requests, and those on a live item.

    `span` is the place of the span, from 0.
    """

    span: int
    csm_id: str
    requests: int
    tagged: int


def by_csm(connection: Connection, boundaries: Sequence[datetime]) -> list[SpanCount]:
    """Requests of each span [boundaries[i], boundaries[i + 1]) by CSM, dismissed ones left out."""
    span = _span(boundaries)
    live = and_(taxonomy_items.c.theme_id == requests.c.theme_id, taxonomy_items.c.status == "live")
    statement = (
        select(
            span.label("span"),
            requests.c.csm_id,
            func.count().label("requests"),
            func.count(taxonomy_items.c.id).label("tagged"),
        )
        .select_from(requests.outerjoin(taxonomy_items, live))
        .where(
            requests.c.occurred_at >= boundaries[0],
            requests.c.occurred_at < boundaries[-1],
            requests.c.dismissed.is_(False),
        )
        .group_by(span, requests.c.csm_id)
    )
    return [SpanCount(*row) for row in connection.execute(statement)]


def _span(boundaries: Sequence[datetime]) -> ColumnElement[int]:
    ends = enumerate(boundaries[1:-1])
    before = [(requests.c.occurred_at < end, literal(place)) for place, end in ends]
    last: ColumnElement[int] = literal(len(boundaries) - 2)
    return case(*before, else_=last) if before else last
