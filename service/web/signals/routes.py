"""The addresses of the board and of the receipts."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter
from starlette.responses import Response

from service.dependencies import Services, ServicesOf, may
from service.flows.health import store_figures
from service.flows.signal_receipt import receipt
from service.flows.signals import SignalQuery, signals
from service.rendering import plain_record
from service.security import Principal, Right
from service.web.answering import PageRoute, Text, draw
from service.web.signals.board import board_page
from service.web.signals.receipt import receipt_page

router = APIRouter(route_class=PageRoute, include_in_schema=False)

# More than a person reads, and a page that still draws at once.
ROWS = 500


@router.get("/")
def board(
    services: ServicesOf,
    who: Annotated[Principal, may(Right.READ_SIGNALS)],
    quarter: Text = "",
    as_of: Text = "",
    policy: Text = "",
    level: Text = "",
    status: Text = "",
    cursor: Text = "",
) -> Response:
    """The signals of a quarter; every filter is in the address."""
    judged = SignalQuery(
        quarter=quarter or None,
        as_of=as_of or None,
        policy=services.settings.policy_called(policy or None),
    )
    chosen = replace(judged, level=level or None, status=status or None, cursor=cursor, limit=ROWS)
    whole = _judge(services, judged)
    is_whole = not (level or status or cursor) and len(whole["data"]) <= ROWS
    shown = whole if is_whole else _judge(services, chosen)
    query = {"as_of": as_of, "level": level, "status": status}
    page = board_page(shown, whole["data"], query, store_figures(services.store))
    return draw("board.html", page, who=who, here="/")


@router.get("/board/{theme_id}")
def one_signal(
    services: ServicesOf,
    who: Annotated[Principal, may(Right.READ_SIGNALS)],
    theme_id: str,
    quarter: Text = "",
    as_of: Text = "",
    policy: Text = "",
) -> Response:
    """Why one theme is at its level, down to each quote."""
    judged = SignalQuery(
        quarter=quarter or None,
        as_of=as_of or None,
        policy=services.settings.policy_called(policy or None),
    )
    found = receipt(
        services.store,
        theme_id,
        judged,
        today=services.today(),
        calendar=services.settings.calendar,
        mask=services.settings.quote_mask,
    )
    page = receipt_page(plain_record(found), {"as_of": as_of})
    return draw("receipt.html", page, who=who, here="/")


def _judge(services: Services, query: SignalQuery) -> dict[str, Any]:
    return plain_record(
        signals(services.store, query, today=services.today(), calendar=services.settings.calendar)
    )
