"""Requests with the text around them in their notes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, case, func, select

from service.storage.batches import in_batches
from service.storage.tables import notes, requests


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A piece of a note. The request is `text[start:end]`, in code points.

    `from_start` and `to_end` say whether the note begins and ends with it.
    """

    text: str
    start: int
    end: int
    from_start: bool
    to_end: bool


def around(
    connection: Connection, request_ids: Collection[str], *, reach: int
) -> dict[str, Excerpt]:
    """Request id -> its note from `reach` code points before it to as many after it.

    What stands in no note is absent. Cut in the database: a note can be 100,000 long.
    """
    first = case((requests.c.start > reach, requests.c.start - reach), else_=0)
    length = requests.c.end + reach - first
    found: dict[str, Excerpt] = {}
    for batch in in_batches(sorted(request_ids)):
        rows = connection.execute(
            select(
                requests.c.id,
                requests.c.start,
                requests.c.end,
                first.label("first"),
                func.substr(notes.c.text, first + 1, length).label("text"),
                func.length(notes.c.text).label("whole"),
            )
            .join(notes, notes.c.id == requests.c.note_id)
            .where(requests.c.id.in_(batch))
        )
        for row in rows:
            found[row.id] = Excerpt(
                text=row.text,
                start=row.start - row.first,
                end=row.end - row.first,
                from_start=row.first == 0,
                to_end=row.first + len(row.text) >= row.whole,
            )
    return found
