"""Rows of requests as quotes to tick."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.web.deciding.contexts import Choice, PickedQuote
from service.web.deciding.items import item_path

Row = Mapping[str, Any]
# So many candidates besides the theme it is on.
_OTHERS = 3


def choice(item: Row) -> Choice:
    """A candidate, an alternative or an item, with the machine's confidence in it."""
    path = item_path(item["feature_area"], item["customer_need"])
    return Choice(item["theme_id"], path, item["confidence"])


def picked(
    request: Row,
    *,
    beside: str = "",
    chosen: bool = False,
    remark: str = "",
    reads_notes: bool = True,
    senders: Row | None = None,
) -> PickedQuote:
    """A row of GET /requests, as plain JSON, to tick.

    `beside` is the theme that its other candidates are shown beside; `senders` has the names
    of accounts and of CSMs, by id.
    """
    others = [item for item in request["candidates"] if item["theme_id"] != beside]
    called = senders or {"accounts": {}, "csms": {}}
    account, csm = request["account_id"], request["csm_id"]
    return PickedQuote(
        id=request["id"],
        text=request["text"] or "(tagged without a quote)",
        severity=request["severity"],
        severity_by=request["severity_by"],
        account=(called["accounts"].get(account) or account) if account else "no account named",
        csm=called["csms"].get(csm) or csm,
        day=request["occurred_at"][:10],
        remark=remark,
        confidence=request["confidence"],
        candidates=[choice(item) for item in others[:_OTHERS]],
        chosen=chosen,
        note_link=note_link(request) if reads_notes else "",
    )


def note_link(request: Row) -> str:
    """Where the request stands in its note; empty where it stands in none."""
    return f"/desk/notes/{request['note_id']}#r-{request['id']}" if request["note_id"] else ""
