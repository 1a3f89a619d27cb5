"""The review queue as a page: one question, what hangs on it, and what comes after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from service.flows.health import StoreFigures
from service.web.contexts import Done, Empty
from service.web.figures import LEVEL_TITLES, link
from service.web.review.contexts import (
    Choice,
    Effect,
    Next,
    Question,
    ReviewPage,
    ReviewQuote,
)

Row = Mapping[str, Any]
REVIEW = "/desk/review"
PATH = " › "


def item_path(feature_area: str, customer_need: str) -> str:
    """An item as people read and type it."""
    return f"{feature_area}{PATH}{customer_need}"


def review_page(
    rows: Sequence[Row],
    *,
    next_cursor: str,
    skip_cursor: str,
    here: str,
    names: Mapping[str, str],
    items: Sequence[str],
    themes: Sequence[str],
    done: Done | None,
    refused: str,
    holds: StoreFigures,
    now: datetime,
) -> ReviewPage:
    """The page of the first of these rows of GET /review, as plain JSON.

    `names` are the labels of the themes that effects speak of; `here` is the cursor that the
    page itself was asked with.
    """
    return ReviewPage(
        question=_question(rows[0], names, now) if rows else None,
        done=done,
        refused=refused,
        upcoming=[_next(row, names) for row in rows[1:]],
        more=bool(next_cursor),
        skip_link=link(REVIEW, {"after": skip_cursor}) if skip_cursor else "",
        here=here,
        items=items,
        themes=themes,
        empty=None if rows else _empty(holds, bool(here)),
    )


def _question(row: Row, names: Mapping[str, str], now: datetime) -> Question:
    theme, proposal = row["theme"], row["theme"]["proposal"]
    return Question(
        kind=row["kind"],
        theme_id=theme["id"],
        etag=theme["etag"],
        label=theme["label"],
        status=theme["status"],
        keyphrases=theme["keyphrases"],
        requests=theme["requests"],
        accounts=theme["accounts"],
        csms=theme["csms"],
        arr=theme["arr"],
        proposed=_proposed(theme, proposal),
        is_new=bool(proposal and proposal["is_new"]),
        alternatives=_alternatives(row, proposal)[:3],
        quotes=[_quote(request, theme, row["kind"]) for request in row["requests"]],
        effects=[
            Effect(
                names.get(effect["theme_id"], effect["theme_id"]),
                LEVEL_TITLES[effect["from"]],
                LEVEL_TITLES[effect["to"]],
            )
            for effect in row["impact"]["signals"]
        ],
        effect_arr=row["impact"]["arr"],
        clock=_clock(datetime.fromisoformat(row["due_at"]), now),
        overdue=row["overdue"],
    )


def _alternatives(row: Row, proposal: Row | None) -> list[Choice]:
    """The items that the answer could be instead: of a theme its own alternatives, of doubtful
    requests what most of them have as their next best."""
    if row["kind"] == "theme":
        return [_choice(item) for item in (proposal or {}).get("alternatives", [])]
    votes: dict[str, list[Row]] = {}
    for request in row["requests"]:
        others = [c for c in request["candidates"] if c["theme_id"] != row["theme"]["id"]]
        for item in others[:2]:
            votes.setdefault(item["theme_id"], []).append(item)
    ranked = sorted(votes.values(), key=lambda same: (-len(same), same[0]["theme_id"]))
    return [Choice(same[0]["theme_id"], _choice(same[0]).path, None) for same in ranked]


def _proposed(theme: Row, proposal: Row | None) -> Choice | None:
    if theme["feature_area"]:
        return Choice(theme["id"], item_path(theme["feature_area"], theme["customer_need"]), None)
    if proposal is None or not proposal["customer_need"]:
        return None
    area = proposal["feature_area"] or "Unclassified"
    return Choice("", item_path(area, proposal["customer_need"]), proposal["confidence"])


def _choice(item: Row) -> Choice:
    path = item_path(item["feature_area"], item["customer_need"])
    return Choice(item["theme_id"], path, item["confidence"])


def _quote(request: Row, theme: Row, kind: str) -> ReviewQuote:
    others = [item for item in request["candidates"] if item["theme_id"] != theme["id"]]
    return ReviewQuote(
        id=request["id"],
        text=request["text"],
        severity=request["severity"],
        severity_by=request["severity_by"],
        account=request["account_id"] or "no account named",
        csm_id=request["csm_id"],
        day=request["occurred_at"][:10],
        now_on="" if request["theme_id"] else "waits",
        confidence=request["confidence"],
        candidates=[_choice(item) for item in others[:3]],
        chosen=kind == "requests",
    )


def _next(row: Row, names: Mapping[str, str]) -> Next:
    changes = row["impact"]["signals"]
    effect = ""
    if changes:
        first = changes[0]
        effect = f"{LEVEL_TITLES[first['from']]} → {LEVEL_TITLES[first['to']]}"
    return Next(row["theme"]["label"], row["kind"], effect, row["overdue"])


def _clock(due: datetime, now: datetime) -> str:
    left = due - now
    if left < timedelta(0):
        return f"overdue by {_span(-left)}"
    return f"due in {_span(left)}"


def _span(time: timedelta) -> str:
    hours = int(time.total_seconds() // 3600)
    return f"{hours} h" if hours < 72 else f"{hours // 24} days"


def _empty(holds: StoreFigures, skipped: bool) -> Empty:
    if skipped:
        return Empty("That was the last one", "What you skipped still waits at the top.")
    if holds.requests:
        return Empty(
            "Nothing waits for you",
            "Every proposal has its answer. New ones come with new notes and the next run.",
            ("groundswell run",),
        )
    return Empty(
        "There is nothing to review yet",
        "Load notes first; proposals come with the first run.",
        ("groundswell load notes notes.jsonl --wait", "groundswell run"),
    )
