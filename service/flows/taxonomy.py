"""The taxonomy: uploads of items, each of which is born live with its theme or waits for review."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from models.errors import NotFound
from models.identity import item_id
from models.taxonomy import ItemPatch, ItemStatus, TaxonomyItem, parse_item_patch
from service.flows.pages import Page, decode_cursor, page_of
from service.flows.receipts import BatchReceipt, Line, Status, chunks_of, parse_lines
from service.storage import audit, jobs, taxonomy_items, themes
from service.storage.engine import Store
from service.storage.taxonomy_items import StoredItem

__all__ = ["list_items", "one_item", "upsert_items"]


def upsert_items(
    store: Store,
    lines: Iterable[Line],
    *,
    now: datetime,
    actor: str,
    live: bool,
    on_chunk: Callable[[BatchReceipt], None] | None = None,
) -> BatchReceipt:
    """Add or change items by their exact pair; a bad line is named and sinks no other.

    `live` says that the sender's upload is the review: each item is live with an accepted
    theme, one that was retired with a new theme. Without it a new item waits as proposed, and
    one that was reviewed is left as it is. What changed is embedded by a job.

    Raises:
        Unavailable: the store is busy, full or down; earlier chunks stay.
    """
    receipt = BatchReceipt()
    for chunk in chunks_of(lines):
        patches = parse_lines(chunk, parse_item_patch, receipt)
        if patches:
            with store.write() as connection:
                statuses = _store(connection, patches, now=now, actor=actor, live=live)
            receipt.count(statuses)
            receipt.ignore(column for patch in patches for column in patch.ignored)
        if on_chunk is not None:
            on_chunk(receipt)
    return receipt


def list_items(
    store: Store, *, status: ItemStatus | None = None, cursor: str = "", limit: int = 1_000
) -> Page[StoredItem]:
    """Items by area, then need.

    Raises:
        InvalidInput: `bad_cursor`.
    """
    place = decode_cursor(cursor, int)
    start = 0 if place is None else int(place[0])
    with store.read() as connection:
        ids = taxonomy_items.every_id(connection, status=status)[start : start + limit + 1]
        found = taxonomy_items.find(connection, ids)
    return page_of([found[key] for key in ids], limit, (start + limit,))


def one_item(store: Store, feature_area: str, customer_need: str) -> StoredItem:
    """The item of this pair.

    Raises:
        NotFound: `unknown_item`.
    """
    key = item_id(feature_area, customer_need)
    with store.read() as connection:
        found = taxonomy_items.find(connection, [key]).get(key)
    if found is None:
        raise NotFound("There is no item of this area and need.", code="unknown_item")
    return found


@dataclass(slots=True)
class _Plan:
    """What a list of rows makes of the taxonomy, worked out before anything is written."""

    known: dict[str, StoredItem]
    live: bool
    before: dict[str, StoredItem] = field(init=False)
    newly_live: dict[str, TaxonomyItem] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.before = dict(self.known)

    def take(self, patch: ItemPatch) -> Status:
        """Put one row on top of what is known so far."""
        key = item_id(patch.feature_area, patch.customer_need)
        old = self.known.get(key)
        if old is not None and old.status is not ItemStatus.PROPOSED and not self.live:
            return Status.DUPLICATE
        item = patch.apply(old.item if old else None)
        if self.live:
            if old is None or old.status is not ItemStatus.LIVE:
                self.newly_live[key] = item
            new = StoredItem(item, ItemStatus.LIVE, old.theme_id if old else None)
        else:
            new = StoredItem(item, ItemStatus.PROPOSED, None)
        self.known[key] = new
        if old is None:
            return Status.ACCEPTED
        return Status.DUPLICATE if new == old else Status.UPDATED

    def write(self, connection: Connection, *, now: datetime, actor: str) -> bool:
        """Write each item that is new or changed; False when there is none."""
        born = taxonomy_items.add_themes(connection, self.newly_live.values(), at=now)
        after = {
            key: replace(new, theme_id=born.get(key, new.theme_id))
            for key, new in self.known.items()
        }
        new = [item for key, item in after.items() if key not in self.before]
        changed = [
            item for key, item in after.items() if key in self.before and item != self.before[key]
        ]
        taxonomy_items.add(connection, new, actor=actor, at=now)
        taxonomy_items.replace(connection, changed)
        # Who looks at one of these would decide on words that are there no longer.
        seen = {item.theme_id for item in changed if item.theme_id is not None}
        themes.raise_versions(connection, seen)
        return bool(new or changed)


def _store(
    connection: Connection, patches: Sequence[ItemPatch], *, now: datetime, actor: str, live: bool
) -> list[Status]:
    ids = {item_id(patch.feature_area, patch.customer_need) for patch in patches}
    plan = _Plan(known=taxonomy_items.find(connection, ids), live=live)
    statuses = [plan.take(patch) for patch in patches]
    if plan.write(connection, now=now, actor=actor):
        jobs.enqueue(connection, jobs.TAXONOMY, actor=actor, now=now)
        counts = {status.value: statuses.count(status) for status in Status if status in statuses}
        audit.record(
            connection,
            at=now,
            actor=actor,
            action="taxonomy.upsert",
            target="taxonomy",
            details=counts,
        )
    return statuses
