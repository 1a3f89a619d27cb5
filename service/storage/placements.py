"""Writes on requests: where a machine puts them, and what reading a note makes of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from service.storage.batches import in_batches
from service.storage.tables import group_members, requests


@dataclass(frozen=True, slots=True)
class Place:
    """Where a machine puts a request, and how sure it is; on no theme it waits."""

    theme_id: str | None = None
    confidence: float | None = None


def themes_of_all(connection: Connection) -> dict[str, str | None]:
    """Request -> its theme, of every request that is not dismissed; None for one that waits."""
    statement = select(requests.c.id, requests.c.theme_id).where(requests.c.dismissed.is_(False))
    return {row[0]: row[1] for row in connection.execute(statement)}


def place(connection: Connection, places: Mapping[str, Place]) -> None:
    """Put requests where a machine assigned them; None takes one off its theme."""
    if not places:
        return
    connection.execute(
        update(requests)
        .where(requests.c.id == bindparam("this"))
        .values(
            theme_id=bindparam("new_theme"),
            assigned_by=bindparam("new_by"),
            confidence=bindparam("new_confidence"),
        ),
        [
            {
                "this": request_id,
                "new_theme": place.theme_id,
                "new_by": None if place.theme_id is None else "model",
                "new_confidence": place.confidence,
            }
            for request_id, place in sorted(places.items())
        ],
    )


def guess_areas(connection: Connection, areas: Mapping[str, str | None]) -> None:
    """Set the guessed area of requests that fit no item; None where there is no guess."""
    if areas:
        connection.execute(
            update(requests)
            .where(requests.c.id == bindparam("this"))
            .values(unclassified_area=bindparam("new_area")),
            [{"this": key, "new_area": area} for key, area in sorted(areas.items())],
        )


def follow_languages(connection: Connection, languages: Mapping[str, str | None]) -> None:
    """The requests on record of these notes (by note id) are in the language of their note."""
    if languages:
        connection.execute(
            update(requests)
            .where(requests.c.note_id == bindparam("this"))
            .values(language=bindparam("new_language")),
            [{"this": key, "new_language": name} for key, name in sorted(languages.items())],
        )


def set_text(connection: Connection, request_id: str, text: str) -> None:
    """The words of a span that was mended."""
    connection.execute(update(requests).where(requests.c.id == request_id).values(text=text))


def leave_groups(connection: Connection, ids: Iterable[str]) -> None:
    """Requests that wait no longer are in no Unclassified group."""
    for batch in in_batches(sorted(ids)):
        connection.execute(delete(group_members).where(group_members.c.request_id.in_(batch)))


def follow(connection: Connection, merged: Mapping[str, str]) -> None:
    """Requests still on a theme that was merged go to where it went."""
    for theme_id, into in sorted(merged.items()):
        connection.execute(
            update(requests).where(requests.c.theme_id == theme_id).values(theme_id=into)
        )


def clear(connection: Connection, theme_ids: Iterable[str]) -> None:
    """Requests still on these themes wait."""
    for batch in in_batches(sorted(theme_ids)):
        connection.execute(
            update(requests)
            .where(requests.c.theme_id.in_(batch))
            .values(theme_id=None, assigned_by=None, confidence=None)
        )


def add(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store requests that are not there yet: rows of the table, each the same columns."""
    if rows:
        connection.execute(insert(requests), [dict(row) for row in rows])


def shift(connection: Connection, spans: Mapping[str, tuple[int, int]]) -> None:
    """Requests whose words are unchanged stand elsewhere in their note."""
    if spans:
        connection.execute(
            update(requests)
            .where(requests.c.id == bindparam("this"))
            .values(start=bindparam("new_start"), end=bindparam("new_end")),
            [
                {"this": key, "new_start": start, "new_end": end}
                for key, (start, end) in sorted(spans.items())
            ],
        )


def judge_severity(connection: Connection, judged: Mapping[str, tuple[str, float]]) -> None:
    """A reader's severity, and how sure it is, for requests that no person has judged."""
    if judged:
        connection.execute(
            update(requests)
            .where(requests.c.id == bindparam("this"), requests.c.severity_by == "model")
            .values(
                severity=bindparam("new_severity"),
                severity_confidence=bindparam("new_confidence"),
            ),
            [
                {"this": key, "new_severity": severity, "new_confidence": confidence}
                for key, (severity, confidence) in sorted(judged.items())
            ],
        )


def remove(connection: Connection, ids: Iterable[str]) -> None:
    """Delete requests; they leave their groups with them."""
    for batch in in_batches(sorted(ids)):
        connection.execute(delete(requests).where(requests.c.id.in_(batch)))
