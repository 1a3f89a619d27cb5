"""What was chosen on the map, as a page that asks what to do with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from service.flows.map_selection import Part
from service.web.deciding.forms import Names
from service.web.figures import link
from service.web.map.contexts import ChosenPart, SelectionPage
from service.web.map.page import MAP

QUOTES = 6
# A line around more themes than this is a hint that it was drawn too wide.
_SHOWN = 30


def selection_page(
    parts: Sequence[Part],
    ids: Sequence[str],
    names: Names,
    typed: Mapping[str, str],
    *,
    refused: str = "",
) -> SelectionPage:
    """The page of a selection's parts; `ids` are all that was asked for, `typed` the form."""
    shown = [_part(part, typed) for part in parts[:_SHOWN]]
    count = sum(len(part.request_ids) for part in parts)
    quarter, colour = typed.get("quarter", ""), typed.get("colour", "")
    return SelectionPage(
        quarter=quarter,
        colour=colour,
        back=link(MAP, {"quarter": quarter, "colour": colour}),
        count=count,
        gone=len(ids) - count,
        everything=" ".join(ids),
        parts=shown,
        themes=[part for part in shown if part.theme_id],
        left_out=len(parts) - len(shown),
        names=sorted(names.themes),
        refused=refused,
    )


def _part(part: Part, typed: Mapping[str, str]) -> ChosenPart:
    count = len(part.request_ids)
    theme_id = part.theme_id or ""
    return ChosenPart(
        theme_id=theme_id,
        label=part.label or "On no theme",
        link=f"/desk/themes/{theme_id}" if theme_id else "/desk/waiting",
        etag=part.etag,
        whole=part.whole,
        count=count,
        quotes=[quote or "(tagged without a quote)" for quote in part.quotes],
        more=count - len(part.quotes),
        typed=typed.get(f"item:{theme_id}", ""),
    )
