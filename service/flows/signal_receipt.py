"""`GET /signals/{theme_id}`: why one theme is at its level, down to each quote."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TypedDict

from sqlalchemy import Connection

from models.conditions import arr_share
from models.errors import NotFound
from models.evidence import AccountEvidence, Mention, Report, independent
from models.signal import Board, Signal
from models.window import Calendar
from service.flows.boards import kept_board
from service.flows.decisions.context import etag_of, find_theme
from service.flows.signal_rows import BoardHead, SignalRow, board_head, share_figure, signal_row
from service.flows.signals import SignalQuery, judging_of
from service.flows.theme_rows import MASK_ALL
from service.masking import Mask
from service.storage import mentions, requests, themes
from service.storage.accounts import CSMS
from service.storage.engine import Store
from service.storage.requests import RequestRecord
from service.storage.themes import ThemeRecord


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
    `merged_from` are all ids that this theme answers for. `etag` goes into the If-Match of a
    decision.
    """

    asked_for: str | None
    merged_from: list[str]
    etag: str
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
        asked, theme = theme_for(connection, theme_id)
        board = kept_board(store, connection, judging, calendar=calendar)
        signal = signal_of(board, theme.id)
        said = mentions.of_theme(connection, theme.id, window)
        records = requests.get_many(connection, [mention.request_id for mention in said])
        names = csm_names(connection, records.values())
        merged_from = themes.merged_from(connection, theme.id)
    reports = independent(said)
    first = first_reports(reports)
    return ReceiptAnswer(
        **board_head(board),
        **signal_row(signal),
        asked_for=asked.id if asked.id != theme.id else None,
        merged_from=merged_from,
        etag=etag_of(theme),
        receipt=Receipt(
            accounts=[
                account_receipt(entry, records[first[entry.account.account_id]], board.total_arr)
                for entry in largest_first(signal)
            ],
            requests=[
                request_receipt(records[mention.request_id], names, mask, copy_of)
                for mention, copy_of in in_order_told(reports)
            ],
            tips=tip_rows(signal),
        ),
    )


def theme_for(connection: Connection, theme_id: str) -> tuple[ThemeRecord, ThemeRecord]:
    """The theme of this id, and the one that answers for it: itself, unless it was merged away.

    Raises:
        NotFound: `unknown_theme`.
    """
    asked = find_theme(connection, theme_id)
    if asked.merged_into is None:
        return asked, asked
    return asked, find_theme(connection, themes.survivor(connection, asked.id))


def signal_of(board: Board, theme_id: str) -> Signal:
    """The theme's signal.

    Raises:
        NotFound: `no_signal`.
    """
    for signal in board.signals:
        if signal.theme.theme_id == theme_id:
            return signal
    raise NotFound(
        f"This theme has no request that weighs in {board.quarter}; ask for another quarter.",
        code="no_signal",
    )


def csm_names(connection: Connection, records: Iterable[RequestRecord]) -> dict[str, str | None]:
    """CSM id -> name, of those who reported these requests."""
    known = CSMS.find(connection, {record.csm_id for record in records})
    return {csm_id: csm.value.name for csm_id, csm in known.items()}


def tip_rows(signal: Signal) -> list[TipRow]:
    """What would move the signal's level."""
    return [
        TipRow(
            condition=tip.condition.value,
            direction=tip.direction,
            level=tip.level.value,
            text=tip.text,
        )
        for tip in signal.verdict.tips
    ]


def first_reports(reports: Iterable[Report]) -> dict[str | None, str]:
    """Account id -> the id of its first request."""
    first: dict[str | None, str] = {}
    for report in reports:
        first.setdefault(report.first.account_id, report.first.request_id)
    return first


def in_order_told(reports: Sequence[Report]) -> list[tuple[Mention, str | None]]:
    """Each mention with what it is a copy of: reports by time, each one's copies after it."""
    return [
        (mention, None if mention is report.first else report.first.request_id)
        for report in reports
        for mention in (report.first, *report.copies)
    ]


def largest_first(signal: Signal) -> list[AccountEvidence]:
    """The accounts behind a signal: largest ARR first, unknown ARR last, then by id."""
    return sorted(
        signal.evidence.accounts,
        key=lambda entry: (
            entry.account.arr is None,
            -(entry.account.arr or 0),
            entry.account.account_id,
        ),
    )


def account_receipt(
    entry: AccountEvidence, first: RequestRecord, total_arr: Decimal | None
) -> AccountReceipt:
    """One account's row; `first` is its first report."""
    account, its_risk = entry.account, entry.risk
    share = None if account.arr is None else arr_share(account.arr, total_arr)
    return AccountReceipt(
        account_id=account.account_id,
        name=account.name,
        segment=account.segment,
        arr=account.arr,
        arr_share=share_figure(share),
        arr_when_reported=first.arr_when_reported,
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


def request_receipt(
    record: RequestRecord, names: Mapping[str, str | None], mask: Mask, copy_of: str | None
) -> RequestReceipt:
    """One request's row; `names` are those of CSMs."""
    return RequestReceipt(
        id=record.id,
        note_id=record.note_id,
        source=record.source,
        external_id=record.external_id,
        account_id=record.account_id,
        csm_id=record.csm_id,
        csm_name=names.get(record.csm_id),
        occurred_at=record.occurred_at,
        quote=mask(record.text),
        severity=record.severity,
        severity_by=record.severity_by,
        assigned_by=record.assigned_by,
        confidence=record.confidence,
        arr_when_reported=record.arr_when_reported,
        copy_of=copy_of,
    )
