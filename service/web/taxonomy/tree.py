"""The tree of areas and needs as a page, and one item of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from models.window import parse_quarter
from service.web.contexts import Done, Empty
from service.web.deciding.items import item_path
from service.web.figures import LEVEL_TITLES, link
from service.web.taxonomy.contexts import (
    Area,
    Head,
    Heard,
    ItemForm,
    ItemLine,
    ItemPage,
    TreePage,
)
from service.web.taxonomy.forms import one_a_line

Row = Mapping[str, Any]
TREE = "/desk/taxonomy"
UNCLASSIFIED = f"{TREE}/unclassified"
# So many rows weigh less than a page may, with room for long descriptions.
ROWS = 250
_CLIPPED = 140
_NO_FORM = ItemForm()


def head_of(
    quarter: str,
    path: str,
    query: Mapping[str, str],
    *,
    open_candidates: int,
    may_decide: bool,
    done: Done | None = None,
    refused: str = "",
) -> Head:
    """What every page of the taxonomy begins with; `query` is its own, without the quarter."""
    this = parse_quarter(quarter)
    before, after = str(this.shifted(-1)), str(this.shifted(1))
    return Head(
        quarter=quarter,
        previous_quarter=before,
        previous_link=link(path, {**query, "quarter": before}),
        next_quarter=after,
        next_link=link(path, {**query, "quarter": after}),
        tree_link=link(TREE, {"quarter": quarter}),
        unclassified_link=link(UNCLASSIFIED, {"quarter": quarter}),
        open_candidates=open_candidates,
        here=link(path, {**query, "quarter": quarter}),
        may_decide=may_decide,
        done=done,
        refused=refused,
    )


def tree_page(
    rows: Sequence[Row],
    head: Head,
    *,
    q: str,
    retired: bool,
    start: int,
    said: str,
    form: ItemForm = _NO_FORM,
    may_propose: bool,
) -> TreePage:
    """The page of `taxonomy_tree`'s items, as plain JSON: those that hold every word of `q`."""
    statuses = ("live", "retired") if retired else ("live",)
    found = [row for row in rows if row["status"] in statuses and _holds(row, q)]
    shown = found[start : start + ROWS]
    proposed = [row for row in rows if row["status"] == "proposed" and _holds(row, q)]
    query = {"q": q, "retired": "1" if retired else "", "quarter": head.quarter}
    gone = sum(row["status"] == "retired" for row in rows)
    other = {**query, "retired": "" if retired else "1"}
    more = start + ROWS < len(found)
    return TreePage(
        head=head,
        q=q,
        retired=retired,
        retired_link=link(TREE, other),
        live=sum(row["status"] == "live" for row in rows),
        retired_items=gone,
        shown=len(shown),
        whole=not more and not start,
        areas=[
            Area(area, sum(row["requests"] for row in of_area), _lines(of_area, head.quarter))
            for area, of_area in _by_area(shown)
        ],
        area_names=sorted({row["feature_area"] for row in rows if row["status"] != "retired"}),
        proposed=_lines(proposed, head.quarter),
        more_link=link(TREE, {**query, "start": str(start + ROWS)}) if more else "",
        first_link=link(TREE, query) if start else "",
        said=next((row["customer_need"] for row in proposed if row["id"] == said), ""),
        form=form,
        may_propose=may_propose,
        csv_link=f"{TREE}.csv",
        empty=None if shown else _empty(bool(rows), q),
    )


def item_page(
    row: Row,
    head: Head,
    *,
    paths: Sequence[str],
    areas: Sequence[str],
    refused: str = "",
    form: ItemForm = _NO_FORM,
) -> ItemPage:
    """The page of `taxonomy_item`, as plain JSON; `paths` are those of all live items.

    `refused` is the action that was, with what was typed in its `form`.
    """
    own = item_path(row["feature_area"], row["customer_need"])
    line = _line(row, head.quarter)
    kept = ItemForm(
        row["feature_area"],
        row["customer_need"],
        row["description"],
        one_a_line(row["examples"]),
    )
    return ItemPage(
        head=head,
        id=row["id"],
        area=row["feature_area"],
        need=row["customer_need"],
        description=row["description"],
        examples=row["examples"],
        status=row["status"],
        theme_id=row["theme_id"] or "",
        theme_link=f"/desk/themes/{row['theme_id']}" if row["theme_id"] else "",
        signal_link=line.signal_link,
        level=line.level,
        level_title=line.level_title,
        etag=row["etag"],
        heard=line.heard,
        requests=row["requests"],
        accounts=row["accounts"],
        arr=row["arr"],
        made=f"{row['created_at'][:10]} by {row['created_by']}",
        opened=refused,
        form=form if refused in ("edit", "add") else replace(kept, into=form.into),
        examples_shown=kept.examples,
        area_names=areas,
        others=[path for path in paths if path != own],
    )


def _by_area(rows: Sequence[Row]) -> list[tuple[str, list[Row]]]:
    grouped = groupby(rows, key=lambda row: row["feature_area"])
    return [(area, list(of_area)) for area, of_area in grouped]


def _holds(row: Row, q: str) -> bool:
    words = q.casefold().split()
    if not words:
        return True
    parts = (row["feature_area"], row["customer_need"], row["description"], *row["examples"])
    text = " ".join(parts).casefold()
    return all(word in text for word in words)


def _lines(rows: Sequence[Row], quarter: str) -> list[ItemLine]:
    return [_line(row, quarter) for row in rows]


def _line(row: Row, quarter: str) -> ItemLine:
    live, theme_id, level = row["status"] == "live", row["theme_id"], row["level"] or ""
    dated = {"quarter": quarter}
    return ItemLine(
        need=row["customer_need"],
        link=link(f"{TREE}/items/{row['id']}", dated),
        description=_clipped(row["description"]),
        example=_clipped(row["examples"][0]) if row["examples"] else "",
        status=row["status"],
        level=level,
        level_title=LEVEL_TITLES.get(level, ""),
        signal_link=link(f"/board/{theme_id}", dated) if live and level else "",
        theme_link=f"/desk/themes/{theme_id}" if live else "",
        heard=[
            Heard(severity, count["requests"], count["accounts"])
            for severity, count in row["severities"].items()
        ],
        accounts=row["accounts"],
    )


def _clipped(text: str) -> str:
    short = " ".join(text.split())
    return short if len(short) <= _CLIPPED else f"{short[: _CLIPPED - 1].rstrip()}…"


def _empty(has_items: bool, q: str) -> Empty:
    if q:
        return Empty(
            "No item holds these words",
            "Look for fewer words, or make the item that you miss.",
        )
    if has_items:
        return Empty(
            "No item is live",
            "Answer those that are proposed, or show those that were retired.",
        )
    return Empty(
        "There is no taxonomy yet",
        "Load the needs that your customers are known to have, or make the first one here.",
        ("groundswell load taxonomy taxonomy.csv",),
    )
