"""The board: the signals of one quarter as a page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from models.window import parse_quarter
from service.flows.health import StoreFigures
from service.web.contexts import Empty
from service.web.figures import LEVEL_TITLES, LEVELS, link, trend
from service.web.signals.contexts import BoardPage, BoardRow, LevelTally

Row = Mapping[str, Any]
POLICIES = ("combined", "single_gate")


def board_page(
    answer: Row, whole: Sequence[Row], query: Mapping[str, str], holds: StoreFigures
) -> BoardPage:
    """The page of an answer of GET /signals, as plain JSON.

    `whole` are the quarter's rows without filters, for the tally; `query` is the page's own,
    without its cursor; `holds` says what there is to show at all.
    """
    quarter = parse_quarter(answer["quarter"])
    shown = {**query, "quarter": answer["quarter"], "policy": answer["policy"]}
    kept = {name: shown.get(name, "") for name in ("policy",)}
    level, status = query.get("level", ""), query.get("status", "")
    return BoardPage(
        quarter=answer["quarter"],
        as_of=answer["as_of"],
        as_of_given=bool(query.get("as_of")),
        policy=answer["policy"],
        policies=POLICIES,
        level=level,
        status=status,
        filtered=bool(level or status),
        total_arr=answer["total_arr"],
        calibrated_accounts=answer["calibrated_accounts"],
        levels=_tallies(whole, shown),
        rows=[_row(row, shown) for row in answer["data"]],
        more_link=link("/", {**shown, "cursor": answer["next_cursor"]})
        if answer["next_cursor"]
        else "",
        previous_quarter=str(quarter.shifted(-1)),
        previous_link=link("/", {"quarter": str(quarter.shifted(-1)), **kept}),
        next_quarter=str(quarter.shifted(1)),
        next_link=link("/", {"quarter": str(quarter.shifted(1)), **kept}),
        empty=None if answer["data"] else _empty(bool(whole), answer["quarter"], holds),
    )


def _tallies(rows: Sequence[Row], query: Mapping[str, str]) -> list[LevelTally]:
    counts = Counter(row["level"] for row in rows)
    return [
        LevelTally(name, title, meaning, counts[name], link("/", {**query, "level": name}))
        for name, title, meaning in LEVELS
    ]


def _row(row: Row, query: Mapping[str, str]) -> BoardRow:
    dated = {name: query.get(name, "") for name in ("quarter", "as_of", "policy")}
    return BoardRow(
        level=row["level"],
        level_title=LEVEL_TITLES[row["level"]],
        label=row["label"],
        link=link(f"/board/{row['theme_id']}", dated),
        feature_area=row["feature_area"],
        accounts=row["accounts"],
        arr=row["arr"],
        share=row["arr_share"],
        at_risk=row["at_risk_accounts"],
        csms=row["csms"],
        severity=row["severity"],
        trend=trend(row["trend"]),
        status=row["status"],
    )


def _empty(has_rows: bool, quarter: str, holds: StoreFigures) -> Empty:
    if has_rows:
        return Empty("No theme passes these filters", "Clear them to see the whole quarter.")
    if holds.pending_notes:
        return Empty(
            "The notes are being read",
            f"Notes that wait for the worker: {holds.pending_notes:,}. Themes show up here once"
            " a clustering run has followed; reload this page in a while.",
            ("groundswell run",),
        )
    if holds.requests:
        return Empty(
            f"Nothing was heard in {quarter}",
            "The quarter is told by when a note was written. Look at another one, or start a"
            " clustering run if there has been none.",
            ("groundswell run",),
        )
    return Empty(
        "There are no notes yet",
        "Load your accounts, CSMs, taxonomy and notes, then start a run; or see it all on"
        " sample notes first.",
        (
            "groundswell load accounts accounts.csv",
            "groundswell load csms csms.csv",
            "groundswell load taxonomy taxonomy.csv",
            "groundswell load notes notes.jsonl --wait",
            "groundswell run",
        ),
    )
