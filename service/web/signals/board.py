"""The board: the signals of one quarter as a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from models.window import parse_quarter
from service.flows.health import StoreFigures
from service.web.contexts import Empty
from service.web.deciding.items import item_path
from service.web.figures import LEVEL_TITLES, LEVELS, dollars, link, percent, trend
from service.web.signals.contexts import (
    BoardPage,
    BoardRow,
    Chart,
    Filter,
    Lead,
    LevelTally,
    Linked,
    Mix,
)
from service.web.signals.words import (
    counted,
    delivery_words,
    month_words,
    severity_words,
    tip_sentence,
)

Row = Mapping[str, Any]
POLICIES = ("combined", "single_gate")
# What chooses rows, besides what is judged: quarter, as_of and policy.
FILTERS = ("level", "feature_area", "severity", "segment", "status")
# So many P1s are named in the sentence at the top; of more, one fewer and how many are left.
_NAMED = 5


def board_page(view: Row, query: Mapping[str, str], holds: Callable[[], StoreFigures]) -> BoardPage:
    """The page of a board view, as plain JSON.

    `query` is the page's own; `holds` says what there is to show at all, and is asked only
    where there is nothing.
    """
    judged = {
        "quarter": view["quarter"],
        "as_of": query.get("as_of", ""),
        "policy": view["policy"],
    }
    chosen = {name: query.get(name, "") for name in FILTERS}
    shown = {**judged, **chosen}
    filtered = any(chosen.values())
    return BoardPage(
        quarter=view["quarter"],
        as_of=view["as_of"],
        policy=view["policy"],
        policies=POLICIES,
        filters=_filters(view["held"], chosen),
        kept=[("as_of", judged["as_of"])] if judged["as_of"] else [],
        clear_link=link("/", judged) if filtered else "",
        total_arr=view["total_arr"],
        calibrated_accounts=view["calibrated_accounts"],
        lead=_lead(view, judged) if view["in_quarter"] else None,
        reading=_reading(view["pending_notes"]) if view["in_quarter"] else "",
        levels=_tallies(view["levels"], shown),
        rows=[_row(row, view["history"][row["theme_id"]], judged) for row in view["data"]],
        passing=_passing(view["levels"], chosen["level"]),
        first_link=link("/", shown) if query.get("cursor") else "",
        more_link=link("/", {**shown, "cursor": view["next_cursor"]})
        if view["next_cursor"]
        else "",
        csv_link=link("/board.csv", shown),
        **_steps(view["quarter"], shown),
        empty=None if view["data"] else _empty(view, holds),
    )


def _passing(levels: Mapping[str, int], level: str) -> int:
    return levels.get(level, 0) if level else sum(levels.values())


def _steps(named: str, shown: Mapping[str, str]) -> dict[str, str]:
    """To the quarters before and after, under the same filters; the day is the quarter's own."""
    quarter = parse_quarter(named)
    found = {}
    for word, other in (("previous", quarter.shifted(-1)), ("next", quarter.shifted(1))):
        found[f"{word}_quarter"] = str(other)
        found[f"{word}_link"] = link("/", {**shown, "as_of": "", "quarter": str(other)})
    return found


def _filters(held: Row, chosen: Mapping[str, str]) -> list[Filter]:
    offered = {
        "level": [(name, title) for name, title, _ in LEVELS],
        "feature_area": [(area, area) for area in held["areas"]],
        "severity": [(severity, severity) for severity in held["severities"]],
        "segment": [(segment, segment.replace("_", " ")) for segment in held["segments"]],
        "status": [(status, status) for status in ("accepted", "proposed")],
    }
    titles = ("Level", "Area", "Severity", "Segment", "Review")
    filters = []
    for (name, options), title in zip(offered.items(), titles, strict=True):
        value = chosen[name]
        # What is in the address stays in the form, even where this quarter holds none of it.
        unknown = [(value, value)] if value and value not in dict(options) else []
        filters.append(Filter(name, title, [*options, *unknown], value))
    return filters


