"""The requests that fit nothing yet, with what they come closest to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from models.errors import InvalidInput
from models.severity import Severity
from service.flows.pages import Page, bad_cursor, decode_cursor, encode_cursor
from service.flows.request_rows import RequestRow, request_rows
from service.flows.requests import place_of, position_at
from service.flows.senders import Senders, senders_of
from service.masking import PUBLIC, Sight
from service.storage import requests, waiting
from service.storage.engine import Store
from service.storage.waiting import WaitingConditions, WaitingPlace

__all__ = ["ORDERS", "WaitingConditions", "WaitingPage", "waiting_requests"]

ORDERS = ("oldest", "arr")


@dataclass(frozen=True, slots=True)
class WaitingPage:
    """A page of them.

    Attributes:
        rows: each as GET /requests shows it, with its best live items.
        total: how many there are under these conditions.
        areas: guessed area ('' where none is) -> how many, whatever the area asked for.
    """

    rows: Page[RequestRow]
    total: int
    areas: Mapping[str, int]
    senders: Senders


def waiting_requests(
    store: Store,
    wanted: WaitingConditions,
    *,
    order: str = "oldest",
    cursor: str = "",
    limit: int = 20,
    sight: Sight = PUBLIC,
) -> WaitingPage:
    """Those that wait, the oldest first or those of the largest accounts, in a fixed number of
    queries.

    Raises:
        InvalidInput: `bad_cursor`, `unknown_order`, `unknown_severity`.
    """
    _check(wanted, order)
    after = _place(cursor, order)
    with store.read() as connection:
        places = waiting.page(
            connection, wanted, by_arr=order == "arr", after=after, limit=limit + 1
        )
        areas = waiting.counts_by_area(connection, replace(wanted, area=""))
        shown = places[:limit]
        known = requests.get_many(connection, [place.request_id for place in shown])
        records = [known[place.request_id] for place in shown]
        rows = request_rows(store, connection, records, sight)
        next_cursor = ""
        if len(places) > limit and shown:
            micros, request_id = place_of(records[-1])
            next_cursor = encode_cursor(repr(shown[-1].arr), micros, request_id)
        return WaitingPage(
            rows=Page(rows, next_cursor),
            total=areas.get(wanted.area, 0) if wanted.area else sum(areas.values()),
            areas=areas,
            senders=senders_of(connection, rows),
        )


def _check(wanted: WaitingConditions, order: str) -> None:
    if order not in ORDERS:
        raise InvalidInput(
            f"order must be one of {', '.join(ORDERS)}.", code="unknown_order", field="order"
        )
    if wanted.severity and wanted.severity not in tuple(Severity):
        raise InvalidInput(
            f"severity must be one of {', '.join(Severity)}.",
            code="unknown_severity",
            field="severity",
        )


def _place(cursor: str, order: str) -> WaitingPlace | None:
    found = decode_cursor(cursor, str, int, str)
    if found is None:
        return None
    position = position_at(int(found[1]), str(found[2]))
    try:
        arr = float(found[0]) if order == "arr" else None
    except ValueError:
        # It was made for the other order.
        raise bad_cursor() from None
    return WaitingPlace(arr, position.occurred_at, position.request_id)
