"""Deliveries that arrive at the same moment are stored in one transaction, and then answered.

A commit waits for the disk, and only one writer has the store at a time. So while one writer
is at it the others line up, and the first of them stores all that have (group commit, DeWitt
et al. 1984). Nobody waits for company: a lone delivery is stored at once.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from models.errors import InvalidInput, Unavailable
from models.note import Note, parse_note
from service.crm.connector import Change, NoteChange
from service.flows.ingest import batch_counts, store_notes
from service.flows.receipts import Status
from service.flows.receive import REMEMBERED, DeliveryReceipt, receive
from service.storage import audit, deliveries
from service.storage.engine import Store

# What one transaction holds at most: no caller waits longer than for two of these.
MOST = 64


@dataclass(slots=True)
class _Arrival:
    """One delivery of whole notes, and what became of it."""

    source: str
    notes: Sequence[Note]
    ids: Sequence[str | None]
    now: datetime
    receipt: DeliveryReceipt | None = None
    error: Unavailable | None = None
    leads: bool = False
    turn: threading.Event = field(default_factory=threading.Event)


class IntakeLine:
    """Where the deliveries of one process line up for the store. Thread-safe."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._line: list[_Arrival] = []
        self._busy = False

    def receive(self, source: str, changes: Sequence[Change], *, now: datetime) -> DeliveryReceipt:
        """As `receive.receive`: committed when this returns.

        Raises:
            InvalidInput, Unavailable: as there.
        """
        arrival = _whole_notes(source, changes, now)
        if arrival is None:
            return receive(self._store, source, changes, now=now)
        self._stand_in_line(arrival)
        if arrival.error is not None:
            raise arrival.error
        if arrival.receipt is None:
            # Something in this company broke, perhaps by another's fault.
            return receive(self._store, source, changes, now=now)
        return arrival.receipt

    def _stand_in_line(self, mine: _Arrival) -> None:
        with self._lock:
            self._line.append(mine)
            mine.leads = not self._busy
            self._busy = True
        if not mine.leads:
            mine.turn.wait()
        if mine.leads:
            self._lead()

    def _lead(self) -> None:
        with self._lock:
            together, self._line = self._line[:MOST], self._line[MOST:]
        try:
            self._store_all(together)
        finally:
            with self._lock:
                following = self._line[0] if self._line else None
                self._busy = following is not None
            for arrival in together:
                arrival.leads = False
                arrival.turn.set()
            if following is not None:
                following.leads = True
                following.turn.set()

    def _store_all(self, together: Sequence[_Arrival]) -> None:
        try:
            with self._store.write() as connection:
                receipts = _store(connection, together)
        except Unavailable as error:
            for arrival in together:
                arrival.error = error
        except Exception:
            if len(together) == 1:
                raise
        else:
            for arrival, receipt in zip(together, receipts, strict=True):
                arrival.receipt = receipt


def _whole_notes(source: str, changes: Sequence[Change], now: datetime) -> _Arrival | None:
    """The delivery, where it is nothing but notes that are right and say all; else None."""
    notes: list[Note] = []
    for change in changes:
        if not isinstance(change, NoteChange) or change.keeps_stored or change.undated:
            return None
        try:
            notes.append(parse_note(change.raw, now=now))
        except InvalidInput:
            return None
    ids = [change.delivery for change in changes if isinstance(change, NoteChange)]
    return _Arrival(source, notes, ids, now) if notes else None


def _store(connection: Connection, together: Sequence[_Arrival]) -> list[DeliveryReceipt]:
    """Store these in the order they came; one receipt for each."""
    repeated = _remember(connection, together)
    receipts = [DeliveryReceipt() for _ in together]
    owners: list[int] = []
    notes: list[Note] = []
    for place, arrival in enumerate(together):
        for note, one in zip(arrival.notes, arrival.ids, strict=True):
            if one is not None and (arrival.source, one) in repeated:
                receipts[place].count(Status.DUPLICATE)
                continue
            # Of the same delivery twice in this company the second is a repeat.
            owners.append(place)
            notes.append(note)
        repeated |= {(arrival.source, one) for one in arrival.ids if one is not None}
    statuses: list[list[Status]] = [[] for _ in together]
    for place, status in zip(
        owners, store_notes(connection, notes, received_at=together[0].now), strict=True
    ):
        receipts[place].count(status)
        statuses[place].append(status)
    _record(connection, together, statuses)
    return receipts


def _remember(connection: Connection, together: Sequence[_Arrival]) -> set[tuple[str, str]]:
    """The deliveries that were stored before this transaction."""
    known: set[tuple[str, str]] = set()
    now = together[0].now
    for source in sorted({arrival.source for arrival in together}):
        ids = {
            one
            for arrival in together
            if arrival.source == source
            for one in arrival.ids
            if one is not None
        }
        found = deliveries.remember(connection, source, ids, at=now, since=now - REMEMBERED)
        known |= {(source, one) for one in found}
    return known


def _record(
    connection: Connection, together: Sequence[_Arrival], statuses: Sequence[Sequence[Status]]
) -> None:
    entries = [
        audit.NewEntry(
            at=arrival.now,
            actor=f"webhook:{arrival.source}",
            action="notes.batch",
            target="notes",
            details=counts,
        )
        for arrival, own in zip(together, statuses, strict=True)
        if (counts := batch_counts(own)) is not None
    ]
    audit.record_many(connection, entries)
