"""`GET /signals/{theme_id}`: why one theme is at its level, down to each quote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TypedDict

from sqlalchemy import Connection

from models.account import Portfolio
from models.conditions import arr_share
from models.errors import NotFound
from models.evidence import AccountEvidence, Mention, Report, independent
from models.signal import Board, Signal
from models.window import Calendar, Window
from service.flows.decisions.context import find_theme
from service.flows.signal_rows import BoardHead, SignalRow, board_head, share_figure, signal_row
from service.flows.signals import SignalQuery, judging_of, load_board
from service.flows.theme_rows import MASK_ALL, mentions_of
from service.masking import Mask
from service.storage import requests, themes
from service.storage.accounts import load_portfolio
from service.storage.engine import Store
from service.storage.requests import RequestRecord


class AccountReceipt(TypedDict):
    """One account: how it stands on the day asked about, and its part in the theme.

    `why` says why it is at risk or not; `arr_when_reported` is its ARR at its first report.
    """

    account_id: str
    name: str | None
    segment: str | None
    arr: Decimal | None
    arr_share: float | None
    arr_when_reported: Decimal | None
    at_risk: bool
    why: str
    reason_code: str
    health: str | None
    renewal_date: date | None
    days_to_renewal: int | None
    active: bool
    requests: int
    severity: str


class RequestReceipt(TypedDict):
    """One request with its quote.

    `copy_of` is the request that it repeats word for word, which counts in its place.
    """

    id: str
    note_id: str | None
    source: str
    external_id: str | None
    account_id: str | None
    csm_id: str
    csm_name: str | None
    occurred_at: datetime
    quote: str
    severity: str
    severity_by: str
    assigned_by: str | None
    confidence: float | None
    arr_when_reported: Decimal | None
    copy_of: str | None


class TipRow(TypedDict):
    """One change that would move the level: to at least (up) or at most (down) `level`."""

    condition: str
    direction: str
    level: str
    text: str


class Receipt(TypedDict):
    """What a signal rests on."""

    accounts: list[AccountReceipt]
    requests: list[RequestReceipt]
    tips: list[TipRow]


class ReceiptAnswer(BoardHead, SignalRow):
    """A signal with its receipt.

    `asked_for` is the id asked for where that was merged into this theme, else None;
    `merged_from` are all ids that this theme answers for.
    """

    asked_for: str | None
    merged_from: list[str]
    receipt: Receipt


def receipt(
    store: Store,
    theme_id: str,
    query: SignalQuery,
    *,
    today: date,
    calendar: Calendar,
    mask: Mask = MASK_ALL,
) -> ReceiptAnswer:
    """One theme's signal and everything it rests on; the query's filters are not applied.

    An id that was merged away answers with the surviving theme.

    Raises:
        NotFound: `unknown_theme`; `no_signal` where the theme has no request in the quarter
            that weighs.
        InvalidInput: `unknown_quarter`, `bad_date`.
    """
    judging = judging_of(query, today=today, calendar=calendar)
    window = calendar.window(judging.quarter)
    with store.read() as connection:
        asked = find_theme(connection, theme_id)
        survivor = themes.survivor(connection, asked.id)
        portfolio = load_portfolio(connection)
        board = load_board(connection, judging, calendar=calendar, portfolio=portfolio)
        signal = _signal_of(board, survivor)
        records = _records(connection, survivor, window)
        merged_from = themes.merged_from(connection, survivor)
    reports = independent(mentions_of(survivor, [*records.values()]))
    return ReceiptAnswer(
        **board_head(board),
        **signal_row(signal),
        asked_for=asked.id if asked.id != survivor else None,
        merged_from=merged_from,
        receipt=Receipt(
            accounts=_account_receipts(signal, reports, records, board.total_arr),
            requests=_request_receipts(reports, records, portfolio, mask),
            tips=[
                TipRow(
                    condition=tip.condition.value,
                    direction=tip.direction,
                    level=tip.level.value,
                    text=tip.text,
                )
                for tip in signal.verdict.tips
            ],
        ),
    )


def _signal_of(board: Board, theme_id: str) -> Signal:
    for signal in board.signals:
        if signal.theme.theme_id == theme_id:
            return signal
    raise NotFound(
        f"This theme has no request that weighs in {board.quarter}; ask for another quarter.",
        code="no_signal",
    )


def _records(connection: Connection, theme_id: str, window: Window) -> dict[str, RequestRecord]:
    members = requests.of_themes(connection, [theme_id])[theme_id]
    return {member.id: member for member in members if member.occurred_at in window}


def _account_receipts(
    signal: Signal,
    reports: Sequence[Report],
    records: Mapping[str, RequestRecord],
    total_arr: Decimal | None,
) -> list[AccountReceipt]:
    """Largest ARR first, unknown ARR last, then by id."""
    first: dict[str | None, Mention] = {}
    for report in reports:
        first.setdefault(report.first.account_id, report.first)
    rows = [
        _account_receipt(
            entry, records[first[entry.account.account_id].request_id].arr_when_reported, total_arr
        )
        for entry in signal.evidence.accounts
    ]
    return sorted(rows, key=lambda row: (row["arr"] is None, -(row["arr"] or 0), row["account_id"]))


def _account_receipt(
    entry: AccountEvidence, arr_when_reported: Decimal | None, total_arr: Decimal | None
) -> AccountReceipt:
    account, its_risk = entry.account, entry.risk
    share = None if account.arr is None else arr_share(account.arr, total_arr)
    return AccountReceipt(
        account_id=account.account_id,
        name=account.name,
        segment=account.segment,
        arr=account.arr,
        arr_share=share_figure(share),
        arr_when_reported=arr_when_reported,
        at_risk=its_risk.at_risk,
        why=its_risk.why,
        reason_code=its_risk.reason_code,
        health=account.health.value if account.health else None,
        renewal_date=account.renewal_date,
        days_to_renewal=its_risk.days_to_renewal,
        active=account.active,
        requests=entry.requests,
        severity=entry.severity.value,
    )


def _request_receipts(
    reports: Sequence[Report],
    records: Mapping[str, RequestRecord],
    portfolio: Portfolio,
    mask: Mask,
) -> list[RequestReceipt]:
    """Reports in order of time, the copies of each right after it."""
    return [
        _request_receipt(
            records[mention.request_id],
            portfolio,
            mask,
            None if mention is report.first else report.first.request_id,
        )
        for report in reports
        for mention in (report.first, *report.copies)
    ]


def _request_receipt(
    record: RequestRecord, portfolio: Portfolio, mask: Mask, copy_of: str | None
) -> RequestReceipt:
    csm = portfolio.csms.get(record.csm_id)
    return RequestReceipt(
        id=record.id,
        note_id=record.note_id,
        source=record.source,
        external_id=record.external_id,
        account_id=record.account_id,
        csm_id=record.csm_id,
        csm_name=csm.name if csm else None,
        occurred_at=record.occurred_at,
        quote=mask(record.text),
        severity=record.severity,
        severity_by=record.severity_by,
        assigned_by=record.assigned_by,
        confidence=record.confidence,
        arr_when_reported=record.arr_when_reported,
        copy_of=copy_of,
    )
