"""Structured pre-reads as stored. What counts of each is its one row among the requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

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
