"""How many accounts each theme was heard from, month by month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from models.window import Calendar, Month
from service.flows.kept_by_theme import KeptByTheme
from service.storage import mentions
from service.storage.engine import Store

# A year's quarters, twice over.
_HISTORIES: KeptByTheme[Sequence[int]] = KeptByTheme(most=8)


def month_history(
    store: Store, connection: Connection, months: Sequence[Month], *, calendar: Calendar
) -> Mapping[str, Sequence[int]]:
    """Theme -> its distinct accounts in each of these consecutive months; in one query.

    After a write only the themes that it touched are counted anew. A theme that
    nobody spoke of is not in it.
    """
    return _HISTORIES.get(
        store,
        connection,
        (tuple(months), calendar),
        lambda theme_ids: mentions.accounts_by_window(
            connection, [calendar.window(month) for month in months], theme_ids
        ),
    )
