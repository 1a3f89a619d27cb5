"""Accounts and CSMs as stored, those included that only a note has named so far."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Row, Table, bindparam, delete, insert, select, union, update

from models.account import CSM, Account, Health, Portfolio
from service.storage.batches import in_batches
from service.storage.tables import accounts, csms

T = TypeVar("T", Account, CSM)

_HEALTHS = {health.value: health for health in Health}


@dataclass(frozen=True, slots=True)
class Known(Generic[T]):
    """What is on record of an account or CSM; `bare` while only its id is known."""

    value: T
    bare: bool


class Register(Generic[T]):
    """The stored accounts, or the stored CSMs: the same queries on either table."""

    def __init__(self, table: Table, kind: type[T]) -> None:
        self._table = table
        self._kind: type[T] = kind
        self._columns = [field.name for field in fields(kind)]
        self._stored = [column.name for column in table.columns]
        self._key = table.c[self._columns[0]]

    @property
    def noun(self) -> str:
        """`accounts` or `csms`."""
        return self._table.name

    def id_of(self, known: Known[T]) -> str:
        """The account's or CSM's id."""
        found: str = getattr(known.value, self._key.name)
        return found

    def find(self, connection: Connection, ids: Collection[str]) -> dict[str, Known[T]]:
        """Those of the ids that are on record."""
        found: dict[str, Known[T]] = {}
        for batch in in_batches(sorted(ids)):
            for row in connection.execute(select(self._table).where(self._key.in_(batch))):
                found[row[0]] = self._known(row)
        return found

    def add(self, connection: Connection, new: Sequence[Known[T]]) -> None:
        """Store what is not on record yet."""
        if new:
            connection.execute(insert(self._table), [self._values(known) for known in new])

    def replace(self, connection: Connection, changed: Sequence[Known[T]]) -> None:
        """Overwrite what is on record."""
        if not changed:
            return
        names = [*self._columns, "bare"]
        statement = (
            update(self._table)
            .where(self._key == bindparam("this"))
            .values({name: bindparam(f"new_{name}") for name in names})
        )
        rows = [self._values(known) for known in changed]
        connection.execute(
            statement,
            [
                {"this": row[self._key.name]} | {f"new_{name}": row[name] for name in names}
                for row in rows
            ],
        )

    def remove(self, connection: Connection, id_: str) -> None:
        """Take one off the record."""
        connection.execute(delete(self._table).where(self._key == id_))

    def ensure(self, connection: Connection, ids: Collection[str]) -> None:
        """Make a bare record for each id that is not on record."""
        missing = sorted(set(ids) - self.find(connection, set(ids)).keys())
        key = self._key.name
        only_ids: list[dict[str, Any]] = [{key: missing_id} for missing_id in missing]
        self.add(connection, [Known(self._kind(**values), bare=True) for values in only_ids])

    def page(
        self, connection: Connection, *, bare_only: bool, after: str | None, limit: int
    ) -> list[Known[T]]:
        """Records by id after `after`."""
        statement = select(self._table).order_by(self._key).limit(limit)
        if bare_only:
            statement = statement.where(self._table.c.bare)
        if after is not None:
            statement = statement.where(self._key > after)
        return [self._known(row) for row in connection.execute(statement)]

    def every(self, connection: Connection) -> dict[str, T]:
        """All of them, by id, in the order of ids."""
        rows = connection.execute(select(self._table))
        known = sorted((row[0], self._known(row).value) for row in rows)
        return dict(known)

    def _known(self, row: Row[Any]) -> Known[T]:
        # By place, for there are many.
        values = dict(zip(self._stored, row, strict=True))
        bare = values.pop("bare")
        if values.get("health") is not None:
            values["health"] = _HEALTHS[values["health"]]
        return Known(self._kind(**values), bare=bare)

    def _values(self, known: Known[T]) -> Mapping[str, Any]:
        values = {name: getattr(known.value, name) for name in self._columns}
        return values | {"bare": known.bare}


ACCOUNTS: Register[Account] = Register(accounts, Account)
CSMS: Register[CSM] = Register(csms, CSM)


def names(connection: Connection) -> list[str]:
    """What accounts and CSMs are called, in no order; those without a name are left out."""
    found = (select(table.c.name).where(table.c.name.is_not(None)) for table in (accounts, csms))
    return list(connection.scalars(union(*found)))


def load_portfolio(connection: Connection) -> Portfolio:
    """Every account and CSM on record."""
    return Portfolio(accounts=ACCOUNTS.every(connection), csms=CSMS.every(connection))
