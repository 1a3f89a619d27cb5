"""The requests that wait as a page."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from models.severity import Severity
from service.web.contexts import Done, Empty
from service.web.deciding.quotes import choice, note_link
from service.web.figures import link
from service.web.waiting.contexts import Chip, Option, WaitingPage, WaitingRow

Row = Mapping[str, Any]
WAITING = "/desk/waiting"
_ORDERS = (("oldest", "oldest first"), ("arr", "most ARR first"))
_SHOWN = 3


def waiting_page(
    found: Row,
    query: Mapping[str, str],
    *,
    today: date,
    items: Sequence[str],
    ticked: Collection[str] = (),
    typed: str = "",
    done: Done | None = None,
    refused: str = "",
) -> WaitingPage:
    """The page of a `flows.waiting.WaitingPage`, as plain JSON.

    `query` is the address's own: order, area, severity, account, csm, held and cursor;
    `ticked` and `typed` are kept of a form that was refused.
    """
    kept = {name: value for name, value in query.items() if name != "cursor"}
    filters = {name: value for name, value in kept.items() if name != "order" and value}
    return WaitingPage(
        total=found["total"],
        order=query["order"],
        orders=[Option(word, title, word == query["order"]) for word, title in _ORDERS],
        areas=_areas(found["areas"], query["area"]),
        severities=[Option(s, s, s == query["severity"]) for s in Severity],
        held=bool(query["held"]),
        account=query["account"],
        csm=query["csm"],
        chips=_chips(kept, found["senders"]),
        filtered=bool(filters),
        rows=[_row(row, found, kept, today, ticked) for row in found["rows"]["data"]],
        typed=typed,
        more_link=link(WAITING, {**kept, "cursor": found["rows"]["next_cursor"]})
        if found["rows"]["next_cursor"]
        else "",
        first_link=link(WAITING, kept) if query["cursor"] else "",
        here=link(WAITING, query),
        items=items,
        done=done,
        refused=refused,
        empty=None if found["rows"]["data"] else _empty(filters, bool(query["cursor"])),
    )


def _row(
    row: Row, found: Row, kept: Mapping[str, str], today: date, ticked: Collection[str]
) -> WaitingRow:
    account, csm = row["account_id"], row["csm_id"]
    senders = found["senders"]
    return WaitingRow(
        id=row["id"],
        text=row["text"] or "(tagged without a quote)",
        severity=row["severity"],
        account=(senders["accounts"].get(account) or account) if account else "no account named",
        account_link=link(WAITING, {**kept, "account": account}) if account else "",
        arr=senders["arr"].get(account),
        csm=senders["csms"].get(csm) or csm,
        csm_link=link(WAITING, {**kept, "csm": csm}),
        day=row["occurred_at"][:10],
        waited=_waited(today, datetime.fromisoformat(row["occurred_at"]).date()),
        area=row["unclassified_area"] or "",
        candidates=[choice(item) for item in row["candidates"][:_SHOWN]],
        ticked=row["id"] in ticked,
        note_link=note_link(row),
    )


def _waited(today: date, since: date) -> str:
    days = (today - since).days
    if days < 1:
        return "since today"
    return f"{days} day{'' if days == 1 else 's'}"


def _areas(counts: Mapping[str, int], chosen: str) -> list[Option]:
    known = {area: count for area, count in counts.items() if area}
    if chosen and chosen not in known:
        known[chosen] = 0
    return [Option(area, f"{area} ({count})", area == chosen) for area, count in known.items()]


def _chips(kept: Mapping[str, str], senders: Row) -> list[Chip]:
    chips = []
    for name, title in (("account", "Account"), ("csm", "CSM")):
        if kept[name]:
            shown = senders[f"{name}s"].get(kept[name]) or kept[name]
            chips.append(Chip(f"{title}: {shown}", link(WAITING, {**kept, name: ""})))
    return chips


def _empty(filters: Mapping[str, str], paged: bool) -> Empty:
    if paged:
        return Empty("That was the last page", "Go back to the first one to see what is left.")
    if filters == {"held": "yes"}:
        return Empty("Nothing is kept off", "Nobody has kept a request off every item.")
    if filters:
        return Empty("Nothing that is waiting passes these filters", "Clear them to see all of it.")
    return Empty(
        "Nothing waits",
        "Every request is on an item or on a proposed theme. New ones come with new notes.",
        ("groundswell load notes notes.jsonl --wait",),
    )
