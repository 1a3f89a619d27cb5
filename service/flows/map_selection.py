"""Requests that somebody points at: one in short, or many with the themes that they are on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from models.errors import NotFound
from service.flows.decisions.context import etag_of
from service.masking import Sight
from service.storage import map_points, requests, themes
from service.storage.accounts import ACCOUNTS
from service.storage.engine import Store
from service.storage.requests import RequestRecord


@dataclass(frozen=True, slots=True)
class Glance:
    """One request as one caller may see it. `theme` is the label of the theme it is on."""

    request_id: str
    text: str
    severity: str
    occurred_at: datetime
    account: str | None
    theme_id: str | None
    theme: str | None


@dataclass(frozen=True, slots=True)
class Part:
    """Those of a selection that are on one theme, or on none (`theme_id` None).

    `whole` says whether they are all that is on it, in whatever quarter; `quotes` are the
    first few.
    """

    theme_id: str | None
    label: str
    status: str
    etag: str
    whole: bool
    request_ids: list[str]
    quotes: list[str]


def glance(store: Store, request_id: str, sight: Sight) -> Glance:
    """One request in short.

    Raises:
        NotFound: `unknown_request`.
    """
    with store.read() as connection:
        record = requests.get_many(connection, [request_id]).get(request_id)
        if record is None:
            raise NotFound("No request has this id.", code="unknown_request", field="id")
        account_id = record.account_id
        known = ACCOUNTS.find(connection, [account_id] if account_id else [])
        theme = themes.get(connection, record.theme_id) if record.theme_id else None
    account = known[account_id].value.name if account_id in known else None
    return Glance(
        request_id=record.id,
        text=sight.request_text(record.text, record.csm_id),
        severity=record.severity,
        occurred_at=record.occurred_at,
        account=account or account_id,
        theme_id=None if theme is None else theme.id,
        theme=None if theme is None else theme.label,
    )


def selection(store: Store, request_ids: Sequence[str], sight: Sight, *, quotes: int) -> list[Part]:
    """The parts of a selection, the largest first; what is gone or dismissed is left out."""
    with store.read() as connection:
        found = requests.get_many(connection, request_ids)
        by_theme: dict[str | None, list[RequestRecord]] = {}
        for request_id in sorted(found):
            if not found[request_id].dismissed:
                by_theme.setdefault(found[request_id].theme_id, []).append(found[request_id])
        on = [theme_id for theme_id in by_theme if theme_id is not None]
        records = themes.get_many(connection, on)
        sizes = map_points.sizes(connection, on)
    parts = []
    for theme_id, chosen in by_theme.items():
        theme = records.get(theme_id) if theme_id is not None else None
        parts.append(
            Part(
                theme_id=theme_id,
                label=theme.label if theme else "",
                status=theme.status if theme else "",
                etag=etag_of(theme) if theme else "",
                whole=theme_id is not None and sizes[theme_id] == len(chosen),
                request_ids=[record.id for record in chosen],
                quotes=[sight.request_text(r.text, r.csm_id) for r in chosen[:quotes]],
            )
        )
    return sorted(parts, key=lambda part: (-len(part.request_ids), part.label, part.theme_id or ""))
