"""What people put right in the reader's work, as the lessons that new notes are read with.

Added, mended and dismissed requests are the corrections; an undone decision is none, and a
note that was deleted or whose words are gone teaches nothing. They speak when a note is read:
for the first time, after an edit, or when reading all notes anew was asked for.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from sqlalchemy import Connection

from clustering.reader_lessons import Correction, Lessons, StudiedNote
from clustering.reading import Reader
from service.storage import notes, requests
from service.storage.engine import Store
from service.storage.requests import RequestRecord

MOST_NOTES = 400
"""So many notes teach, the newest: opening one takes some milliseconds, once in a process."""


@dataclass(slots=True)
class _Taught:
    """What was learned last from a store, good for one data version."""

    version: int = -1
    reader: Reader | None = None
    corrections: list[Correction] = field(default_factory=list)
    lessons: Lessons | None = None
    studied: dict[str, StudiedNote] = field(default_factory=dict)


_LOCK = threading.Lock()
_TAUGHT: WeakKeyDictionary[Store, _Taught] = WeakKeyDictionary()


def kept_lessons(store: Store, reader: Reader) -> Lessons | None:
    """The lessons of the corrections that stand now; None where there are none.

    Learned anew only where corrections have changed since.
    """
    with store.read() as connection:
        version = store.data_version(connection)
        with _LOCK:
            taught = _TAUGHT.setdefault(store, _Taught())
            if (taught.version, taught.reader) == (version, reader):
                return taught.lessons
        found = corrections(connection)
    with _LOCK:
        if taught.reader is not reader:
            taught.corrections, taught.lessons, taught.studied = [], None, {}
        if found != taught.corrections:
            taught.lessons = reader.learn(found, taught.studied) if found else None
            taught.corrections = found
        taught.version, taught.reader = version, reader
        return taught.lessons


def corrections(connection: Connection) -> list[Correction]:
    """A person's word on each note in which the reader was put right, by note id."""
    ids = notes.put_right(connection, most=MOST_NOTES)
    stored = notes.find(connection, ids)
    held = requests.of_notes(connection, ids)
    return [_correction(stored[note_id].note.text, held[note_id]) for note_id in ids]


def _correction(text: str, held: list[RequestRecord]) -> Correction:
    standing = [record for record in held if not record.dismissed]
    return Correction(
        text=text,
        requests=_spans([record for record in standing if record.has_a_persons_word]),
        no_requests=_spans([record for record in held if record.dismissed]),
        mended=_spans([record for record in standing if record.span_by == "person"]),
    )


def _spans(records: list[RequestRecord]) -> tuple[tuple[int, int], ...]:
    return tuple((record.start, record.end) for record in records)
