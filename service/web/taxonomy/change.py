"""What a change to the taxonomy would do to the signals, as a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from service.web.deciding.items import PATH, item_path
from service.web.figures import LEVEL_TITLES
from service.web.taxonomy.contexts import ChangedLine, ChangePage
from service.web.taxonomy.forms import Press

Row = Mapping[str, Any]
# Beyond these many a list says how many more there are.
_LINES, _NAMES = 100, 12
_BUTTONS = {
    "add": "Make it live",
    "refuse": "Refuse it",
    "edit": "Save it",
    "merge": "Merge them",
    "retire": "Retire it",
    "accept": "Make it an item",
    "reject": "Reject it",
}


def change_page(answer: Row, press: Press, *, subject: str, back: str) -> ChangePage:
    """The page of a `rehearse` answer, as plain JSON.

    `subject` is the path of the item, or the label of the theme, that is decided on.
    """
    lines = [_line(row) for row in answer["signals"]]
    # What changes its level comes first; else they stay in the order of the board.
    lines.sort(key=lambda line: line.level_before == line.level_after)
    return ChangePage(
        quarter=answer["quarter"],
        title=_title(press, subject),
        button=_BUTTONS[press.action],
        lines=lines[:_LINES],
        more=max(0, len(lines) - _LINES),
        levels_changed=sum(line.level_before != line.level_after for line in lines),
        moved=answer["moved"],
        taken_up=answer["taken_up"],
        set_free=answer["set_free"],
        fields=press.fields,
        back=back,
    )


def _title(press: Press, subject: str) -> str:
    fields = press.fields
    pair = item_path(fields["area"], fields["need"])
    if press.action == "add":
        return f"New item: {pair}"
    if press.action == "refuse":
        return f"Refuse: {pair}"
    if press.action == "merge":
        source, target = _told_apart(subject, fields["into"])
        return f"Merge {source} into {target}"
    if press.action == "edit":
        source, target = _told_apart(subject, pair)
        return f"Edit {source}" if pair == subject else f"Rename {source} to {target}"
    if press.action == "accept":
        return f"Make an item of {subject}: {pair}"
    return f"{'Retire' if press.action == 'retire' else 'Reject'} {subject}"


def _told_apart(path: str, other: str) -> tuple[str, str]:
    """Two items by their needs, or by their whole paths where the needs are the same."""
    needs = path.rpartition(PATH)[2], other.rpartition(PATH)[2]
    return (path, other) if needs[0] == needs[1] and path != other else needs


def _line(row: Row) -> ChangedLine:
    before, after = row["before"], row["after"]
    now = after or before
    levels = [side["level"] if side else "" for side in (before, after)]
    return ChangedLine(
        label=now["label"],
        was=before["label"] if before and after and before["label"] != after["label"] else "",
        level_before=levels[0],
        title_before=LEVEL_TITLES.get(levels[0], "not heard"),
        level_after=levels[1],
        title_after=LEVEL_TITLES.get(levels[1], "gone"),
        accounts=_both(before, after, "accounts"),
        requests=_both(before, after, "requests"),
        arr=_both(before, after, "arr"),
        gained=row["gained"][:_NAMES],
        gained_more=max(0, len(row["gained"]) - _NAMES),
        lost=row["lost"][:_NAMES],
        lost_more=max(0, len(row["lost"]) - _NAMES),
    )


def _both(before: Row | None, after: Row | None, name: str) -> tuple[Any, Any]:
    sides: Sequence[Row | None] = (before, after)
    first, last = (side[name] if side else 0 for side in sides)
    return first, last
