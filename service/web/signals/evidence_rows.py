"""The accounts and the quotes behind a signal, as rows of its page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.web.figures import link
from service.web.signals.receipt_contexts import AccountRow, Pages, Quote

Row = Mapping[str, Any]

# A page of each: what a person looks through, and what a page may weigh.
ACCOUNTS, QUOTES = 50, 40


def account_row(row: Row) -> AccountRow:
    """One account of a receipt."""
    days, then = row["days_to_renewal"], row["arr_when_reported"]
    renewal = row["renewal_date"] or ""
    if renewal and days is not None:
        renewal += " (past)" if days < 0 else " (today)" if days == 0 else f" (in {days:,} d)"
    return AccountRow(
        name=row["name"] or row["account_id"],
        segment=row["segment"] or "",
        arr=row["arr"],
        arr_then=then if then != row["arr"] else None,
        share=row["arr_share"],
        renewal=renewal,
        at_risk=row["at_risk"],
        why=row["why"],
        requests=row["requests"],
        severity=row["severity"],
    )


def quote_row(row: Row, *, reads_notes: bool) -> Quote:
    """One request of a receipt, in its note."""
    account = row["account_id"]
    return Quote(
        before=row["before"],
        text=row["quote"],
        after=row["after"],
        more_before=row["more_before"],
        more_after=row["more_after"],
        severity=row["severity"],
        account=(row["account_name"] or account) if account else "no account named",
        csm=row["csm_name"] or row["csm_id"],
        day=row["occurred_at"][:10],
        is_copy=row["copy_of"] is not None,
        note_link=f"/desk/notes/{row['note_id']}#r-{row['id']}"
        if reads_notes and row["note_id"]
        else "",
    )


def account_pages(story: Row, judged: Mapping[str, str]) -> Pages | None:
    """How many of the accounts are shown; None where it is all of them."""
    shown = len(story["account_rows"])
    if shown >= story["accounts"]:
        return None
    every = link(f"/board/{story['theme_id']}", {**judged, "accounts": "all"})
    text = f"The {shown} largest of {story['accounts']:,} accounts."
    return Pages(text, "", f"{every}#accounts")


def quote_pages(story: Row, judged: Mapping[str, str]) -> Pages | None:
    """Which of the quotes are shown; None where it is all of them."""
    start, shown, every = story["quotes_from"], len(story["quotes"]), story["quotes_in_all"]
    if shown >= every:
        return None

    def at(place: int) -> str:
        query = {**judged, "quotes": str(place) if place else ""}
        return link(f"/board/{story['theme_id']}", query) + "#quotes"

    return Pages(
        f"{start + 1:,} to {start + shown:,} of {every:,}, oldest first." if shown else "",
        at(max(0, start - QUOTES)) if start else "",
        at(start + shown) if shown and start + shown < every else "",
    )
