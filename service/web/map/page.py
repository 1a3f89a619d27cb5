"""The map of a quarter as a page: the picture's frame, its legend, and the themes as a table."""

from __future__ import annotations

from collections import Counter

from models.window import parse_quarter
from service.flows.health import StoreFigures
from service.flows.quarter_map import MapTheme, MapThemes
from service.web.contexts import Done, Empty
from service.web.figures import LEVEL_TITLES, LEVELS, link
from service.web.map.contexts import LegendEntry, MapPage, MapRow

MAP = "/desk/map"
COLOURS = {"theme": "by theme", "level": "by level"}
# So many of the largest themes have a shape and a colour of their own: more could not be told
# apart.
OWN_MARKS = 8


def map_page(
    found: MapThemes,
    *,
    colour: str,
    may_decide: bool,
    done: Done | None,
    refused: str,
    holds: StoreFigures | None,
) -> MapPage:
    """The page of a quarter's themes. `colour` is `theme` or `level`.

    `holds` says what there is at all, where the quarter has nothing.
    """
    quarter = parse_quarter(found.quarter)
    kept = {"colour": colour if colour != "theme" else ""}
    before, after = str(quarter.shifted(-1)), str(quarter.shifted(1))
    return MapPage(
        quarter=found.quarter,
        previous_quarter=before,
        previous_link=link(MAP, {"quarter": before, **kept}),
        next_quarter=after,
        next_link=link(MAP, {"quarter": after, **kept}),
        here=link(MAP, {"quarter": found.quarter, **kept}),
        colour=colour,
        colours=[
            (name, title, link(MAP, {"quarter": found.quarter, "colour": name}))
            for name, title in COLOURS.items()
        ],
        points_link=link(f"{MAP}/points", {"quarter": found.quarter}),
        legend=_legend(found, colour),
        rows=[_row(theme) for theme in found.themes],
        requests=found.requests,
        waiting=found.waiting,
        may_decide=may_decide,
        done=done,
        refused=refused,
        empty=_empty(found.quarter, holds) if holds else None,
    )


def _legend(found: MapThemes, colour: str) -> list[LegendEntry]:
    if colour == "level":
        counts: Counter[str] = Counter()
        for theme in found.themes:
            counts[theme.level] += theme.requests
        entries = [
            LegendEntry(level, title, level, counts[level])
            for level, title, _ in LEVELS
            if counts[level]
        ]
    else:
        ranked = sorted(found.themes, key=lambda theme: (-theme.requests, theme.theme_id))
        own, others = ranked[:OWN_MARKS], ranked[OWN_MARKS:]
        entries = [
            LegendEntry(theme.theme_id, theme.label, str(place), theme.requests)
            for place, theme in enumerate(own)
        ]
        if others:
            rest = sum(theme.requests for theme in others)
            entries.append(LegendEntry("other", f"{len(others)} other themes", "other", rest))
    if found.waiting:
        entries.append(LegendEntry("waiting", "on no theme", "waiting", found.waiting))
    return entries


def _row(theme: MapTheme) -> MapRow:
    return MapRow(
        theme_id=theme.theme_id,
        label=theme.label,
        link=f"/desk/themes/{theme.theme_id}",
        feature_area=theme.feature_area or "",
        level=theme.level,
        level_title=LEVEL_TITLES[theme.level],
        status=theme.status,
        requests=theme.requests,
        accounts=theme.accounts,
    )


def _empty(quarter: str, holds: StoreFigures) -> Empty:
    if holds.pending_notes:
        return Empty(
            "The notes are being read",
            f"Notes that wait for the worker: {holds.pending_notes:,}. Reload in a while.",
        )
    if holds.requests:
        return Empty(
            f"Nothing was heard in {quarter}",
            "The quarter is told by when a note was written. Look at another one.",
        )
    return Empty(
        "There is nothing to draw yet",
        "Load notes first, then start a run.",
        ("groundswell load notes notes.jsonl --wait", "groundswell run"),
    )
