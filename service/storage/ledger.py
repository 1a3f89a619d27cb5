"""Writes of one decision, with what they replaced, so that it can be undone to the row.

`Ledger` makes a decision's writes and notes for every row the columns as they were and as they
became; `restore` puts them back. What is noted is a JSON object:

    {"changed": {table: {id: {column: [old, new]}}}, "added": {table: [key, ...]},
     "removed": {table: [row, ...]}}

Texts of notes are never in it: a deleted note leaves none behind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Table, and_, bindparam, delete, insert, select, update

from service.storage.batches import in_batches
from service.storage.column_types import UtcDateTime
from service.storage.tables import (
    forbidden_groups,
    group_members,
    proposals,
    requests,
    separations,
    taxonomy_items,
    themes,
)

# Parents before children: the order of inserts, and backwards that of deletes.
_TABLES = (themes, taxonomy_items, requests, proposals, separations, forbidden_groups,
           group_members)  # fmt: skip
_BY_NAME = {table.name: table for table in _TABLES}

# These say one thing together (and a constraint holds them so): one touched, all are noted.
PLACE = ("theme_id", "assigned_by", "confidence", "held", "bound")

Replaced = Mapping[str, Any]


class Ledger:
    """The writes of one decision, in the caller's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._changed: dict[str, dict[str, dict[str, list[Any]]]] = {}
        self._added: dict[str, list[Any]] = {}
        self._removed: dict[str, list[dict[str, Any]]] = {}

    def change(self, table: Table, ids: Iterable[str], **values: Any) -> None:
        """Set these columns on every row with one of the ids (column `id`)."""
        self.change_each(table, dict.fromkeys(ids, values))

    def change_each(self, table: Table, rows: Mapping[str, Mapping[str, Any]]) -> None:
        """Set columns row by row: id -> column -> new value; every row the same columns."""
        if not rows:
            return
        names = list(next(iter(rows.values())))
        noted = _noted(table, names)
        old = _load(self._connection, table, sorted(rows), noted)
        self._connection.execute(
            update(table)
            .where(table.c.id == bindparam("this"))
            .values({name: bindparam(f"new_{name}", type_=table.c[name].type) for name in names}),
            [
                {"this": key} | {f"new_{name}": rows[key][name] for name in names}
                for key in sorted(rows)
            ],
        )
        kept = self._changed.setdefault(table.name, {})
        for key, before in old.items():
            for name in noted:
                after = _plain(rows[key][name]) if name in names else before[name]
                pair = kept.setdefault(key, {}).setdefault(name, [before[name], after])
                pair[1] = after

    def add(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows that an undo deletes."""
        if rows:
            self._connection.execute(insert(table), [dict(row) for row in rows])
            self._added.setdefault(table.name, []).extend(_key(table, row) for row in rows)

    def remove(self, table: Table, column: str, values: Iterable[str]) -> None:
        """Delete the rows whose column holds one of the values; an undo inserts them again."""
        for batch in in_batches(sorted(set(values))):
            found = table.c[column].in_(batch)
            rows = self._connection.execute(select(table).where(found)).mappings().all()
            self._connection.execute(delete(table).where(found))
            self._removed.setdefault(table.name, []).extend(
                {name: _plain(value) for name, value in row.items()} for row in rows
            )

    def replaced(self) -> dict[str, Any]:
        """What was noted, as JSON."""
        return {"changed": self._changed, "added": self._added, "removed": self._removed}


def touched_themes(replaced: Replaced) -> set[str]:
    """Every theme that the writes changed, put requests on or took them from."""
    found = set(_changed(replaced, themes)) | set(replaced["added"].get("themes", ()))
    for columns in _changed(replaced, requests).values():
        found.update(value for value in columns.get("theme_id", ()) if value is not None)
    for columns in _changed(replaced, themes).values():
        found.update(value for value in columns.get("merged_into", ()) if value is not None)
    return found


def touched_requests(replaced: Replaced) -> set[str]:
    """Every request that the writes changed or added."""
    return set(_changed(replaced, requests)) | set(replaced["added"].get("requests", ()))


def regrouped_requests(replaced: Replaced) -> set[str]:
    """Every request that the writes put in an Unclassified group or took from one."""
    rows = replaced["removed"].get(group_members.name, ())
    keys = replaced["added"].get(group_members.name, ())
    return {str(row["request_id"]) for row in rows} | {str(request) for _, request in keys}


def marks_to_restore(replaced: Replaced) -> frozenset[str]:
    """What undoing this would put back or delete, to hold against `marks_left` of later ones."""
    added = {_mark(name, key) for name, keys in replaced["added"].items() for key in keys}
    return frozenset(_cells(replaced)) | added


def marks_left(replaced: Replaced, theme_id: str | None) -> frozenset[str]:
    """What a decision on `theme_id` touched or leans on."""
    rows = {_mark(name, key) for name, changed in replaced["changed"].items() for key in changed}
    leans_on = touched_themes(replaced) | ({theme_id} if theme_id else set())
    return frozenset(_cells(replaced)) | rows | {_mark(themes.name, theme) for theme in leans_on}


def changed_since(connection: Connection, replaced: Replaced) -> bool:
    """Whether a theme, an item or a span no longer holds what the decision wrote there.

    Something else than a decision did that: an upload of the taxonomy, or an edited note.
    """
    for table, watched in (
        (themes, ("status", "merged_into", "label", "delivery")),
        (taxonomy_items, ("status", "theme_id", "description", "examples")),
        (requests, ("start", "end")),
    ):
        rows = _changed(replaced, table)
        now = _load(connection, table, sorted(rows), list(watched))
        for key, columns in rows.items():
            for name in watched:
                if name in columns and (key not in now or now[key][name] != columns[name][1]):
                    return True
    return False


def restore(connection: Connection, replaced: Replaced) -> None:
    """Put every row back as it was. Rows that are gone (a deleted note) stay gone."""
    asked = _changed(replaced, requests).keys() | {
        row["request_id"]
        for rows in replaced["removed"].values()
        for row in rows
        if "request_id" in row
    }
    present = _load(connection, requests, sorted(asked), [])
    # Two live items never share a theme, not even in between: one lets go before another takes.
    for key in replaced["added"].get(taxonomy_items.name, ()):
        connection.execute(delete(taxonomy_items).where(_is(taxonomy_items, key)))
    for table in _TABLES:
        for row in replaced["removed"].get(table.name, ()):
            if row.get("request_id") in present or "request_id" not in row:
                connection.execute(insert(table), [_typed(table, row)])
        for key, columns in sorted(_changed(replaced, table).items(), key=_live_ones_last):
            if table is requests and key not in present:
                continue
            old = {name: pair[0] for name, pair in columns.items()}
            connection.execute(update(table).where(table.c.id == key).values(_typed(table, old)))
    for table in reversed(_TABLES):
        for key in replaced["added"].get(table.name, ()):
            connection.execute(delete(table).where(_is(table, key)))


def _live_ones_last(row: tuple[str, Mapping[str, Any]]) -> tuple[bool, str]:
    key, columns = row
    return columns.get("status", [None])[0] == "live", key


def _changed(replaced: Replaced, table: Table) -> Mapping[str, Mapping[str, Any]]:
    rows: Mapping[str, Mapping[str, Any]] = replaced["changed"].get(table.name, {})
    return rows


def _cells(replaced: Replaced) -> Iterator[str]:
    for name, rows in replaced["changed"].items():
        for key, columns in rows.items():
            for column in columns:
                yield f"{_mark(name, key)}/{column}"
    for name, removed in replaced["removed"].items():
        for row in removed:
            yield _mark(name, _key(_BY_NAME[name], row))


def _mark(table: str, key: Any) -> str:
    return f"{table}/{'/'.join(key) if isinstance(key, list) else key}"


def _noted(table: Table, names: Sequence[str]) -> list[str]:
    if table is requests and any(name in PLACE for name in names):
        return [*PLACE, *(name for name in names if name not in PLACE)]
    return list(names)


def _load(
    connection: Connection, table: Table, ids: Sequence[str], names: Sequence[str]
) -> dict[str, dict[str, Any]]:
    columns = [table.c[name] for name in names]
    found: dict[str, dict[str, Any]] = {}
    for batch in in_batches(ids):
        for row in connection.execute(select(table.c.id, *columns).where(table.c.id.in_(batch))):
            found[row.id] = {name: _plain(row._mapping[name]) for name in names}
    return found


def _key_columns(table: Table) -> list[Column[Any]]:
    return list(table.primary_key.columns)


def _key(table: Table, row: Mapping[str, Any]) -> Any:
    values = [row[column.name] for column in _key_columns(table)]
    return values[0] if len(values) == 1 else values


def _is(table: Table, key: Any) -> Any:
    values = key if isinstance(key, list) else [key]
    return and_(
        *(column == value for column, value in zip(_key_columns(table), values, strict=True))
    )


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _typed(table: Table, values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: datetime.fromisoformat(value)
        if isinstance(value, str) and isinstance(table.c[name].type, UtcDateTime)
        else value
        for name, value in values.items()
    }
