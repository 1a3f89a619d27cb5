"""List themes, and show one with its members, lineage and decisions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from models.errors import InvalidInput
from models.theme import ThemeStatus
from service.flows.decisions.context import find_theme
from service.flows.pages import Page, decode_cursor, page_of
from service.flows.request_rows import request_rows
from service.flows.theme_rows import (
    DecisionRow,
    LineageRow,
    ThemeDetail,
    ThemeRow,
    theme_rows,
)
from service.masking import PUBLIC, Mask, Sight
from service.storage import decisions, requests, themes
from service.storage.engine import Store


def list_themes(
    store: Store,
    *,
    status: str | None = None,
    now: datetime,
    cursor: str = "",
    limit: int = 100,
    sight: Sight = PUBLIC,
) -> Page[ThemeRow]:
    """Themes by id; those that faded are found by id alone.

    Raises:
        InvalidInput: `unknown_status`, `bad_cursor`.
    """
    if status is not None and status not in tuple(ThemeStatus):
        raise InvalidInput(
            f"status must be one of {', '.join(ThemeStatus)}.",
            code="unknown_status",
            field="status",
        )
    place = decode_cursor(cursor, str)
    after = None if place is None else str(place[0])
    with store.read() as connection:
        records = themes.page(connection, status=status, after=after, limit=limit + 1)
        shown = theme_rows(connection, records[:limit], now=now, mask=sight.mask)
    last = (records[limit - 1].id,) if len(records) > limit else None
    return Page([*shown.values()], page_of(records, limit, last).next_cursor)


def get_theme(store: Store, theme_id: str, *, now: datetime, sight: Sight = PUBLIC) -> ThemeDetail:
    """One theme; an id that was merged away answers with the surviving theme and says so.

    Raises:
        NotFound: `unknown_theme`.
    """
    with store.read() as connection:
        asked = find_theme(connection, theme_id)
        theme = find_theme(connection, themes.survivor(connection, asked.id))
        row = theme_rows(connection, [theme], now=now, mask=sight.mask)[theme.id]
        members = requests.of_themes(connection, [theme.id])[theme.id]
        merged_from = themes.merged_from(connection, theme.id)
        return ThemeDetail(
            **row,
            asked_for=asked.id if asked.id != theme.id else None,
            merged_from=merged_from,
            members=request_rows(store, connection, members, sight),
            lineage=_lineage(connection, theme.id),
            decisions=_decisions(connection, [theme.id, *merged_from], sight.mask),
        )


def _lineage(connection: Connection, theme_id: str) -> list[LineageRow]:
    return [
        LineageRow(
            run_id=step.run_id,
            at=step.at,
            kind=step.kind,
            theme_id=step.theme_id,
            other_theme_id=step.other_theme_id,
            requests=step.requests,
        )
        for step in themes.lineage_of(connection, theme_id)
    ]


def _decisions(connection: Connection, theme_ids: list[str], mask: Mask) -> list[DecisionRow]:
    return [
        DecisionRow(
            id=decision.id,
            action=decision.action,
            payload=mask.inside(decision.payload),
            actor=decision.actor,
            reason=mask.inside(decision.reason),
            made_at=decision.made_at,
            undone_at=decision.undone_at,
            undone_by=decision.undone_by,
        )
        for decision in decisions.of_themes(connection, theme_ids)
    ]
