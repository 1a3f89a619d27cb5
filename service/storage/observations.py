"""Structured pre-reads as stored. What counts of each is its one row among the requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select

from models.window import Window
from service.storage.batches import in_batches
from service.storage.tables import observations, requests


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObservation:
    """A pre-read without its words: those are with its request.

    `content_key` is a digest of all it said; `idempotency_key` is what makes a repeat one.
    """

    id: str
    idempotency_key: str | None
    external_id: str | None
    content_key: str
    accounts_count: int
    feature_area: str
    customer_need: str
    received_at: datetime
    received_from: str


@dataclass(frozen=True, slots=True)
class ObservedWords:
    """A pre-read's words, '' where it has none, and the request that it stands for."""

    observation_id: str
    request_id: str
    text: str
    vector_key: str


@dataclass(frozen=True, slots=True)
class PreRead:
    """A pre-read as it is brought to the sync; `verbatim` is '' where it has none."""

    id: str
    csm_id: str
    occurred_at: datetime
    feature_area: str
    customer_need: str
    severity: str
    accounts_count: int
    verbatim: str


def add(
    connection: Connection, observation: StoredObservation, *, request: Mapping[str, Any]
) -> None:
    """Store a new pre-read and the request it stands for, tagged by a person.

    `request` holds the columns of its row that are the observation's own.
    """
    values = {name: getattr(observation, name) for name in StoredObservation.__slots__}
    connection.execute(insert(observations).values(values))
    tagged = {"origin": "observation", "assigned_by": "person", "severity_by": "person"}
    span = {"start": 0, "end": len(request["text"]), "confidence": 1.0}
    row = {**request, **tagged, **span, "observation_id": observation.id}
    connection.execute(insert(requests).values(row))


def by_key(connection: Connection, idempotency_key: str) -> StoredObservation | None:
    """The pre-read that came under this key."""
    row = connection.execute(
        select(observations).where(observations.c.idempotency_key == idempotency_key)
    ).first()
    return None if row is None else StoredObservation(**row._mapping)


def in_window(connection: Connection, window: Window) -> list[PreRead]:
    """The pre-reads of a span of time, dismissed ones left out, in no order."""
    statement = (
        select(
            observations.c.id,
            requests.c.csm_id,
            requests.c.occurred_at,
            observations.c.feature_area,
            observations.c.customer_need,
            requests.c.severity,
            observations.c.accounts_count,
            requests.c.text,
        )
        .join(requests, requests.c.observation_id == observations.c.id)
        .where(
            requests.c.occurred_at >= window.start,
            requests.c.occurred_at < window.end,
            requests.c.dismissed.is_(False),
        )
    )
    return [PreRead(*row) for row in connection.execute(statement)]


def of_account(connection: Connection, account_id: str, *, limit: int) -> list[ObservedWords]:
    """Up to `limit` pre-reads on this account, by id."""
    return _words(connection, requests.c.account_id == account_id, limit)


def older_than(connection: Connection, moment: datetime, *, limit: int) -> list[ObservedWords]:
    """Up to `limit` pre-reads of before this moment, by id."""
    return _words(connection, requests.c.occurred_at < moment, limit)


def count_older_than(connection: Connection, moment: datetime) -> int:
    """How many pre-reads are of before this moment."""
    old = (requests.c.observation_id.is_not(None), requests.c.occurred_at < moment)
    return connection.scalar(select(func.count()).select_from(requests).where(*old)) or 0


def remove(connection: Connection, observation_ids: Sequence[str]) -> None:
    """Delete pre-reads; their requests go with them."""
    for batch in in_batches(sorted(observation_ids)):
        connection.execute(delete(observations).where(observations.c.id.in_(batch)))


def _words(connection: Connection, which: ColumnElement[bool], limit: int) -> list[ObservedWords]:
    columns = ("observation_id", "id", "text", "vector_key")
    wanted = select(*(requests.c[name] for name in columns)).where(
        requests.c.observation_id.is_not(None), which
    )
    rows = connection.execute(wanted.order_by(requests.c.observation_id).limit(limit))
    return [ObservedWords(*row) for row in rows]
