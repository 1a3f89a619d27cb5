"""What an edit of notes makes of their requests at once, before the notes are read anew."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from service.flows.request_removal import remove_requests
from service.flows.rereading import find_again
from service.storage import placements, requests


def follow_edits(connection: Connection, texts: Mapping[str, str]) -> None:
    """Move the requests of these notes to where their words stand in the new texts.

    Those whose words are gone go now: what is shown is `note.text[start:end]` at any moment,
    and words that were taken out of a note are not kept because no encoder is there to read
    it. Reading the note anew would drop the same ones, whoever decided on them.
    """
    of_notes = requests.of_notes(connection, list(texts))
    spans: dict[str, tuple[int, int]] = {}
    for note_id, held in of_notes.items():
        spans |= find_again(texts[note_id], held)
    placements.shift(connection, spans)
    every = [record for held in of_notes.values() for record in held]
    remove_requests(connection, [record for record in every if record.id not in spans])
