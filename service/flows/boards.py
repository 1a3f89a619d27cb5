"""A quarter's board: every theme with a request in it, judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from models.account import Portfolio
from models.evidence import Mention
from models.policy import Policy
from models.signal import Board, BoardBuilder, ThemeFacts, Weighed, evidence_window
from models.theme import Delivery, ThemeStatus
from models.window import Calendar, Quarter, Window
from service.flows.kept import Kept
from service.flows.kept_by_theme import KeptByTheme
from service.storage import mentions, themes, touched
from service.storage.accounts import load_portfolio
from service.storage.engine import Store
from service.storage.themes import ThemeRecord


@dataclass(frozen=True, slots=True)
class Judging:
    """Which quarter is judged, by what, as of which day."""

    quarter: Quarter
    as_of: date
    policy: Policy


# A year's quarters under both policies; one of 570 themes and 1,900 accounts takes 6 MB.
_BOARDS: Kept[Board] = Kept(most=8)
_WEIGHED: KeptByTheme[Weighed] = KeptByTheme(most=8)
# A year's quarters; one of 16,000 mentions takes 4 MB.
_MENTIONS: KeptByTheme[list[Mention]] = KeptByTheme(most=4)
_FACTS: KeptByTheme[ThemeFacts] = KeptByTheme(most=1)
_PORTFOLIOS: Kept[Portfolio] = Kept(most=1, version=touched.portfolio_version)


def kept_board(
    store: Store, connection: Connection, judging: Judging, *, calendar: Calendar
) -> Board:
    """Every theme with a request in the quarter, judged; nothing filtered.

    Worked out once for each state of the store; after a write only what it touched is.
    """
    return _BOARDS.get(
        store,
        connection,
        (judging, calendar),
        lambda: _board(store, connection, judging, calendar),
    )


def kept_mentions(
    store: Store, connection: Connection, window: Window
) -> Mapping[str, list[Mention]]:
    """Theme -> its requests in the window, dismissed ones left out, in no order; of themes of
    whatever status."""
    return _MENTIONS.get(
        store,
        connection,
        window,
        lambda theme_ids: mentions.by_theme(connection, window, theme_ids),
    )


def kept_portfolio(store: Store, connection: Connection) -> Portfolio:
    """Every account and CSM on record, read once for each state of them."""
    return _PORTFOLIOS.get(store, connection, None, lambda: load_portfolio(connection))


def kept_facts(store: Store, connection: Connection) -> Mapping[str, ThemeFacts]:
    """What a signal shows of each theme that weighs: it is open, and somebody asked for it."""

    def look_up(theme_ids: frozenset[str] | None) -> dict[str, ThemeFacts]:
        firsts = mentions.first_reported(connection, theme_ids)
        records = themes.get_many(connection, firsts).values()
        return {
            record.id: facts_of(record, firsts[record.id])
            for record in records
            if record.is_open and record.faded_at is None
        }

    return _FACTS.get(store, connection, None, look_up)


def _board(store: Store, connection: Connection, judging: Judging, calendar: Calendar) -> Board:
    said = kept_mentions(store, connection, evidence_window(calendar, judging.quarter))
    builder = BoardBuilder(
        kept_portfolio(store, connection),
        calendar,
        judging.quarter,
        judging.as_of,
        judging.policy,
    )

    def weigh(theme_ids: frozenset[str] | None) -> dict[str, Weighed]:
        among = said.keys() if theme_ids is None else said.keys() & theme_ids
        weighed = {theme_id: builder.weigh(said[theme_id]) for theme_id in among}
        return {theme_id: theme for theme_id, theme in weighed.items() if theme}

    asked = (judging, calendar, touched.portfolio_version(connection))
    weighed = _WEIGHED.get(store, connection, asked, weigh)
    return builder.board(kept_facts(store, connection), weighed)


def facts_of(record: ThemeRecord, first_reported_at: datetime | None = None) -> ThemeFacts:
    """A stored theme as a signal shows it; a live item's names are there once it is accepted."""
    return ThemeFacts(
        theme_id=record.id,
        label=record.label,
        status=ThemeStatus(record.status),
        feature_area=record.feature_area,
        customer_need=record.customer_need,
        delivery=Delivery.from_dict(record.delivery),
        first_reported_at=first_reported_at,
    )
