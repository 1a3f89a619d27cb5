"""Signals: the board of a quarter, and the receipt of one theme."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from service.api.answers import (
    READ_ERRORS,
    answer,
    errors,
    is_current,
    make_etag,
    not_modified,
    validators,
)
from service.api.queries import MAX_LIMIT, Cursor, Text, prefers_csv
from service.api.schemas_read import ReceiptAnswer, SignalsAnswer
from service.dependencies import Services, ServicesOf, may
from service.flows.health import data_version
from service.flows.signal_csv import signals_csv
from service.flows.signal_receipt import receipt
from service.flows.signals import SignalQuery, signals
from service.security import Principal, Right

router = APIRouter(tags=["signals"])

Limit = Annotated[
    int | None,
    Query(ge=1, le=MAX_LIMIT, description="Rows on a page; 1,000 unless given. CSV: all rows."),
]


def judged_by(
    services: ServicesOf,
    quarter: Annotated[Text, Query(description="Such as 2026-Q3; today's unless given.")] = "",
    as_of: Annotated[
        Text, Query(description="Dates health and renewals; leaves no note out.")
    ] = "",
    policy: Annotated[Text, Query(description="combined or single_gate.")] = "",
) -> SignalQuery:
    """What is judged, from the query; the policy is the configured one unless given."""
    return SignalQuery(
        quarter=quarter or None,
        as_of=as_of or None,
        policy=services.settings.policy_called(policy or None),
    )


JudgedBy = Annotated[SignalQuery, Depends(judged_by)]


@router.get(
    "/signals",
    summary="The signals of a quarter, highest level first, then by ARR",
    responses={
        200: {"model": SignalsAnswer, "content": {"text/csv": {"schema": {"type": "string"}}}},
        304: {"description": "What you have under that ETag is current."},
        **errors(*READ_ERRORS),
    },
)
def get_signals(
    request: Request,
    services: ServicesOf,
    who: Annotated[Principal, may(Right.READ_SIGNALS)],
    judged: JudgedBy,
    level: Text = "",
    feature_area: Text = "",
    severity: Text = "",
    segment: Text = "",
    min_arr: Text = "",
    status: Text = "",
    cursor: Cursor = "",
    limit: Limit = None,
) -> Response:
    """Filters choose rows and never change evidence. With `Accept: text/csv` a table."""
    as_csv = prefers_csv(request.headers.get("accept", ""))
    query = SignalQuery(
        quarter=judged.quarter,
        as_of=judged.as_of,
        policy=judged.policy,
        level=level or None,
        feature_area=feature_area or None,
        severity=severity or None,
        segment=segment or None,
        min_arr=min_arr or None,
        status=status or None,
        cursor=cursor,
        limit=limit or (None if as_csv else MAX_LIMIT),
    )
    etag = _etag(request, services, who, "csv" if as_csv else "json", query)
    if is_current(request, etag):
        return not_modified(etag)
    board = signals(
        services.store, query, today=services.today(), calendar=services.settings.calendar
    )
    if not as_csv:
        return answer(board, headers=validators(etag))
    name = f"signals-{board['quarter']}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', **validators(etag)}
    return Response(signals_csv(board), media_type="text/csv", headers=headers)


@router.get(
    "/signals/{theme_id}",
    summary="One signal with its receipt",
    responses={
        200: {"model": ReceiptAnswer},
        304: {"description": "What you have under that ETag is current."},
        **errors(*READ_ERRORS, 404),
    },
)
def get_signal(
    request: Request,
    services: ServicesOf,
    who: Annotated[Principal, may(Right.READ_SIGNALS)],
    theme_id: str,
    judged: JudgedBy,
) -> Response:
    """Each account with ARR, risk and why; each request with its quote; what would tip it."""
    etag = _etag(request, services, who, theme_id, judged)
    if is_current(request, etag):
        return not_modified(etag)
    found = receipt(
        services.store,
        theme_id,
        judged,
        today=services.today(),
        calendar=services.settings.calendar,
        mask=services.settings.quote_mask,
    )
    return answer(found, headers=validators(etag))


def _etag(
    request: Request, services: Services, who: Principal, what: str, query: SignalQuery
) -> str:
    """Of all that the answer follows from, read before it: so it may be too old, never too new."""
    return make_etag(
        request.app.version,
        data_version(services.store),
        services.today(),
        services.settings.timezone,
        services.settings.fiscal_year_start,
        services.settings.mask,
        who.role,
        what,
        sorted(asdict(query).items()),
    )