def _tallies(counts: Mapping[str, int], shown: Mapping[str, str]) -> list[LevelTally]:
    """A level that is chosen links back to all of them."""
    return [
        LevelTally(
            name,
            title,
            meaning,
            counts.get(name, 0),
            link("/", {**shown, "level": "" if shown["level"] == name else name}),
            shown["level"] == name,
        )
        for name, title, meaning in LEVELS
    ]


def _lead(view: Row, judged: Mapping[str, str]) -> Lead:
    urgent, nearest = view["urgent"], view["nearest"]
    if urgent is None:
        if nearest is None:
            return Lead("No theme is P1, and no single change would make one.", [], "")
        change = tip_sentence(nearest["margin"], "p1", "up", sure=nearest["sure"])
        return Lead("No theme is P1. The nearest is", [_linked(nearest, judged)], f": {change}")
    themes = urgent["themes"]
    count = len(themes)
    opening = f"{counted(count, 'theme')} {'is' if count == 1 else 'are'} P1:"
    named = themes if count <= _NAMED else themes[: _NAMED - 1]
    more = f" and {count - len(named)} more" if len(named) < count else ""
    renewing = urgent["renewing_accounts"]
    days = view["policy_numbers"]["renewal_days"]
    rest = (
        f"{more}. {dollars(urgent['arr'])} of ARR, {percent(urgent['arr_share'])} of all, stands"
        f" behind {'it' if count == 1 else 'them'}: {counted(urgent['accounts'], 'account')},"
        f" {urgent['at_risk_accounts']} of them at risk"
    )
    if renewing:
        rest += f", {renewing} of these up for renewal within {days} days"
    return Lead(opening, [_linked(theme, judged) for theme in named], f"{rest}.")


def _linked(theme: Row, judged: Mapping[str, str]) -> Linked:
    return Linked(theme["label"], link(f"/board/{theme['theme_id']}", judged))


def _row(row: Row, months: Sequence[Row], judged: Mapping[str, str]) -> BoardRow:
    area, need = row["feature_area"], row["customer_need"]
    return BoardRow(
        level=row["level"],
        level_title=LEVEL_TITLES[row["level"]],
        label=row["label"],
        link=link(f"/board/{row['theme_id']}", judged),
        path=_path(row["label"], area, need),
        accounts=row["accounts"],
        arr=row["arr"],
        share=row["arr_share"],
        at_risk=row["at_risk_accounts"],
        csms=row["csms"],
        severity=row["severity"],
        mix=severity_mix(row["severities"]),
        trend=trend(row["trend"]),
        months=month_chart(months),
        status=row["status"],
        delivery=delivery_words(row["delivery"]),
    )


def _path(label: str, area: str | None, need: str | None) -> str:
    """The place in the taxonomy; the need is not said twice where the theme is called by it."""
    if not area or not need:
        return "not in the taxonomy yet"
    return area if need == label else item_path(area, need)


def severity_mix(severities: Row) -> Mix:
    """The requests of a signal by severity."""
    parts = [(name, count["requests"]) for name, count in severities.items()]
    return Mix(parts, severity_words(severities))


def month_chart(months: Sequence[Row]) -> Chart:
    """The accounts of a signal by month."""
    return Chart([row["accounts"] for row in months], month_words(months))


def _reading(pending: int) -> str:
    if not pending:
        return ""
    are = "is" if pending == 1 else "are"
    return f"{counted(pending, 'note')} {are} still being read; reload the page to see what is new."


def _empty(view: Row, holds: Callable[[], StoreFigures]) -> Empty:
    if view["in_quarter"]:
        return Empty("No theme passes these filters", "Clear them to see the whole quarter.")
    held = holds()
    if held.pending_notes:
        return Empty(
            "The notes are being read",
            f"Notes that wait for the worker: {held.pending_notes:,}. Themes show up here once"
            " a clustering run has followed; reload this page in a while.",
            ("groundswell run",),
        )
    if held.requests:
        return Empty(
            f"Nothing was heard in {view['quarter']}",
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
