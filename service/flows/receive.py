"""What one delivery of a vendor changes, stored in one transaction.

Good records are kept and bad ones named, unless not one is good: then the delivery is refused
and nothing is stored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from models.errors import InvalidInput
from models.identity import note_id
from models.note import Note, parse_note
from models.raw_fields import identifier
from service.crm.connector import (
    Change,
    Deletion,
    Fetch,
    NoteChange,
    Skipped,
    Unreadable,
)
from service.flows.forget import forget_in
from service.flows.ingest import record_batch, store_notes
from service.flows.receipts import Status
from service.storage import audit, deliveries, notes, pending_fetches, tombstones
from service.storage.engine import Store

# Longer than any sender goes on repeating a delivery.
REMEMBERED = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class SkippedRecord:
    """A record that was understood and not stored, and why."""

    external_id: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class RejectedRecord:
    """A record that could not be stored, its place counted from 1, and why."""

    record: int
    external_id: str | None
    code: str
    message: str
    field: str | None


@dataclass(slots=True)
class DeliveryReceipt:
    """What became of the records of one delivery.

    `deleted` counts notes that were deleted before and stay so, `forgotten` those that are now.
    """

    accepted: int = 0
    duplicate: int = 0
    updated: int = 0
    stale: int = 0
    deleted: int = 0
    forgotten: int = 0
    fetching: int = 0
    skipped: list[SkippedRecord] = field(default_factory=list)
    rejected: list[RejectedRecord] = field(default_factory=list)

    def count(self, status: Status) -> None:
        """Add the outcome of one note."""
        setattr(self, status.value, getattr(self, status.value) + 1)


def receive(
    store: Store, source: str, changes: Sequence[Change], *, now: datetime
) -> DeliveryReceipt:
    """Store what these change; committed when this returns.

    Raises:
        InvalidInput: of all that could be stored, nothing is right: the first thing wrong.
        Unavailable: the store is busy, full or down; nothing is stored.
    """
    if all(isinstance(change, Skipped) and not change.withdraw for change in changes):
        skipped = [change for change in changes if isinstance(change, Skipped)]
        return DeliveryReceipt(skipped=[_skipped(change) for change in skipped])
    with store.write() as connection:
        work = _Reception(connection, source, now)
        receipt = work.take(changes)
    if receipt.forgotten:
        store.scrub()
    return receipt


def receive_in(
    connection: Connection, source: str, changes: Sequence[Change], *, now: datetime
) -> DeliveryReceipt:
    """The same within the caller's transaction; it has the store scrubbed after."""
    return _Reception(connection, source, now).take(changes)


