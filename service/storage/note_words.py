"""The words of each note, as a search compares them; they go with their note."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, insert, update

from models.note import Note
from models.words import searchable
from service.storage.tables import note_words


def add(connection: Connection, new: Sequence[Note]) -> None:
    """Keep the words of notes that were just stored."""
    if new:
        rows = [{"note_id": note.id, "words": _words(note)} for note in new]
        connection.execute(insert(note_words), rows)


def replace(connection: Connection, changed: Sequence[Note]) -> None:
    """Keep the words of notes whose text was overwritten; the old ones are gone."""
    if changed:
        statement = (
            update(note_words)
            .where(note_words.c.note_id == bindparam("this"))
            .values(words=bindparam("new_words"))
        )
        connection.execute(
            statement, [{"this": note.id, "new_words": _words(note)} for note in changed]
        )


def _words(note: Note) -> str:
    return searchable(note.text, note.source, note.external_id)
