"""One signal as people look at it: what it rests on, a page at a time, and how it came here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, TypedDict

from sqlalchemy import Connection

from models.dependence import without_largest
from models.evidence import Mention, Report, independent
from models.signal import Board, Signal
from models.thresholds import lines_of
from models.trend import recent_months
from models.window import Calendar
from service.flows.board_view import MONTHS
from service.flows.boards import Judging, kept_board
from service.flows.decisions.context import etag_of
from service.flows.month_history import month_history
from service.flows.quotes_in_notes import READ, quote_in_note
from service.flows.signal_receipt import (
    AccountReceipt,
    RequestReceipt,
    TipRow,
    account_receipt,
    csm_names,
    first_reports,
    in_order_told,
    largest_first,
    request_receipt,
    signal_of,
    theme_for,
    tip_rows,
)
from service.flows.signal_rows import (
    BoardHead,
    MonthRow,
    SignalRow,
    board_head,
    share_figure,
    signal_row,
)
from service.flows.signals import SignalQuery, judging_of
from service.masking import Mask
from service.storage import mentions, milestones, note_excerpts, requests, themes
from service.storage.engine import Store
from service.storage.requests import RequestRecord
from service.storage.themes import ThemeRecord


class ToldQuote(RequestReceipt):
    """A request with what stands around it in its note.

    `before`, `quote` and `after` are read one after the other, masked; `more_before` and
    `more_after` say whether the note goes on. `account_name` is None where none is known.
    """

    before: str
    after: str
    more_before: bool
    more_after: bool
    account_name: str | None


class MilestoneRow(TypedDict):
    """One thing that happened to the theme, on a local day.

    `kind`: `first_reported`, `recognised`, `last_reported`, `accepted` or `delivery`, which has
    what was said in `delivery`.
    """

    on: date
    kind: str
    actor: str
    delivery: Mapping[str, Any] | None


class DependenceRow(TypedDict):
    """What the signal would be without its largest account."""

    account_id: str
    name: str
    level: str
    accounts: int
    arr_share: float | None
    at_risk_accounts: int


class SignalStory(BoardHead, SignalRow):
    """One signal, with a page of its accounts and of its quotes.

    `raised_by` names the accounts that raised the priority; `months` are the last of them,
    oldest first; `reach` is the part of the list of quotes that is shown, from 0.
    """

    asked_for: str | None
    etag: str
    origin: str
    months: list[MonthRow]
    tips: list[TipRow]
    dependence: DependenceRow | None
    raised_by: list[str]
    account_rows: list[AccountReceipt]
    quotes: list[ToldQuote]
    quotes_from: int
    quotes_in_all: int
    milestones: list[MilestoneRow]


def signal_story(
    store: Store,
    theme_id: str,
    query: SignalQuery,
    *,
    today: date,
    calendar: Calendar,
    mask: Mask,
    accounts: int | None,
    quotes_from: int,
    quotes: int,
) -> SignalStory:
    """One theme's signal for a person, in a fixed number of queries.

    At most `accounts` of its accounts, largest first (None: all); of its quotes, by time, so
    many from the given place on.

    Raises:
        NotFound: `unknown_theme`; `no_signal`.
        InvalidInput: `unknown_quarter`, `bad_date`.
    """
    judging = judging_of(query, today=today, calendar=calendar)
    window = calendar.window(judging.quarter)
    with store.read() as connection:
        asked, theme = theme_for(connection, theme_id)
        board = kept_board(store, connection, judging, calendar=calendar)
        signal = signal_of(board, theme.id)
        months = _months(store, connection, theme.id, judging, calendar)
        reports = independent(mentions.of_theme(connection, theme.id, window))
        told = in_order_told(reports)
        page = told[quotes_from : quotes_from + quotes]
        entries = largest_first(signal)[:accounts]
        first = first_reports(reports)
        wanted = [mention.request_id for mention, _ in page]
        wanted += [first[entry.account.account_id] for entry in entries]
        records = requests.get_many(connection, wanted)
        shown = _quotes(connection, page, records, signal, mask)
        steps = _milestones(connection, theme, signal, reports, calendar, mask)
    return SignalStory(
        **board_head(board),
        **signal_row(signal),
        asked_for=asked.id if asked.id != theme.id else None,
        etag=etag_of(theme),
        origin=theme.origin,
        months=months,
        tips=tip_rows(signal),
        dependence=_dependence(board, signal, reports),
        raised_by=_raised_by(signal),
        account_rows=[
            account_receipt(entry, records[first[entry.account.account_id]], board.total_arr)
            for entry in entries
        ],
        quotes=shown,
        quotes_from=quotes_from,
        quotes_in_all=len(told),
        milestones=steps,
    )


def _months(
    store: Store, connection: Connection, theme_id: str, judging: Judging, calendar: Calendar
) -> list[MonthRow]:
    months = recent_months(calendar, judging.quarter, judging.as_of, MONTHS)
    history = month_history(store, connection, months, calendar=calendar)
    counts = history.get(theme_id, [0] * len(months))
    return [
        MonthRow(month=str(month), accounts=count)
        for month, count in zip(months, counts, strict=True)
    ]


def _raised_by(signal: Signal) -> list[str]:
    raised = signal.verdict.raised_by
    return [e.name for e in signal.evidence.accounts if e.account.account_id in raised]


def _quotes(
    connection: Connection,
    page: Sequence[tuple[Mention, str | None]],
    records: Mapping[str, RequestRecord],
    signal: Signal,
    mask: Mask,
) -> list[ToldQuote]:
    ids = [mention.request_id for mention, _ in page]
    excerpts = note_excerpts.around(connection, ids, reach=READ)
    names = csm_names(connection, [records[request_id] for request_id in ids])
    accounts = {e.account.account_id: e.account.name for e in signal.evidence.accounts}
    rows = []
    for mention, copy_of in page:
        record = records[mention.request_id]
        piece = quote_in_note(excerpts.get(record.id), record.text, mask)
        rows.append(
            ToldQuote(
                **request_receipt(record, names, mask, copy_of),
                before=piece.before,
                after=piece.after,
                more_before=piece.more_before,
                more_after=piece.more_after,
                account_name=accounts.get(record.account_id or ""),
            )
        )
    return rows


def _dependence(board: Board, signal: Signal, reports: Sequence[Report]) -> DependenceRow | None:
    bars = lines_of(board.policy, board.csms, board.total_arr)
    found = without_largest(signal.evidence, reports, bars)
    if found is None:
        return None
    return DependenceRow(
        account_id=found.largest.account.account_id,
        name=found.largest.name,
        level=found.level.value,
        accounts=len(found.evidence.accounts),
        arr_share=share_figure(found.arr_share),
        at_risk_accounts=len(found.evidence.at_risk),
    )


def _milestones(
    connection: Connection,
    theme: ThemeRecord,
    signal: Signal,
    reports: Sequence[Report],
    calendar: Calendar,
    mask: Mask,
) -> list[MilestoneRow]:
    """What happened, by day; of one day in the order in which it can happen."""
    ids = [theme.id, *themes.merged_from(connection, theme.id)]
    found = []
    if signal.theme.first_reported_at is not None:
        on = calendar.local_day(signal.theme.first_reported_at)
        found.append(MilestoneRow(on=on, kind="first_reported", actor="", delivery=None))
    if signal.recognised_on is not None:
        on = signal.recognised_on
        found.append(MilestoneRow(on=on, kind="recognised", actor="", delivery=None))
    last = max((m.occurred_at for r in reports for m in (r.first, *r.copies)), default=None)
    if last is not None:
        on = calendar.local_day(last)
        found.append(MilestoneRow(on=on, kind="last_reported", actor="", delivery=None))
    for step in milestones.of_themes(connection, ids):
        delivered = step.action == "deliver"
        found.append(
            MilestoneRow(
                on=calendar.local_day(step.made_at),
                kind="delivery" if delivered else "accepted",
                actor=step.actor,
                delivery=mask.inside(step.payload.get("delivery", {})) if delivered else None,
            )
        )
    return sorted(found, key=lambda row: row["on"])