class _Reception:
    """The changes of one delivery, applied in order within one transaction."""

    def __init__(self, connection: Connection, source: str, now: datetime) -> None:
        self._connection = connection
        self._source = source
        self._now = now
        self._actor = f"webhook:{source}"
        self._receipt = DeliveryReceipt()
        self._waiting: list[Note] = []
        self._statuses: list[Status] = []
        self._events: dict[str, datetime] = {}

    def take(self, changes: Sequence[Change]) -> DeliveryReceipt:
        """Apply them all."""
        ids = {c.delivery for c in changes if isinstance(c, NoteChange) and c.delivery}
        known = deliveries.remember(
            self._connection, self._source, ids, at=self._now, since=self._now - REMEMBERED
        )
        refused: InvalidInput | None = None
        refused_ids: set[str] = set()
        for place, change in enumerate(changes, start=1):
            stamp = change.delivery if isinstance(change, NoteChange) else None
            try:
                if stamp in known:
                    self._receipt.count(Status.DUPLICATE)
                else:
                    self._apply(change)
            except InvalidInput as error:
                refused = refused or error
                refused_ids |= {stamp} if stamp else set()
                self._receipt.rejected.append(_rejected(place, change, error))
        self._store_waiting()
        if refused is not None and self._nothing_was_right():
            raise refused
        self._ask_for_texts()
        if refused_ids:
            deliveries.forget(self._connection, self._source, refused_ids)
        self._record()
        return self._receipt

    def _apply(self, change: Change) -> None:
        if isinstance(change, Unreadable):
            raise change.error
        if isinstance(change, NoteChange):
            self._take_note(change)
        elif isinstance(change, Deletion):
            self._forget(change)
        elif isinstance(change, Fetch):
            last = self._events.get(change.external_id, change.event_at)
            self._events[change.external_id] = max(change.event_at, last)
        else:
            if change.withdraw and change.external_id:
                self._store_waiting()
                identity = (self._source, change.external_id)
                self._receipt.forgotten += forget_in(
                    self._connection, identity, now=self._now, actor=self._actor
                )
            self._receipt.skipped.append(_skipped(change))

    def _take_note(self, change: NoteChange) -> None:
        raw = change.raw
        if change.keeps_stored or change.undated:
            stored = self._stored(raw)
            if stored is None and change.keeps_stored:
                external_id = raw.get("external_id")
                known = external_id if isinstance(external_id, str) else None
                self._receipt.skipped.append(SkippedRecord(known, "not_stored"))
                return
            raw = _completed(raw, stored, change, self._now)
        self._waiting.append(parse_note(raw, now=self._now))

    def _stored(self, raw: Mapping[str, object]) -> Note | None:
        """The note as it is after all that came before in this delivery."""
        key = note_id(identifier(raw, "source"), identifier(raw, "external_id"))
        self._store_waiting()
        found = notes.find(self._connection, [key]).get(key)
        return None if found is None else found.note

    def _forget(self, change: Deletion) -> None:
        named = {
            "source": self._source if change.source is None else change.source,
            "external_id": change.external_id,
        }
        source, external_id = identity = (
            identifier(named, "source"),
            identifier(named, "external_id"),
        )
        self._store_waiting()
        erased = forget_in(self._connection, identity, now=self._now, actor=self._actor)
        self._events.pop(external_id, None)
        pending_fetches.drop(self._connection, source, [external_id])
        if not erased and tombstones.find(self._connection, [identity]):
            self._receipt.count(Status.DUPLICATE)
            return
        # Also where nothing is stored: its note may still be on the way.
        tombstones.put(self._connection, identity, at=self._now)
        self._receipt.forgotten += 1

    def _store_waiting(self) -> None:
        if self._waiting:
            statuses = store_notes(self._connection, self._waiting, received_at=self._now)
            for status in statuses:
                self._receipt.count(status)
            self._statuses += statuses
            self._waiting = []

    def _ask_for_texts(self) -> None:
        if not self._events:
            return
        gone = tombstones.find(self._connection, [(self._source, key) for key in self._events])
        asked = {key: at for key, at in self._events.items() if (self._source, key) not in gone}
        pending_fetches.put(self._connection, self._source, asked, now=self._now)
        self._receipt.fetching = len(asked)
        self._receipt.deleted += len(self._events) - len(asked)

    def _nothing_was_right(self) -> bool:
        done = self._receipt
        right = self._events or self._statuses or done.duplicate or done.forgotten or done.skipped
        return not right

    def _record(self) -> None:
        record_batch(self._connection, self._statuses, now=self._now, actor=self._actor)
        if self._receipt.rejected:
            codes = [one.code for one in self._receipt.rejected]
            audit.record(
                self._connection,
                at=self._now,
                actor=self._actor,
                action="webhook.rejected",
                target=self._source,
                details={code: codes.count(code) for code in sorted(set(codes))},
            )


def _completed(
    raw: Mapping[str, object], stored: Note | None, change: NoteChange, now: datetime
) -> Mapping[str, object]:
    """The note with what the vendor left out: as it is stored, else dated by its arrival."""
    if stored is None:
        return {**raw, "occurred_at": now.isoformat()} if change.undated else raw
    kept: dict[str, object] = {"occurred_at": stored.occurred_at.isoformat()}
    if change.keeps_stored:
        kept |= {name: getattr(stored, name) for name in ("account_id", "csm_id", "text")}
    return {**kept, **raw}


def _skipped(change: Skipped) -> SkippedRecord:
    return SkippedRecord(change.external_id, change.reason)


def _rejected(place: int, change: Change, error: InvalidInput) -> RejectedRecord:
    external_id: object = None
    if isinstance(change, NoteChange):
        external_id = change.raw.get("external_id")
    elif isinstance(change, Unreadable):
        external_id = change.external_id
    shown = external_id if isinstance(external_id, str) and len(external_id) <= 255 else None
    return RejectedRecord(place, shown, error.code, error.message, error.field)
