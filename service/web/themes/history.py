"""A theme's history in words: what runs did with it, and what people decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from service.web.decided import verb
from service.web.deciding.items import item_path
from service.web.themes.contexts import Decided, Step

Row = Mapping[str, Any]


def many(count: int, noun: str = "request") -> str:
    """A count with its noun."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def history(steps: Sequence[Row], theme_id: str, labels: Mapping[str, str]) -> list[Step]:
    """One sentence for each run that did something; runs that only kept it are told together."""
    told: list[Step] = []
    kept: list[Row] = []
    for row in steps:
        if row["kind"] == "kept" and row["theme_id"] == theme_id:
            kept.append(row)
            continue
        told += _kept(kept)
        kept = []
        text, other = _sentence(row, theme_id, labels)
        if text:
            told.append(Step(_day(row), text, f"/desk/themes/{other}" if other else ""))
    return told + _kept(kept)


def _kept(rows: Sequence[Row]) -> list[Step]:
    if not rows:
        return []
    first, last = rows[0], rows[-1]
    runs = f"run {first['run']}" if first is last else f"runs {first['run']} to {last['run']}"
    held = f"; {many(last['requests'])} of before still on it" if last["requests"] else ""
    return [Step(_day(last), f"Kept by {runs}{held}.", "")]


def _sentence(row: Row, theme_id: str, labels: Mapping[str, str]) -> tuple[str, str]:
    """The sentence and the other theme in it, which it doesn't link to where it is empty."""
    run, count, other = row["run"], many(row["requests"]), row["other_id"]
    mine = row["theme_id"] == theme_id
    if row["kind"] == "born" and mine:
        source = f", out of “{labels.get(other, other)}”" if other else ""
        return f"Born in run {run} of {count}{source}.", other or ""
    if row["kind"] == "merged" and mine:
        return f"Joined into “{labels.get(other, other)}” in run {run}, with {count}.", other
    if row["kind"] == "merged":
        name = labels.get(row["theme_id"], row["theme_id"])
        return f"Took in “{name}” in run {run}, {count} of it.", ""
    if row["kind"] == "split" and mine:
        return f"Run {run} made “{labels.get(other, other)}” of {count} of it.", other
    if row["kind"] == "faded" and mine:
        return f"Fell apart in run {run}.", ""
    return "", ""


def _day(row: Row) -> str:
    return row["at"][:10] if row["at"] else ""


def decided(
    rows: Sequence[Row], theme_id: str, labels: Mapping[str, str], may_decide: bool
) -> list[Decided]:
    """The decisions on a theme, newest first, as plain JSON."""
    return [
        Decided(
            id=row["id"],
            when=f"{row['made_at'][:10]} {row['made_at'][11:16]}",
            actor=row["actor"],
            what=_what(row, theme_id, labels),
            reason=row["reason"] or "",
            undone=f"undone by {row['undone_by']} on {row['undone_at'][:10]}"
            if row["undone_at"]
            else "",
            can_undo=may_decide and not row["undone_at"] and row["stands_alone"],
            link=f"/desk/themes/{row['payload']['to']}" if row["payload"].get("to") else "",
        )
        for row in rows
    ]


def _what(row: Row, theme_id: str, labels: Mapping[str, str]) -> str:
    said, action = row["payload"], row["action"]
    count = many(len(said.get("requests") or ()))
    subject = verb(action)
    if row["on"] != theme_id:
        subject = f"“{labels.get(row['on'], row['on'])}”: {subject.lower()}"
    if action in ("accept", "edit"):
        return f"{subject} as {item_path(said['feature_area'], said['customer_need'])}"
    if action == "rename":
        return f"{subject} to “{said['label']}”"
    if action == "merge":
        return f"{subject} into “{labels.get(said['into'], said['into'])}”"
    if action == "move" and not said.get("to"):
        return f"{subject} {count} off every item"
    if action == "move":
        return f"{subject} {count} to “{labels.get(said['to'], said['to'])}”"
    if action == "severity":
        return f"{subject} of {count} to {said['severity']}"
    if action == "deliver":
        return f"{subject} to {said.get('delivery', said).get('state', '')}"
    return f"{subject} {count}" if said.get("requests") else subject
