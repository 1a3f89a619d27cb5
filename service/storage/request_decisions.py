"""Which decisions stand on single requests, and on the themes that hold them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, String, cast, or_, select

from service.storage.decisions import DecisionRecord
from service.storage.tables import decisions


def on_requests(
    connection: Connection, request_ids: Collection[str]
) -> dict[str, list[DecisionRecord]]:
    """Request -> the decisions that name it and stand, oldest first."""
    found: dict[str, list[DecisionRecord]] = {request_id: [] for request_id in request_ids}
    if not found:
        return found
    payload = cast(decisions.c.payload, String)
    named = or_(*(payload.contains(request_id, autoescape=True) for request_id in found))
    rows = connection.execute(
        select(decisions).where(decisions.c.undone_at.is_(None), named).order_by(decisions.c.seq)
    )
    for row in rows:
        decision = DecisionRecord(**row._mapping)
        for request_id in _named_by(decision.payload):
            if request_id in found:
                found[request_id].append(decision)
    return found


def on_themes(
    connection: Connection, theme_ids: Collection[str]
) -> dict[str, list[DecisionRecord]]:
    """Theme -> the decisions on it that stand, oldest first."""
    found: dict[str, list[DecisionRecord]] = {theme_id: [] for theme_id in theme_ids}
    if found:
        rows = connection.execute(
            select(decisions)
            .where(decisions.c.undone_at.is_(None), decisions.c.theme_id.in_(found))
            .order_by(decisions.c.seq)
        )
        for row in rows:
            found[row.theme_id].append(DecisionRecord(**row._mapping))
    return found


def _named_by(payload: Mapping[str, Any]) -> set[str]:
    return {*payload.get("requests", ()), payload.get("request")} - {None}
