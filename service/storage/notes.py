"""Notes as stored, and the queue of those still to be read.

A pending note is its own place in the queue: the row that intake commits is the work order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    Connection,
    Row,
    bindparam,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from models.note import Note
from service.storage import note_words
from service.storage.batches import in_batches
from service.storage.tables import accounts, notes, requests

_FIELDS = ("source", "external_id", "account_id", "csm_id", "occurred_at", "text", "revised_at")


@dataclass(frozen=True, slots=True)
class StoredNote:
    """A note, how many texts it has had, and the language of the last one that was read."""

    note: Note
    revision: int
    language: str | None = None


@dataclass(frozen=True, slots=True)
class PendingNote:
    """A note claimed for reading. Its reading counts only while `revision` is still the last."""

    id: str
    revision: int
    source: str
    external_id: str
    account_id: str
    csm_id: str
    occurred_at: datetime
    text: str


def find(connection: Connection, note_ids: Sequence[str]) -> dict[str, StoredNote]:
    """The stored notes among these ids, by id."""
    rows = connection.execute(select(notes).where(notes.c.id.in_(note_ids)))
    return {row.id: StoredNote(_note(row), row.revision, row.language) for row in rows}


def add(connection: Connection, new: Sequence[Note], *, received_at: datetime) -> None:
    """Store notes that are not there yet, pending. Their accounts and CSMs must be there."""
    if not new:
        return
    rows = [_values(note) | {"id": note.id, "received_at": received_at} for note in new]
    connection.execute(insert(notes), rows)
    note_words.add(connection, new)


def replace(connection: Connection, changed: Sequence[StoredNote], *, reread: bool) -> None:
    """Overwrite stored notes and what their requests copy of them.

    With `reread` the notes are pending again, under the revision given.
    """
    if not changed:
        return
    fields: dict[str, object] = {name: bindparam(f"new_{name}") for name in ("revision", *_FIELDS)}
    again: dict[str, object] = {"state": "pending", "claimed_until": None, "read_error": None}
    if reread:
        fields |= again
    statement = update(notes).where(notes.c.id == bindparam("this")).values(fields)
    connection.execute(statement, [_renamed(stored) for stored in changed])
    note_words.replace(connection, [stored.note for stored in changed])
    _carry_to_requests(connection, [stored.note for stored in changed])


def claim_pending(
    connection: Connection, *, now: datetime, until: datetime, limit: int
) -> list[PendingNote]:
    """Take up to `limit` unread notes, oldest first, until the instant `until`.

    Who is killed holding them loses nothing: after `until` they can be claimed again.
    """
    free = or_(notes.c.claimed_until.is_(None), notes.c.claimed_until <= now)
    rows = connection.execute(
        select(*(notes.c[name] for name in PendingNote.__slots__))
        .where(notes.c.state == "pending", free)
        .order_by(notes.c.received_at, notes.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    claimed = [PendingNote(**row._mapping) for row in rows]
    ids = [note.id for note in claimed]
    connection.execute(update(notes).where(notes.c.id.in_(ids)).values(claimed_until=until))
    return claimed


def release(connection: Connection, note_ids: Sequence[str]) -> None:
    """Give claimed notes back unread, to be claimed again at once."""
    connection.execute(update(notes).where(notes.c.id.in_(note_ids)).values(claimed_until=None))


def mark_read(
    connection: Connection,
    note_id: str,
    revision: int,
    *,
    language: str | None = None,
    error: str | None = None,
) -> bool:
    """Take a note off the queue; False where it is gone or its text changed meanwhile.

    `language` is what it was found to be written in, ISO 639-1; its requests are given the
    same. `error` says why it could not be read; it must hold nothing of the text.
    """
    result = connection.execute(
        update(notes)
        .where(notes.c.id == note_id, notes.c.revision == revision, notes.c.state == "pending")
        .values(state="read", claimed_until=None, read_error=error, language=language)
    )
    return result.rowcount == 1


def read_again(connection: Connection) -> int:
    """Put every note that was read back on the queue; returns how many."""
    again = {"state": "pending", "claimed_until": None, "read_error": None}
    return connection.execute(update(notes).where(notes.c.state == "read").values(again)).rowcount


def put_right(connection: Connection, *, most: int) -> list[str]:
    """Notes in which a person put the reader right: the newest so many, by id."""
    by_person = or_(
        requests.c.origin == "person", requests.c.span_by == "person", requests.c.dismissed
    )
    statement = (
        select(requests.c.note_id)
        .where(by_person, requests.c.note_id.is_not(None))
        .group_by(requests.c.note_id)
        .order_by(func.max(requests.c.occurred_at).desc(), requests.c.note_id)
        .limit(most)
    )
    return sorted(connection.scalars(statement))


def count_pending(connection: Connection) -> int:
    """How many notes are still to be read, claimed ones included."""
    statement = select(func.count()).select_from(notes).where(notes.c.state == "pending")
    return connection.scalar(statement) or 0


def remove(connection: Connection, note_ids: Sequence[str]) -> None:
    """Delete notes; their requests go with them."""
    for batch in in_batches(sorted(note_ids)):
        connection.execute(delete(notes).where(notes.c.id.in_(batch)))


def of_account(connection: Connection, account_id: str, *, limit: int) -> list[Note]:
    """Up to `limit` notes on this account, by id."""
    mine = select(notes).where(notes.c.account_id == account_id)
    return [_note(row) for row in connection.execute(mine.order_by(notes.c.id).limit(limit))]


def older_than(connection: Connection, moment: datetime, *, limit: int) -> list[Note]:
    """Up to `limit` notes that occurred before this moment, oldest first."""
    old = select(notes).where(notes.c.occurred_at < moment)
    ordered = old.order_by(notes.c.occurred_at, notes.c.id).limit(limit)
    return [_note(row) for row in connection.execute(ordered)]


def count_older_than(connection: Connection, moment: datetime) -> int:
    """How many notes occurred before this moment."""
    old = select(func.count()).select_from(notes).where(notes.c.occurred_at < moment)
    return connection.scalar(old) or 0


def _carry_to_requests(connection: Connection, changed: Sequence[Note]) -> None:
    account = bindparam("new_account_id", type_=requests.c.account_id.type)
    # The ARR as reported belongs to the account: it is taken anew only where that changed.
    current_arr = select(accounts.c.arr).where(accounts.c.account_id == account).scalar_subquery()
    kept = case((requests.c.account_id == account, requests.c.arr_when_reported), else_=current_arr)
    statement = (
        update(requests)
        .where(requests.c.note_id == bindparam("this"))
        .values(
            arr_when_reported=kept,
            account_id=account,
            csm_id=bindparam("new_csm_id"),
            occurred_at=bindparam("new_occurred_at"),
        )
    )
    copied = ("account_id", "csm_id", "occurred_at")
    connection.execute(
        statement,
        [
            {"this": note.id} | {f"new_{name}": getattr(note, name) for name in copied}
            for note in changed
        ],
    )


def _note(row: Row[tuple[object, ...]]) -> Note:
    return Note(**{name: row._mapping[name] for name in _FIELDS})


def _values(note: Note) -> dict[str, object]:
    return {name: getattr(note, name) for name in _FIELDS}


def _renamed(stored: StoredNote) -> Mapping[str, object]:
    new = {f"new_{name}": value for name, value in _values(stored.note).items()}
    return new | {"new_revision": stored.revision, "this": stored.note.id}
