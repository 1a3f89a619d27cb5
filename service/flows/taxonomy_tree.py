"""The taxonomy as a tree: every item with what was heard of it in a quarter."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TypedDict

from sqlalchemy import Connection

from models.errors import NotFound
from models.evidence import Evidence, SeverityCount, Standings, independent, weigh_reports
from models.policy import Level, judge_by, lines
from models.severity import Severity
from models.signal import Board
from models.taxonomy import ItemStatus
from models.window import Calendar
from service.flows.boards import Judging, kept_board
from service.flows.decide_item import item_etag
from service.flows.decisions.context import etag_of
from service.flows.signal_rows import SeverityRow
from service.flows.signals import SignalQuery, judging_of
from service.storage import mentions, taxonomy_items, themes
from service.storage.accounts import load_portfolio
from service.storage.engine import Store
from service.storage.taxonomy_items import StoredItem


class ItemRow(TypedDict):
    """One item. `level` is None where nothing was heard of it in the quarter."""

    id: str
    feature_area: str
    customer_need: str
    description: str
    examples: list[str]
    status: str
    theme_id: str | None
    level: str | None
    requests: int
    accounts: int
    arr: Decimal
    severities: dict[str, SeverityRow]


class TreeAnswer(TypedDict):
    """All items by area, then need."""

    quarter: str
    as_of: date
    policy: str
    items: list[ItemRow]


class ItemDetail(ItemRow):
    """One item with who made it, and the tag that a decision on it is made on."""

    etag: str
    created_by: str
    created_at: datetime


class ItemAnswer(TypedDict):
    """One item in a quarter."""

    quarter: str
    as_of: date
    policy: str
    item: ItemDetail


def taxonomy_tree(
    store: Store, query: SignalQuery, *, today: date, calendar: Calendar
) -> TreeAnswer:
    """Every item, proposed and retired ones too, with its figures as the board has them.

    Raises:
        InvalidInput: `unknown_quarter`.
    """
    judging = judging_of(query, today=today, calendar=calendar)
    with store.read() as connection:
        items = taxonomy_items.every(connection)
        heard = _heard(kept_board(store, connection, judging, calendar=calendar))
    return TreeAnswer(
        quarter=str(judging.quarter),
        as_of=judging.as_of,
        policy=judging.policy.name,
        items=[_row(item, heard.get(_live_theme(item))) for item in items],
    )


def taxonomy_item(
    store: Store, item_id: str, query: SignalQuery, *, today: date, calendar: Calendar
) -> ItemAnswer:
    """One item in a quarter.

    Raises:
        NotFound: `unknown_item`.
        InvalidInput: `unknown_quarter`.
    """
    judging = judging_of(query, today=today, calendar=calendar)
    with store.read() as connection:
        item = taxonomy_items.find(connection, [item_id]).get(item_id)
        if item is None:
            raise NotFound("No item of the taxonomy has this id.", code="unknown_item")
        live = item.status is ItemStatus.LIVE and item.theme_id is not None
        theme = themes.get(connection, item.theme_id or "") if live else None
        found = _weighed(connection, theme.id, judging, calendar) if theme else None
        born_at, born_by = taxonomy_items.origin(connection, item_id)
    return ItemAnswer(
        quarter=str(judging.quarter),
        as_of=judging.as_of,
        policy=judging.policy.name,
        item=ItemDetail(
            **_row(item, found),
            etag=item_etag(item) if theme is None else etag_of(theme),
            created_by=born_by,
            created_at=born_at,
        ),
    )


def live_areas(store: Store) -> list[str]:
    """The areas of the live items, each once, sorted."""
    with store.read() as connection:
        return sorted({item.feature_area for item in themes.live_items(connection)})


def _weighed(
    connection: Connection, theme_id: str, judging: Judging, calendar: Calendar
) -> _Heard | None:
    """One theme as the board of the quarter has it, without the others."""
    said = mentions.of_theme(connection, theme_id, calendar.window(judging.quarter))
    if not said:
        return None
    portfolio = load_portfolio(connection)
    standings = Standings(portfolio, judging.as_of, judging.policy.renewal_days)
    evidence = weigh_reports(independent(said), standings)
    return evidence, judge_by(evidence, lines(judging.policy, portfolio)).level


def _heard(board: Board) -> dict[str, _Heard]:
    return {one.theme.theme_id: (one.evidence, one.level) for one in board.signals}


def _live_theme(stored: StoredItem) -> str:
    """The theme of a live item; a retired one's last theme says nothing of it any more."""
    return stored.theme_id or "" if stored.status is ItemStatus.LIVE else ""


def _row(stored: StoredItem, heard: _Heard | None) -> ItemRow:
    found, level = heard or (None, None)
    return ItemRow(
        id=stored.id,
        feature_area=stored.item.feature_area,
        customer_need=stored.item.customer_need,
        description=stored.item.description,
        examples=list(stored.item.examples),
        status=stored.status.value,
        theme_id=stored.theme_id,
        level=level.value if level else None,
        requests=found.requests if found else 0,
        accounts=len(found.accounts) if found else 0,
        arr=found.arr if found else Decimal(0),
        severities={
            severity.value: SeverityRow(requests=count.requests, accounts=count.accounts)
            for severity, count in (found.severities if found else _NOTHING).items()
        },
    )


_Heard = tuple[Evidence, Level]
_NOTHING = {severity: SeverityCount(0, 0) for severity in Severity}
