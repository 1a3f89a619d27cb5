"""What people decided lately about a CSM's requests and the themes they are on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, TypedDict

from models.theme import Delivery
from service.masking import Sight
from service.storage.reported import Change, Touched
from service.storage.requests import RequestRecord

# A name or a word on severity changes nothing of where a request went.
_OF_THEMES = ("accept", "deliver", "merge")
_OF_REQUESTS = ("move", "confirm", "split", "dismiss", "severity")
# Of the newest decisions: as many as every database takes in one statement.
_MOST_REQUESTS = 10_000


class ChangeRow(TypedDict):
    """One decision that touched a request: when, which action, and what was said with it."""

    at: datetime
    action: str
    severity: str | None
    delivery: dict[str, str | None] | None
    reason: str | None


def touched_by(changes: Sequence[Change]) -> Touched:
    """All that these decisions touched."""
    themes = {_theme_of(change) for change in changes if change.action in _OF_THEMES}
    ids = (
        request_id
        for change in changes
        if change.action in _OF_REQUESTS
        for request_id in change.payload.get("requests", ())
    )
    return Touched(frozenset(islice(ids, _MOST_REQUESTS)), frozenset(themes) - {""})


def changes_of(
    changes: Sequence[Change], records: Sequence[RequestRecord], sight: Sight
) -> dict[str, list[ChangeRow]]:
    """Those of these decisions that touched each request or its theme, in their order."""
    found: dict[str, list[ChangeRow]] = {record.id: [] for record in records}
    on_theme: dict[str, list[str]] = {}
    for record in records:
        if record.theme_id is not None:
            on_theme.setdefault(record.theme_id, []).append(record.id)
    for change in changes:
        touched = _touched(change, found, on_theme)
        if touched:
            row = _row(change, sight)
            for request_id in touched:
                found[request_id].append(row)
    return found


def _touched(
    change: Change, known: Mapping[str, Any], on_theme: Mapping[str, Sequence[str]]
) -> list[str]:
    if change.action in _OF_REQUESTS:
        return [key for key in change.payload.get("requests", ()) if key in known]
    if change.action not in _OF_THEMES:
        return []
    return list(on_theme.get(_theme_of(change), ()))


def _theme_of(change: Change) -> str:
    # What was merged away holds nothing any more: its requests are on the other theme.
    theme_id = change.payload.get("into") if change.action == "merge" else change.theme_id
    return theme_id or ""


def _row(change: Change, sight: Sight) -> ChangeRow:
    delivered = change.payload.get("delivery")
    return ChangeRow(
        at=change.made_at,
        action=change.action,
        severity=change.payload.get("severity"),
        delivery=Delivery.from_dict(delivered).as_dict() if delivered else None,
        reason=sight.mask(change.reason) if change.reason else None,
    )
