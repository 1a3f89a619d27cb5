"""Which questions of a queue that may be a little older nobody has answered yet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from service.flows.reviewing.keeping import Entry, Place, Queue
from service.flows.reviewing.questions import SURE, Question
from service.storage import requests, themes
from service.storage.requests import RequestRecord
from service.storage.themes import ThemeRecord

# Questions are checked so many at a time.
_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A question that is still open, its theme, and those of its requests that are."""

    place: Place
    question: Question
    theme: ThemeRecord
    members: Sequence[RequestRecord]


def entries_behind(after: Place | None, queue: Queue, is_current: bool) -> list[Entry]:
    """What may be asked, in order; of an older queue also what an undo may have brought back."""
    known = [*queue.entries] if is_current else sorted([*queue.entries, *queue.gone], key=_first)
    return [entry for entry in known if after is None or entry[0] > after]


def _first(entry: Entry) -> Place:
    return entry[0]


def first_open(connection: Connection, entries: Sequence[Entry], most: int) -> list[OpenQuestion]:
    """The first so many of these that nobody has answered."""
    found: list[OpenQuestion] = []
    for start in range(0, len(entries), _AT_ONCE):
        found += _open_among(connection, entries[start : start + _AT_ONCE])
        if len(found) >= most:
            break
    return found[:most]


def entry_named(entries: Sequence[Entry], name: str) -> Entry | None:
    """The question of this name (`Question.name`); None where there is none.

    Where requests were put together anew since, the one that holds the request in the name.
    """
    theme_id, _, request_id = name.partition(".")
    kind = "requests" if request_id else "theme"
    of_theme = [e for e in entries if e[1].theme_id == theme_id and e[1].kind == kind]
    exact = [entry for entry in of_theme if entry[1].name == name]
    held = [entry for entry in of_theme if request_id in entry[1].shown]
    return next(iter([*exact, *held]), None)


def could_be_open(connection: Connection, name: str) -> bool:
    """Whether the question of this name may be open, by its theme and request alone."""
    theme_id, _, request_id = name.partition(".")
    theme = themes.get_many(connection, [theme_id]).get(theme_id)
    if theme is None:
        return False
    if not request_id:
        return theme.status == "proposed" and theme.faded_at is None
    record = requests.get_many(connection, [request_id]).get(request_id)
    return theme.status == "accepted" and record is not None and _in_doubt(record, theme_id)


def _open_among(connection: Connection, entries: Sequence[Entry]) -> Iterator[OpenQuestion]:
    on = themes.get_many(connection, {question.theme_id for _, question in entries})
    known = requests.get_many(
        connection, {name for _, question in entries for name in question.shown}
    )
    for place, question in entries:
        theme = on.get(question.theme_id)
        records = [known[name] for name in question.shown if name in known]
        if theme is None:
            continue
        if question.kind == "theme":
            inside = [r for r in records if not r.dismissed and _is_in(r, theme)]
            if theme.status == "proposed" and theme.faded_at is None and inside:
                yield OpenQuestion(place, question, theme, inside)
        elif theme.status == "accepted":
            inside = [record for record in records if _in_doubt(record, theme.id)]
            if inside:
                yield OpenQuestion(place, question, theme, inside)


def _is_in(record: RequestRecord, theme: ThemeRecord) -> bool:
    """On the theme, or waiting, as what is in an Unclassified group does."""
    waits = record.theme_id is None and theme.origin == "unclassified"
    return record.theme_id == theme.id or waits


def _in_doubt(record: RequestRecord, theme_id: str) -> bool:
    if record.dismissed or not record.text:
        return False
    if record.theme_id is None:
        return not record.held
    unsure = record.bound or (record.confidence or 0.0) < SURE
    return record.theme_id == theme_id and record.assigned_by == "model" and unsure
