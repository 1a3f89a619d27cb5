"""What fits no item, by month, as a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from service.web.contexts import Empty
from service.web.deciding.quotes import note_link
from service.web.figures import link
from service.web.taxonomy.contexts import (
    Candidate,
    CandidateQuote,
    Head,
    ItemForm,
    TagCell,
    TagLine,
    TagMonth,
    UnclassifiedPage,
)
from service.web.taxonomy.tree import UNCLASSIFIED

Row = Mapping[str, Any]
# So many candidates a page.
SHOWN = 30
_SEVERITIES = ("blocking", "degraded", "minor")


def unclassified_page(
    answer: Row,
    head: Head,
    *,
    start: int,
    areas: Sequence[str],
    reads_notes: bool,
    refused_on: str = "",
    form: ItemForm | None = None,
) -> UnclassifiedPage:
    """The page of `unclassified_by_month`, as plain JSON.

    `refused_on` is the candidate whose `form` was refused and is shown as it was typed.
    """
    shown = {row["theme_id"] for row in answer["candidates"]}
    more = start + SHOWN < answer["all_candidates"]
    dated = {"quarter": head.quarter}
    return UnclassifiedPage(
        head=head,
        months=_months(answer["tags"], shown),
        candidates=[
            _candidate(row, reads_notes, form if row["theme_id"] == refused_on else None)
            for row in answer["candidates"]
        ],
        all_candidates=answer["all_candidates"],
        more_link=link(UNCLASSIFIED, {**dated, "start": str(start + SHOWN)}) if more else "",
        first_link=link(UNCLASSIFIED, dated) if start else "",
        elsewhere=[
            (quarter, count, link(UNCLASSIFIED, {"quarter": quarter}))
            for quarter, count in answer["elsewhere"].items()
        ],
        area_names=areas,
        empty=None if answer["tags"] else _empty(head.quarter),
    )


def _months(tags: Sequence[Row], shown: set[str]) -> list[TagMonth]:
    found = []
    for month, rows in groupby(tags, key=lambda row: row["month"]):
        lines = [_tag_line(row, shown) for row in rows]
        found.append(TagMonth(month, sum(line.requests for line in lines), lines))
    return found


def _tag_line(row: Row, shown: set[str]) -> TagLine:
    cells = []
    for severity in _SEVERITIES:
        group = row["candidates"].get(severity)
        to = f"#c-{group}" if group in shown else f"/desk/themes/{group}"
        cells.append(
            TagCell(count=row[severity], often=group is not None, link=to if group else "")
        )
    area = row["feature_area"] or ""
    waiting = link("/desk/waiting", {"area": area}) if area else ""
    return TagLine(area, waiting, cells, row["requests"])


def _candidate(row: Row, reads_notes: bool, form: ItemForm | None) -> Candidate:
    return Candidate(
        theme_id=row["theme_id"],
        etag=row["etag"],
        label=row["label"],
        area=row["feature_area"],
        severity=row["severity"],
        requests=row["requests"],
        accounts=row["accounts"],
        quotes=[
            CandidateQuote(
                quote["text"],
                quote["account_id"] or "no account named",
                quote["occurred_at"][:10],
                note_link(quote) if reads_notes else "",
            )
            for quote in row["quotes"]
        ],
        more=row["requests"] - len(row["quotes"]),
        theme_link=f"/desk/themes/{row['theme_id']}",
        waiting_link=link(
            "/desk/waiting", {"area": row["feature_area"], "severity": row["severity"]}
        ),
        form=form or ItemForm(area=row["feature_area"]),
    )


def _empty(quarter: str) -> Empty:
    return Empty(
        f"Everything that was heard in {quarter} is on a theme",
        "Nothing waits in this quarter. Look at another one, or read new notes first.",
    )
