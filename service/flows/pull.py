"""Notes pulled from a vendor's API: a page is stored, then the place to go on from."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from models.errors import NotFound
from service.crm.mapping import ColumnMapping
from service.crm.pulls import Puller, understood
from service.flows.backfill import MappedRows
from service.flows.forget import delete_note
from service.flows.ingest import ingest_notes
from service.flows.receipts import BatchReceipt
from service.storage import pull_positions
from service.storage.engine import Store


def pull_notes(
    store: Store,
    puller: Puller,
    mapping: ColumnMapping,
    *,
    now: datetime,
    actor: str,
    since: str = "",
    on_page: Callable[[BatchReceipt], None] | None = None,
) -> tuple[BatchReceipt, MappedRows]:
    """Store what changed at the vendor since the last pull, or since `since`.

    A page counts as pulled only once it is stored: cut off at any moment, the next pull
    fetches it again, and its notes are duplicates. The lines of what is rejected are places in
    the whole pull, from 1.

    Raises:
        Unavailable: the vendor's codes (see `VendorApi`), `vendor_answer`, or the store's; what
            came before stays.
    """
    with store.read() as connection:
        position = since or pull_positions.position_of(connection, mapping.source)
    receipt, mapped = BatchReceipt(), MappedRows()
    line = 1
    for page in understood(puller.pages(position)):
        rows = list(enumerate(page.records, start=line))
        line += len(rows)
        stored = ingest_notes(store, mapped.lines(rows, mapping), now=now, actor=actor)
        _add(receipt, stored)
        for external_id in page.deleted:
            with suppress(NotFound):
                delete_note(store, mapping.source, external_id, now=now, actor=actor)
                receipt.deleted += 1
        with store.write(changes_answers=False) as connection:
            pull_positions.advance(connection, mapping.source, page.position, at=now)
        if on_page is not None:
            on_page(receipt)
    return receipt, mapped


def _add(receipt: BatchReceipt, page: BatchReceipt) -> None:
    receipt.accepted += page.accepted
    receipt.duplicate += page.duplicate
    receipt.updated += page.updated
    receipt.stale += page.stale
    receipt.deleted += page.deleted
    receipt.rejected.extend(page.rejected)
