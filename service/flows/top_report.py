"""`GET /reports/top`: the five themes of a week or a month."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TypedDict

from sqlalchemy import Connection

from models.evidence import Mention, Standings
from models.heard import TOP, Heard, by_accounts, heard_in
from models.policy import Policy
from models.signal import ThemeFacts
from models.window import Calendar, Month, Week, Window, parse_month, parse_week
from service.flows.boards import facts_of
from service.masking import Mask
from service.storage import mentions, themes
from service.storage.accounts import load_portfolio
from service.storage.engine import Store


class HeardRow(TypedDict):
    """A theme and what it weighs in the period."""

    theme_id: str
    label: str
    feature_area: str | None
    customer_need: str | None
    status: str
    accounts: int
    csms: int
    requests: int
    arr: Decimal
    arr_unknown_accounts: int
    at_risk_accounts: int
    severity: str


class TopReport(TypedDict):
    """At most five themes, by distinct accounts, then ARR, then name."""

    period: str
    first_day: date
    last_day: date
    as_of: date
    data: list[HeardRow]


def top_report(
    store: Store, period: str, *, today: date, calendar: Calendar, policy: Policy, mask: Mask
) -> TopReport:
    """The top themes of a week ('2026-W37') or a month ('2026-09').

    Raises:
        InvalidInput: `unknown_month`, `unknown_week`.
    """
    asked: Week | Month = (
        parse_week(period, "period") if "W" in period else parse_month(period, "period")
    )
    first, last = calendar.days(asked)
    as_of = min(today, last)
    with store.read() as connection:
        heard = heard_of(connection, calendar.window(asked), as_of, policy, mask)
    return TopReport(
        period=str(asked),
        first_day=first,
        last_day=last,
        as_of=as_of,
        data=[heard_row(one) for one in by_accounts(heard)[:TOP]],
    )


def heard_of(
    connection: Connection, window: Window, as_of: date, policy: Policy, mask: Mask
) -> list[Heard]:
    """What was heard of each theme in the window."""
    said = mentions.in_window(connection, window)
    facts: dict[str, ThemeFacts] = {
        theme_id: replace(facts_of(record), label=mask(record.label))
        for theme_id, record in themes.get_many(
            connection, {mention.theme_id for mention in said}
        ).items()
    }
    by_theme: dict[str, list[Mention]] = {}
    for mention in said:
        by_theme.setdefault(mention.theme_id, []).append(mention)
    portfolio = load_portfolio(connection)
    return heard_in(by_theme, window, facts, Standings(portfolio, as_of, policy.renewal_days))


def heard_row(one: Heard) -> HeardRow:
    """A theme as the reports list it."""
    theme, evidence = one.theme, one.evidence
    return HeardRow(
        theme_id=theme.theme_id,
        label=theme.label,
        feature_area=theme.feature_area,
        customer_need=theme.customer_need,
        status=theme.status.value,
        accounts=one.accounts,
        csms=one.csms,
        requests=evidence.requests,
        arr=evidence.arr,
        arr_unknown_accounts=len(evidence.arr_unknown),
        at_risk_accounts=len(evidence.at_risk),
        severity=evidence.severity.value if evidence.severity else "",
    )
