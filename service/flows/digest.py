"""`GET /digests/{month}`: the month's digest, with its sentences."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, TypedDict

from sqlalchemy import Connection

from models import digest_words as words
from models.account import Portfolio
from models.digest import Digest, DigestTheme, Ended, build_digest, digest_window
from models.evidence import Standings
from models.heard import Heard
from models.policy import Policy
from models.severity import Severity
from models.signal import ThemeFacts
from models.window import Calendar, Month, parse_month
from service.flows.boards import facts_of, kept_facts, kept_mentions, kept_portfolio
from service.flows.kept import Kept
from service.flows.signal_rows import share_figure
from service.masking import Mask
from service.rendering import plain_record
from service.storage import issued_digests, quotes, reported, themes
from service.storage.engine import Store
from service.storage.issued_digests import IssuedDigest
from service.storage.quotes import Quotable

# What reads well in a message: neither a word nor half a page.
_READABLE = range(30, 281)


class QuoteRow(TypedDict):
    """One customer's words, masked, without their name."""

    text: str
    severity: str
    segment: str | None
    request_id: str
    note_id: str | None
    observation_id: str | None


class TopThemeRow(TypedDict):
    """One of the top themes; `accounts_before` are those of the month before."""

    rank: int
    theme_id: str
    label: str
    feature_area: str | None
    customer_need: str | None
    status: str
    level: str
    suggested_priority: str
    accounts: int
    accounts_before: int
    trend: str
    arr: Decimal
    arr_share: float | None
    arr_unknown_accounts: int
    at_risk_accounts: int
    csms: int
    severity: str
    summary: str
    quote: QuoteRow | None


class NewSignalRow(TypedDict):
    """A theme in its first month ever."""

    theme_id: str
    label: str
    accounts: int
    arr: Decimal
    sentence: str


class EndedRow(TypedDict):
    """A theme that was resolved or closed; `reason` is shipped, closed or no_longer_reported."""

    theme_id: str
    label: str
    reason: str
    on: date | None
    sentence: str


class ActionRow(TypedDict):
    """What is asked of product: acknowledge or prioritise, by when."""

    action: str
    due: date
    text: str


class DigestAnswer(TypedDict):
    """The digest of a month; `complete` where the month is over."""

    month: str
    title: str
    as_of: date
    policy: str
    complete: bool
    summary: str
    top_themes: list[TopThemeRow]
    new_signals: list[NewSignalRow]
    resolved: list[EndedRow]
    actions: list[ActionRow]


def digest(
    store: Store, month: str, *, today: date, calendar: Calendar, policy: Policy, mask: Mask
) -> dict[str, Any]:
    """The digest of this month, as plain JSON: as it was issued, or would be today.

    It says when and by whom it was issued, and what product answered; null while that is not.

    Raises:
        InvalidInput: `unknown_month`.
    """
    asked = parse_month(month)
    with store.read() as connection:
        issued = issued_digests.get(connection, str(asked))
        if issued is not None:
            return told(issued, mask)
        drafted = _DRAFTS.get(
            store,
            connection,
            (asked, today, calendar, policy, mask),
            lambda: digest_in(
                store, connection, asked, today=today, calendar=calendar, policy=policy, mask=mask
            ),
        )
    return {**plain_record(drafted), "issued_at": None, "issued_by": None, "acknowledgement": None}


def told(issued: IssuedDigest, mask: Mask) -> dict[str, Any]:
    """A digest as it was issued, with product's answer, as plain JSON."""
    answered = {
        "by": issued.acknowledged_by,
        "assessment": issued.assessment,
        "at": issued.acknowledged_at,
    }
    # Masked when it was issued; more may be hidden since.
    themes_told = [
        {
            **theme,
            "quote": theme["quote"] and {**theme["quote"], "text": mask(theme["quote"]["text"])},
        }
        for theme in issued.content["top_themes"]
    ]
    whole = {
        **issued.content,
        "top_themes": themes_told,
        "issued_at": issued.issued_at,
        "issued_by": issued.issued_by,
        "acknowledgement": answered if issued.acknowledged_at else None,
    }
    return plain_record(whole)


_DRAFTS: Kept[DigestAnswer] = Kept(most=4)


def digest_in(
    store: Store,
    connection: Connection,
    month: Month,
    *,
    today: date,
    calendar: Calendar,
    policy: Policy,
    mask: Mask,
) -> DigestAnswer:
    """The digest as it would be issued today, in the caller's snapshot."""
    portfolio = kept_portfolio(store, connection)
    said = kept_mentions(store, connection, digest_window(calendar, month))
    delivered = reported.delivered_at(connection)
    facts = _facts(store, connection, delivered.keys(), mask)
    built = build_digest(
        [mention for theme_id in sorted(said.keys() & facts.keys()) for mention in said[theme_id]],
        facts,
        delivered,
        Standings(portfolio, min(today, month.last_day), policy.renewal_days),
        month=month,
        calendar=calendar,
        policy=policy,
        today=today,
    )
    top = [theme.heard.theme.theme_id for theme in built.top]
    found = quotes.of_themes(connection, top, calendar.window(month)) if top else []
    chosen = _chosen(found, portfolio)
    return _answer(built, policy, chosen, portfolio, mask)


