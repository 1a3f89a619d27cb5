"""What one theme weighs over all time, and by month: as `theme_rows` says it, from counts alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Connection

from models.severity import Severity
from models.window import Calendar, Month
from service.flows.kept import Kept
from service.storage import theme_members
from service.storage.accounts import ACCOUNTS
from service.storage.engine import Store
from service.storage.theme_members import Counted
from service.storage.themes import ThemeRecord

_WORST_FIRST = [severity.value for severity in Severity]


@dataclass(frozen=True, slots=True)
class MonthCount:
    """What was heard in one calendar month: requests, and the distinct accounts behind them."""

    month: str
    requests: int
    accounts: int


@dataclass(frozen=True, slots=True)
class ThemeFigures:
    """Independent reports, the distinct accounts and CSMs behind them, and their known ARR.

    `severities` counts reports by the worst that they state.
    """

    requests: int
    accounts: int
    csms: int
    arr: Decimal
    severities: Mapping[str, int]
    months: Sequence[MonthCount]


# As many themes as a few people look at between two writes.
_KEPT: Kept[ThemeFigures] = Kept(32)


def theme_figures(
    store: Store,
    connection: Connection,
    theme: ThemeRecord,
    calendar: Calendar,
    months: Sequence[Month] = (),
) -> ThemeFigures:
    """The figures of one theme, and its counts in these consecutive months, in two queries."""
    asked = (theme.id, calendar, tuple(months))
    return _KEPT.get(
        store, connection, asked, lambda: _counted(connection, theme, calendar, months)
    )


def _counted(
    connection: Connection, theme: ThemeRecord, calendar: Calendar, months: Sequence[Month]
) -> ThemeFigures:
    windows = [calendar.window(month) for month in months]
    rows = theme_members.counted(connection, theme, windows)
    severities, csms = _reports(rows)
    accounts = {account for account, *_ in rows if account is not None}
    known = [account.value.arr for account in ACCOUNTS.find(connection, accounts).values()]
    return ThemeFigures(
        requests=sum(severities.values()),
        accounts=len(accounts),
        csms=len(csms),
        arr=sum((arr for arr in known if arr is not None), Decimal(0)),
        severities=severities,
        months=_by_month(rows, months),
    )


def _reports(rows: Iterable[Counted]) -> tuple[dict[str, int], set[str]]:
    """Reports by severity, and the CSMs they are credited to: `models.evidence.independent`."""
    worst: list[int] = []
    csms: set[str] = set()
    place: dict[tuple[str, str], int] = {}
    rank = {name: number for number, name in enumerate(_WORST_FIRST)}
    for account, csm, severity, text_key, _ in rows:
        stated = rank[severity]
        if account is not None and text_key:
            first = place.setdefault((account, text_key), len(worst))
            if first < len(worst):
                worst[first] = min(worst[first], stated)
                continue
        worst.append(stated)
        csms.add(csm)
    return {name: worst.count(number) for number, name in enumerate(_WORST_FIRST)}, csms


def _by_month(rows: Iterable[Counted], months: Sequence[Month]) -> list[MonthCount]:
    counts = [0] * len(months)
    accounts: list[set[str]] = [set() for _ in months]
    for account, _, _, _, number in rows:
        if number >= 0:
            counts[number] += 1
            if account is not None:
                accounts[number].add(account)
    return [
        MonthCount(str(month), count, len(heard))
        for month, count, heard in zip(months, counts, accounts, strict=True)
    ]
