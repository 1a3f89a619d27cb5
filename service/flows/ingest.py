"""Take notes in: each is committed before it is answered, and is its own place in the queue."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from models.note import Note, parse_note
from service.flows.edited_notes import follow_edits
from service.flows.receipts import BatchReceipt, Line, Status, chunks_of, parse_lines
from service.storage import audit, notes, tombstones
from service.storage.accounts import ACCOUNTS, CSMS
from service.storage.engine import Store
from service.storage.notes import StoredNote
from service.storage.persons import ErasedCsms


@dataclass(frozen=True, slots=True)
class NoteReceipt:
    """The note's id, and what became of it."""

    id: str
    status: Status


def ingest_note(
    store: Store, raw: Mapping[str, object], *, now: datetime, actor: str
) -> NoteReceipt:
    """Store one note; committed when this returns.

    Raises:
        InvalidInput: as `parse_note`; nothing is stored.
        Unavailable: the store is busy, full or down; nothing is stored.
    """
    note = parse_note(raw, now=now)
    with store.write() as connection:
        status = store_notes(connection, [note], received_at=now)[0]
        if status in (Status.ACCEPTED, Status.UPDATED):
            audit.record(connection, at=now, actor=actor, action=f"note.{status}", target=note.id)
    return NoteReceipt(note.id, status)


def ingest_notes(
    store: Store,
    lines: Iterable[Line],
    *,
    now: datetime,
    actor: str,
    on_chunk: Callable[[BatchReceipt], None] | None = None,
) -> BatchReceipt:
    """Store many notes, 1,000 to a transaction; a bad line is named and sinks no other.

    Cut off in the middle, the chunks before stay; sent again, they are duplicates.
    `on_chunk` is told after each commit what has been stored so far.

    Raises:
        Unavailable: the store is busy, full or down; earlier chunks stay.
    """
    receipt = BatchReceipt()
    for chunk in chunks_of(lines):
        parsed = parse_lines(chunk, lambda raw: parse_note(raw, now=now), receipt)
        if parsed:
            with store.write() as connection:
                statuses = store_notes(connection, parsed, received_at=now)
                record_batch(connection, statuses, now=now, actor=actor)
            receipt.count(statuses)
        if on_chunk is not None:
            on_chunk(receipt)
    return receipt


@dataclass(slots=True)
class _Plan:
    """What a list of notes makes of the store, worked out before anything is written."""

    known: dict[str, StoredNote]
    deleted: set[tuple[str, str]]
    before: dict[str, StoredNote] = field(init=False)

    def __post_init__(self) -> None:
        self.before = dict(self.known)

    def take(self, note: Note) -> Status:
        """Put one note on top of what is known so far."""
        if (note.source, note.external_id) in self.deleted:
            return Status.DELETED
        stored = self.known.get(note.id)
        if stored is None:
            self.known[note.id] = StoredNote(note, revision=1)
            return Status.ACCEPTED
        old = stored.note
        if note.revised_at is None:
            # Says nothing of its age: it is the newest, and later old ones are still told.
            note = replace(note, revised_at=old.revised_at)
        elif old.revised_at is not None and note.revised_at < old.revised_at:
            return Status.STALE
        if note == old:
            return Status.DUPLICATE
        read_anew = note.text != old.text
        self.known[note.id] = StoredNote(note, stored.revision + read_anew)
        return Status.UPDATED

    def write(self, connection: Connection, *, received_at: datetime) -> None:
        """Write each note that is new or changed once, in the form it ended up in."""
        changed = {key: new for key, new in self.known.items() if new != self.before.get(key)}
        # Foreign keys: the account and the CSM come first.
        ACCOUNTS.ensure(connection, {new.note.account_id for new in changed.values()})
        CSMS.ensure(connection, {new.note.csm_id for new in changed.values()})
        fresh = [new.note for key, new in changed.items() if key not in self.before]
        notes.add(connection, fresh, received_at=received_at)
        old = {key: new for key, new in changed.items() if key in self.before}
        same_text = {key for key, new in old.items() if new.revision == self.before[key].revision}
        notes.replace(connection, [old[key] for key in same_text], reread=False)
        edited = {key: new for key, new in old.items() if key not in same_text}
        notes.replace(connection, [*edited.values()], reread=True)
        follow_edits(connection, {key: new.note.text for key, new in edited.items()})


def store_notes(
    connection: Connection, incoming: Sequence[Note], *, received_at: datetime
) -> list[Status]:
    """Store these in order, set by set; one status for each. The caller commits."""
    erased = ErasedCsms(connection)
    incoming = [replace(note, csm_id=erased.current(note.csm_id)) for note in incoming]
    identities = list({(note.source, note.external_id) for note in incoming})
    plan = _Plan(
        known=notes.find(connection, list({note.id for note in incoming})),
        deleted=tombstones.find(connection, identities),
    )
    statuses = [plan.take(note) for note in incoming]
    plan.write(connection, received_at=received_at)
    return statuses


def record_batch(
    connection: Connection, statuses: Sequence[Status], *, now: datetime, actor: str
) -> None:
    """Put a list of notes into the audit trail, where one of them changed anything."""
    counts = batch_counts(statuses)
    if counts is not None:
        audit.record(
            connection, at=now, actor=actor, action="notes.batch", target="notes", details=counts
        )


def batch_counts(statuses: Sequence[Status]) -> dict[str, int] | None:
    """How many notes ended in which way; None where none of them changed anything."""
    counts = {status.value: statuses.count(status) for status in Status}
    return counts if counts["accepted"] or counts["updated"] else None
