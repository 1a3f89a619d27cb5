"""Bodies as callers send them, valid unless a keyword says otherwise."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

NOW = datetime(2026, 9, 30, 12, 0, tzinfo=UTC)


def raw_note(number: int = 1, **changes: Any) -> dict[str, Any]:
    """The body of POST /notes; a changed field set to None is left out."""
    body = {
        "source": "manual",
        "external_id": f"n-{number}",
        "account_id": "a-1",
        "csm_id": "c-1",
        "occurred_at": "2026-07-03T09:30:00Z",
        "text": f"They need to export everything at once, ticket {number}.",
    } | changes
    return {name: value for name, value in body.items() if value is not None}


def raw_item(
    feature_area: str = "Reporting", customer_need: str = "Bulk export", **changes: Any
) -> dict[str, Any]:
    """One row of PUT /taxonomy."""
    pair = {"feature_area": feature_area, "customer_need": customer_need}
    return pair | {"description": "Get many rows out in one go."} | changes


def raw_observation(**changes: Any) -> dict[str, Any]:
    """The body of POST /observations, on the item of `raw_item`."""
    return {
        "csm_id": "c-1",
        "account_id": "a-1",
        "occurred_at": "2026-07-03T09:30:00Z",
        "feature_area": "Reporting",
        "customer_need": "Bulk export",
        "severity": "degraded",
        "accounts_count": 3,
        "verbatim": "We copy rows by hand every Friday.",
    } | changes


def lines_of(*bodies: Any) -> list[tuple[int, Any]]:
    """The bodies as a batch, lines counted from 1."""
    return list(enumerate(bodies, start=1))
