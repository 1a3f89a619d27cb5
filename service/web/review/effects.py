"""What would change by an answer, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.web.figures import LEVEL_TITLES, dollars

Row = Mapping[str, Any]


def effects(row: Row, labels: Mapping[str, str], paths: Mapping[str, str]) -> list[str]:
    """One sentence for each level that hangs on a `DeskQuestion`, and one on the ARR behind it."""
    tell = _on_theme if row["kind"] == "theme" else _on_requests
    told = [tell(row, change, labels, paths) for change in row["signals"]]
    return [*(told or ["No level changes by this answer."]), _arr(row)]


def _on_theme(row: Row, change: Row, labels: Mapping[str, str], paths: Mapping[str, str]) -> str:
    start, end = LEVEL_TITLES[change["from"]], LEVEL_TITLES[change["to"]]
    if change["theme_id"] != row["theme"]["id"]:
        name = paths.get(change["theme_id"]) or labels.get(change["theme_id"], "the item")
        return f"Accepted as {name}, that goes from {start} to {end}."
    if row["other"]:
        return f"Accepted there or rejected, this is a {start} of its own no longer."
    return f"Accepted as a new item, this stays a {start}; rejected, it goes to {end}."


def _on_requests(row: Row, change: Row, labels: Mapping[str, str], paths: Mapping[str, str]) -> str:
    start, end = LEVEL_TITLES[change["from"]], LEVEL_TITLES[change["to"]]
    name = f"“{labels.get(change['theme_id'], row['theme']['label'])}”"
    if change["theme_id"] != row["theme"]["id"]:
        return f"Moved to {name}, that goes from {start} to {end}."
    waits = all(request["theme_id"] is None for request in row["requests"])
    if waits:
        return f"If they belong to it, {name} goes from {start} to {end}."
    return f"Without them, {name} goes from {start} to {end}."


def _arr(row: Row) -> str:
    return f"{dollars(row['arr'])} of ARR is behind these requests."