def _facts(
    store: Store, connection: Connection, delivered: Collection[str], mask: Mask
) -> dict[str, ThemeFacts]:
    """What a digest can tell of: what weighs, and what was delivered though nobody asks for it."""
    known = kept_facts(store, connection)
    others = themes.get_many(connection, delivered - known.keys())
    facts = {key: facts_of(record) for key, record in others.items() if record.is_open}
    return {key: replace(one, label=mask(one.label)) for key, one in {**known, **facts}.items()}


def _chosen(found: Sequence[Quotable], portfolio: Portfolio) -> dict[str, Quotable]:
    """For each theme the quote that says most: readable, severe, of a large account."""

    def order(quote: Quotable) -> tuple[object, ...]:
        account = portfolio.accounts.get(quote.account_id or "")
        arr = account.arr if account and account.arr is not None else Decimal(0)
        readable = len(quote.text) in _READABLE
        rank = Severity(quote.severity).rank
        return (not readable, rank, -arr, quote.occurred_at, quote.request_id)

    best: dict[str, Quotable] = {}
    for quote in sorted(found, key=order):
        best.setdefault(quote.theme_id, quote)
    return best


def _answer(
    built: Digest,
    policy: Policy,
    chosen: Mapping[str, Quotable],
    portfolio: Portfolio,
    mask: Mask,
) -> DigestAnswer:
    return DigestAnswer(
        month=str(built.month),
        title=f"Customer signals, {words.month_in_words(built.month)}",
        as_of=built.as_of,
        policy=policy.name,
        complete=built.complete,
        summary=words.opening(built),
        top_themes=[
            _top_row(
                rank,
                theme,
                built.month,
                _quote_row(chosen.get(theme.heard.theme.theme_id), portfolio, mask),
            )
            for rank, theme in enumerate(built.top, start=1)
        ],
        new_signals=[_new_row(heard) for heard in built.new],
        resolved=[_ended_row(ended, built.month) for ended in built.ended],
        actions=_actions(built),
    )


def _top_row(rank: int, theme: DigestTheme, month: Month, quote: QuoteRow | None) -> TopThemeRow:
    facts, evidence = theme.heard.theme, theme.heard.evidence
    return TopThemeRow(
        rank=rank,
        theme_id=facts.theme_id,
        label=facts.label,
        feature_area=facts.feature_area,
        customer_need=facts.customer_need,
        status=facts.status.value,
        level=theme.verdict.level.value,
        suggested_priority=theme.verdict.suggested_priority.value,
        accounts=theme.heard.accounts,
        accounts_before=theme.before,
        trend=theme.trend.value,
        arr=evidence.arr,
        arr_share=share_figure(theme.arr_share),
        arr_unknown_accounts=len(evidence.arr_unknown),
        at_risk_accounts=len(evidence.at_risk),
        csms=theme.heard.csms,
        severity=evidence.severity.value if evidence.severity else "",
        summary=words.of_theme(theme, month),
        quote=quote,
    )


def _quote_row(quote: Quotable | None, portfolio: Portfolio, mask: Mask) -> QuoteRow | None:
    if quote is None:
        return None
    account = portfolio.accounts.get(quote.account_id or "")
    return QuoteRow(
        text=mask(quote.text),
        severity=quote.severity,
        segment=account.segment if account else None,
        request_id=quote.request_id,
        note_id=quote.note_id,
        observation_id=quote.observation_id,
    )


def _new_row(heard: Heard) -> NewSignalRow:
    return NewSignalRow(
        theme_id=heard.theme.theme_id,
        label=heard.theme.label,
        accounts=heard.accounts,
        arr=heard.evidence.arr,
        sentence=words.of_new(heard),
    )


def _ended_row(ended: Ended, month: Month) -> EndedRow:
    return EndedRow(
        theme_id=ended.theme.theme_id,
        label=ended.theme.label,
        reason=ended.ending.value,
        on=ended.on,
        sentence=words.of_ended(ended, month),
    )


def _actions(built: Digest) -> list[ActionRow]:
    asked = [
        ActionRow(action="acknowledge", due=built.acknowledge_by, text=words.to_acknowledge(built))
    ]
    if built.prioritise_by is not None:
        asked.append(
            ActionRow(action="prioritise", due=built.prioritise_by, text=words.to_prioritise(built))
        )
    return asked
