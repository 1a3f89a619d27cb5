"""Accounts and CSMs: uploads from the CRM, and the lists of what is on record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection

from models.account import CSM, Account, parse_account, parse_csm
from models.errors import InvalidInput
from service.flows.pages import Page, decode_cursor, page_of
from service.flows.receipts import BatchReceipt, Line, Status, chunks_of, parse_lines
from service.storage import audit
from service.storage.accounts import ACCOUNTS, CSMS, Known, Register, load_portfolio
from service.storage.engine import Store
from service.storage.persons import ErasedCsms

__all__ = [
    "Known",
    "list_accounts",
    "list_csms",
    "load_portfolio",
    "upsert_accounts",
    "upsert_csms",
]

T = TypeVar("T", Account, CSM)
OnChunk = Callable[[BatchReceipt], None]


def upsert_accounts(
    store: Store,
    lines: Iterable[Line],
    *,
    now: datetime,
    actor: str,
    on_chunk: OnChunk | None = None,
) -> BatchReceipt:
    """Add or change accounts, 1,000 to a transaction; a bad line is named and sinks no other.

    Raises:
        Unavailable: the store is busy, full or down; earlier chunks stay.
    """

    erased = _erased(store)

    def read(raw: object) -> _Row[Account]:
        patch = parse_account(raw)

        def apply(old: Account | None) -> Account:
            new = patch.apply(old)
            return new if new.csm_id is None else replace(new, csm_id=erased.current(new.csm_id))

        return _Row(patch.account_id, apply, _says_something(patch.changes), patch.ignored)

    return _upsert(store, lines, ACCOUNTS, read, now=now, actor=actor, on_chunk=on_chunk)


def upsert_csms(
    store: Store,
    lines: Iterable[Line],
    *,
    now: datetime,
    actor: str,
    on_chunk: OnChunk | None = None,
) -> BatchReceipt:
    """Add or change CSMs, 1,000 to a transaction; a bad line is named and sinks no other.

    Raises:
        Unavailable: the store is busy, full or down; earlier chunks stay.
    """

    erased = _erased(store)

    def read(raw: object) -> _Row[CSM]:
        patch = parse_csm(raw)
        if patch.csm_id in erased:
            raise InvalidInput(
                "This CSM was erased and is not stored again; take the row out of the upload.",
                code="csm_erased",
                field="csm_id",
            )
        return _Row(patch.csm_id, patch.apply, _says_something(patch.changes), patch.ignored)

    return _upsert(store, lines, CSMS, read, now=now, actor=actor, on_chunk=on_chunk)


def list_accounts(
    store: Store, *, incomplete: bool = False, cursor: str = "", limit: int = 100
) -> Page[Known[Account]]:
    """Accounts by id; `incomplete` keeps those of which nothing but the id is on record.

    Raises:
        InvalidInput: `bad_cursor`.
    """
    return _list(store, ACCOUNTS, incomplete, cursor, limit)


def list_csms(
    store: Store, *, incomplete: bool = False, cursor: str = "", limit: int = 100
) -> Page[Known[CSM]]:
    """CSMs by id; `incomplete` keeps those of whom nothing but the id is on record.

    Raises:
        InvalidInput: `bad_cursor`.
    """
    return _list(store, CSMS, incomplete, cursor, limit)


def _erased(store: Store) -> ErasedCsms:
    with store.read() as connection:
        return ErasedCsms(connection)


@dataclass(frozen=True, slots=True)
class _Row(Generic[T]):
    """One uploaded row, read; `says_something` when it holds more than the id."""

    id: str
    apply: Callable[[T | None], T]
    says_something: bool
    ignored: tuple[str, ...]


def _says_something(changes: Mapping[str, Any]) -> bool:
    return any(value is not None for value in changes.values())


def _upsert(
    store: Store,
    lines: Iterable[Line],
    register: Register[T],
    read: Callable[[object], _Row[T]],
    *,
    now: datetime,
    actor: str,
    on_chunk: OnChunk | None,
) -> BatchReceipt:
    receipt = BatchReceipt()
    for chunk in chunks_of(lines):
        rows = parse_lines(chunk, read, receipt)
        if rows:
            with store.write() as connection:
                statuses = _store(connection, register, rows)
                _record(connection, register.noun, statuses, now=now, actor=actor)
            receipt.count(statuses)
            receipt.ignore(column for row in rows for column in row.ignored)
        if on_chunk is not None:
            on_chunk(receipt)
    return receipt


def _store(connection: Connection, register: Register[T], rows: Sequence[_Row[T]]) -> list[Status]:
    before = register.find(connection, {row.id for row in rows})
    after = dict(before)
    statuses = [_take(after, row) for row in rows]
    register.add(connection, [new for key, new in after.items() if key not in before])
    register.replace(
        connection, [new for key, new in after.items() if key in before and new != before[key]]
    )
    return statuses


def _take(known: dict[str, Known[T]], row: _Row[T]) -> Status:
    """Put one row on top of what is known so far."""
    old = known.get(row.id)
    value = row.apply(old.value if old else None)
    new = Known(value, bare=(old.bare if old else True) and not row.says_something)
    known[row.id] = new
    if old is None:
        return Status.ACCEPTED
    return Status.DUPLICATE if new == old else Status.UPDATED


def _record(
    connection: Connection, noun: str, statuses: Sequence[Status], *, now: datetime, actor: str
) -> None:
    counts = {status.value: statuses.count(status) for status in Status if status in statuses}
    if counts.keys() != {Status.DUPLICATE.value}:
        audit.record(
            connection, at=now, actor=actor, action=f"{noun}.upsert", target=noun, details=counts
        )


def _list(
    store: Store, register: Register[T], bare_only: bool, cursor: str, limit: int
) -> Page[Known[T]]:
    place = decode_cursor(cursor, str)
    after = None if place is None else str(place[0])
    with store.read() as connection:
        rows = register.page(connection, bare_only=bare_only, after=after, limit=limit + 1)
    last = (register.id_of(rows[limit - 1]),) if len(rows) > limit else None
    return page_of(rows, limit, last)
