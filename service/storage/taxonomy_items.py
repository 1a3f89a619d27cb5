"""Taxonomy items as stored, and the themes that live ones are born with."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from models.identity import item_id, item_theme_id
from models.taxonomy import ItemStatus, TaxonomyItem
from models.theme import Delivery, ThemeOrigin, ThemeStatus
from service.storage.batches import in_batches
from service.storage.tables import runs, taxonomy_items, themes


@dataclass(frozen=True, slots=True)
class StoredItem:
    """An item, where it stands in review, and its one theme: a retired item's is its last."""

    item: TaxonomyItem
    status: ItemStatus
    theme_id: str | None

    @property
    def id(self) -> str:
        """Content-derived id of the exact pair."""
        return item_id(self.item.feature_area, self.item.customer_need)


def find(connection: Connection, ids: Collection[str]) -> dict[str, StoredItem]:
    """Those of the ids that are on record, by id."""
    found: dict[str, StoredItem] = {}
    for batch in in_batches(sorted(ids)):
        rows = connection.execute(select(taxonomy_items).where(taxonomy_items.c.id.in_(batch)))
        found.update({row.id: _stored(row) for row in rows})
    return found


def _stored(row: Row[Any]) -> StoredItem:
    item = TaxonomyItem(row.feature_area, row.customer_need, row.description, tuple(row.examples))
    return StoredItem(item, ItemStatus(row.status), row.theme_id)


def every_id(connection: Connection, *, status: ItemStatus | None = None) -> list[str]:
    """Ids of all items, in the order of area and need."""
    statement = select(
        taxonomy_items.c.feature_area, taxonomy_items.c.customer_need, taxonomy_items.c.id
    )
    if status is not None:
        statement = statement.where(taxonomy_items.c.status == status)
    # Sorted here: PostgreSQL's order of texts depends on the locale it was made with.
    return [row[2] for row in sorted(tuple(row) for row in connection.execute(statement))]


def every(connection: Connection, *, status: ItemStatus | None = None) -> list[StoredItem]:
    """All items, by area and need."""
    statement = select(taxonomy_items)
    if status is not None:
        statement = statement.where(taxonomy_items.c.status == status)
    found = [_stored(row) for row in connection.execute(statement)]
    # Sorted here: PostgreSQL's order of texts depends on the locale it was made with.
    return sorted(found, key=lambda one: (one.item.feature_area, one.item.customer_need))


def origin(connection: Connection, key: str) -> tuple[datetime, str]:
    """When an item on record was made, and by whom."""
    columns = (taxonomy_items.c.created_at, taxonomy_items.c.created_by)
    row = connection.execute(select(*columns).where(taxonomy_items.c.id == key)).one()
    return row.created_at, row.created_by


def add(connection: Connection, new: Sequence[StoredItem], *, actor: str, at: datetime) -> None:
    """Store items that are not on record yet; the theme of a live one must be there."""
    if not new:
        return
    rows = [
        {
            "id": stored.id,
            "feature_area": stored.item.feature_area,
            "customer_need": stored.item.customer_need,
            "description": stored.item.description,
            "examples": list(stored.item.examples),
            "status": stored.status,
            "theme_id": stored.theme_id,
            "created_at": at,
            "created_by": actor,
        }
        for stored in new
    ]
    connection.execute(insert(taxonomy_items), rows)


def replace(connection: Connection, changed: Sequence[StoredItem]) -> None:
    """Overwrite description, examples, status and theme of items on record."""
    if not changed:
        return
    names = ("description", "examples", "status", "theme_id")
    statement = (
        update(taxonomy_items)
        .where(taxonomy_items.c.id == bindparam("this"))
        .values({name: bindparam(f"new_{name}") for name in names})
    )
    connection.execute(
        statement,
        [
            {
                "this": stored.id,
                "new_description": stored.item.description,
                "new_examples": list(stored.item.examples),
                "new_status": stored.status,
                "new_theme_id": stored.theme_id,
            }
            for stored in changed
        ],
    )


def add_themes(
    connection: Connection, items: Iterable[TaxonomyItem], *, at: datetime
) -> dict[str, str]:
    """Make each item (distinct pairs) a new accepted theme; returns item id -> theme id."""
    rows = new_themes(connection, items, at=at)
    if rows:
        connection.execute(insert(themes), [*rows.values()])
    return {key: str(row["id"]) for key, row in rows.items()}


def new_themes(
    connection: Connection, items: Iterable[TaxonomyItem], *, at: datetime
) -> dict[str, dict[str, object]]:
    """Item id -> the accepted theme that the item (distinct pairs) would be born with, as a row.

    Theme ids are never used again: the second theme of a pair is another one.
    """
    by_id = {item_id(item.feature_area, item.customer_need): item for item in items}
    chosen = _unused_theme_ids(connection, by_id)
    born_seq = connection.scalar(select(func.max(runs.c.seq))) or 0
    return {
        key: {
            "id": chosen[key],
            "origin": ThemeOrigin.ITEM,
            "status": ThemeStatus.ACCEPTED,
            "label": item.customer_need,
            "keyphrases": [],
            "exemplars": [],
            "born_seq": born_seq,
            "created_at": at,
            "delivery": Delivery().as_dict(),
        }
        for key, item in by_id.items()
    }


def _unused_theme_ids(connection: Connection, items: dict[str, TaxonomyItem]) -> dict[str, str]:
    chosen: dict[str, str] = {}
    ordinal = 0
    while open_keys := items.keys() - chosen.keys():
        candidates = {
            key: item_theme_id(items[key].feature_area, items[key].customer_need, ordinal)
            for key in sorted(open_keys)
        }
        used: set[str] = set()
        for batch in in_batches(list(candidates.values())):
            used.update(connection.scalars(select(themes.c.id).where(themes.c.id.in_(batch))))
        chosen |= {key: theme_id for key, theme_id in candidates.items() if theme_id not in used}
        ordinal += 1
    return chosen
