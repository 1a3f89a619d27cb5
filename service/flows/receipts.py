"""What a caller is told of what was stored, line by line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from typing import TypeVar

from models.errors import InvalidInput

# How many lines are stored in one transaction: what a kill in the middle can cost.
CHUNK = 1_000

Line = tuple[int, Mapping[str, object] | InvalidInput]
T = TypeVar("T")


class Status(StrEnum):
    """What became of one note or row."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    UPDATED = "updated"
    STALE = "stale"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class RejectedLine:
    """A line that could not be stored, counted from 1 as a person counts, and why."""

    line: int
    code: str
    message: str
    field: str | None = None


@dataclass(slots=True)
class BatchReceipt:
    """How many lines were stored in which way, and each one that was not."""

    accepted: int = 0
    duplicate: int = 0
    updated: int = 0
    stale: int = 0
    deleted: int = 0
    rejected: list[RejectedLine] = field(default_factory=list)
    ignored_columns: list[str] = field(default_factory=list)

    @property
    def lines(self) -> int:
        """All lines seen, rejected ones included."""
        stored = self.accepted + self.duplicate + self.updated + self.stale + self.deleted
        return stored + len(self.rejected)

    def count(self, statuses: Iterable[Status]) -> Counter[Status]:
        """Add these outcomes; returns how many of each there were."""
        counted = Counter(statuses)
        self.accepted += counted[Status.ACCEPTED]
        self.duplicate += counted[Status.DUPLICATE]
        self.updated += counted[Status.UPDATED]
        self.stale += counted[Status.STALE]
        self.deleted += counted[Status.DELETED]
        return counted

    def ignore(self, columns: Iterable[str]) -> None:
        """Name columns that we do not know, each once, in order."""
        self.ignored_columns = sorted({*self.ignored_columns, *columns})


def chunks_of(lines: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """Consecutive lists of at most `size`, taken from `lines` only as they are needed."""
    source = iter(lines)
    while chunk := list(islice(source, size)):
        yield chunk


def parse_lines(
    lines: Iterable[Line], parse: Callable[[Mapping[str, object]], T], receipt: BatchReceipt
) -> list[T]:
    """The lines that parse; each one that does not goes into the receipt's `rejected`."""
    parsed: list[T] = []
    for line, raw in lines:
        try:
            if isinstance(raw, InvalidInput):
                raise raw
            parsed.append(parse(raw))
        except InvalidInput as error:
            receipt.rejected.append(RejectedLine(line, error.code, error.message, error.field))
    return parsed
