"""Notes out of a CRM's own export: its rows as notes, and a look before anything is stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from models.errors import InvalidInput
from models.note import Note, parse_note
from service.crm.mapping import ColumnMapping
from service.flows.receipts import Line, RejectedLine

SHOWN = 10


@dataclass(slots=True)
class MappedRows:
    """What a mapping met in a file, filled as its rows are taken.

    Attributes:
        left_out: rows that the mapping's `skip` leaves out.
        unmapped: columns that hold something and that the mapping doesn't read -> the number of
            rows in which they do.
    """

    left_out: int = 0
    unmapped: dict[str, int] = field(default_factory=dict)

    def lines(self, rows: Iterable[Line], mapping: ColumnMapping) -> Iterator[Line]:
        """The rows as `ingest_notes` takes them; a row that can't be mapped is named by it."""
        known = mapping.known_columns
        for number, row in rows:
            if isinstance(row, InvalidInput):
                yield number, row
                continue
            for column, value in row.items():
                if column not in known and value not in (None, ""):
                    self.unmapped[column] = self.unmapped.get(column, 0) + 1
            try:
                raw = mapping.note(row)
            except InvalidInput as refused:
                yield number, refused
                continue
            if raw is None:
                self.left_out += 1
            else:
                yield number, raw


@dataclass(slots=True)
class DryRun:
    """What a load would store.

    Attributes:
        notes: how many rows are notes; `first` holds the first of them, with their lines.
        rejected: rows that would be refused, and why.
        mapped: what was left out and which columns were not read.
    """

    notes: int = 0
    first: list[tuple[int, Note]] = field(default_factory=list)
    rejected: list[RejectedLine] = field(default_factory=list)
    mapped: MappedRows = field(default_factory=MappedRows)


def dry_run(rows: Iterable[Line], mapping: ColumnMapping | None, *, now: datetime) -> DryRun:
    """Read all rows as a load would; nothing is stored. Without a mapping the rows are notes
    as `POST /notes` takes them."""
    found = DryRun()
    lines = rows if mapping is None else found.mapped.lines(rows, mapping)
    for number, raw in lines:
        try:
            if isinstance(raw, InvalidInput):
                raise raw
            note = parse_note(raw, now=now)
        except InvalidInput as refused:
            found.rejected.append(
                RejectedLine(number, refused.code, refused.message, refused.field)
            )
            continue
        found.notes += 1
        if len(found.first) < SHOWN:
            found.first.append((number, note))
    return found
