"""One theme as a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from service.web.contexts import Done, Empty
from service.web.deciding.answers import answers
from service.web.deciding.contexts import Answer, Typed
from service.web.deciding.items import item_path
from service.web.deciding.quotes import picked
from service.web.figures import dollars, link
from service.web.themes.contexts import MonthRow, Similar, ThemePage
from service.web.themes.history import decided, history

Row = Mapping[str, Any]
_ORIGINS = {
    "item": "an item of the taxonomy",
    "cluster": "found by clustering",
    "split": "split off by a person",
    "unclassified": "a group of what fits no item",
}


def path_of(theme_id: str) -> str:
    """The address of a theme."""
    return f"/desk/themes/{theme_id}"


def theme_page(
    view: Row,
    *,
    came_from: str,
    cursor: str,
    items: Sequence[str],
    themes: Sequence[str],
    may_decide: bool,
    reads_notes: bool,
    done: Done | None,
    refused: str,
    typed: Typed,
) -> ThemePage:
    """The page of a `ThemeView`, as plain JSON.

    `came_from` is the id of a merged theme whose address led here.
    """
    theme, labels, here = view["theme"], view["labels"], path_of(view["theme"]["id"])
    is_open = theme["status"] in ("proposed", "accepted")
    decides = may_decide and is_open
    return ThemePage(
        id=theme["id"],
        etag=view["etag"],
        label=theme["label"],
        status=theme["status"],
        origin=_ORIGINS[theme["origin"]],
        path=item_path(theme["feature_area"], theme["customer_need"])
        if theme["feature_area"]
        else "",
        keyphrases=theme["keyphrases"],
        came_from=labels.get(came_from, "") if came_from in view["merged_from"] else "",
        merged_from=sorted({labels.get(name, name) for name in view["merged_from"]}),
        fate=_fate(theme),
        figures=_figures(view),
        signal_link=link(f"/board/{theme['id']}", {"quarter": view["quarter"]})
        if view["quarter"]
        else "",
        answers=_answers(view, decides),
        quotes=_quotes(view, reads_notes, typed),
        more_link=link(here, {"cursor": view["members"]["next_cursor"]})
        if view["members"]["next_cursor"]
        else "",
        first_link=here if cursor else "",
        here=link(here, {"cursor": cursor}),
        undo_back=path_of(came_from) if came_from and done else link(here, {"cursor": cursor}),
        months=[
            MonthRow(m["month"], m["requests"], m["accounts"]) for m in view["figures"]["months"]
        ],
        history=history(view["steps"], theme["id"], labels),
        decisions=decided(view["decisions"], theme["id"], labels, may_decide),
        similar=[_similar(row, theme, decides) for row in view["similar"]] if is_open else [],
        items=items if decides else [],
        themes=themes if decides else [],
        may_decide=decides,
        done=done,
        refused=refused,
        typed=typed,
        empty=None if view["members"]["data"] else _empty(theme),
    )


def _quotes(view: Row, reads_notes: bool, typed: Typed) -> list[Any]:
    exemplars = {*view["theme"]["exemplars"]}
    return [
        picked(
            request,
            beside=view["theme"]["id"],
            chosen=typed.ticks(request["id"], False),
            remark=", ".join(_remarks(request, request["id"] in exemplars)),
            reads_notes=reads_notes,
            senders=view["senders"],
        )
        for request in view["members"]["data"]
    ]


def _remarks(request: Row, typical: bool) -> list[str]:
    put_by = {"person": "put here by a person", "model": "put here by the machine"}
    remarks = [put_by.get(request["assigned_by"], "waits in this group")]
    return ["typical of it", *remarks] if typical else remarks


def _answers(view: Row, decides: bool) -> list[Answer]:
    if not decides or view["theme"]["status"] != "proposed":
        return []
    row = {"kind": "theme", "proposal": view["proposal"], "answers": view["answers"]}
    return answers(row, {})


def _figures(view: Row) -> list[tuple[str, str]]:
    figures = view["figures"]
    return [
        ("Requests", str(figures["requests"])),
        ("Accounts", str(figures["accounts"])),
        ("ARR", dollars(figures["arr"])),
        ("CSMs", str(figures["csms"])),
        *((name.capitalize(), str(count)) for name, count in figures["severities"].items()),
        ("First heard", view["first_at"][:10] if view["first_at"] else "-"),
        ("Delivery", view["theme"]["delivery"].get("state", "open")),
    ]


def _fate(theme: Row) -> str:
    if theme["status"] == "rejected":
        return "This theme was rejected: its requests wait, or are on others. Undo it below."
    if theme["faded_at"]:
        return f"This theme fell apart on {theme['faded_at'][:10]}: a run found nothing like it."
    return ""


def _similar(row: Row, theme: Row, may_decide: bool) -> Similar:
    # An item's theme is never merged into one that is only proposed.
    fits = theme["status"] != "accepted" or row["status"] == "accepted"
    return Similar(
        id=row["id"],
        label=row["label"],
        status=row["status"],
        link=path_of(row["id"]),
        cosine=f"{row['cosine']:.2f}",
        remark="kept apart by a decision" if row["kept_apart"] else "",
        can_merge=may_decide and fits,
        can_take=may_decide and not fits,
    )


def _empty(theme: Row) -> Empty:
    if theme["status"] == "accepted":
        return Empty(
            "Nobody has asked for this yet",
            "Requests that fit the item are put here as they arrive.",
        )
    return Empty("It holds no requests", "What was on it waits, or is on other themes.")
