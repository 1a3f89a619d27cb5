"""Read the audit trail."""

from __future__ import annotations

from service.flows.pages import Page, decode_cursor, page_of
from service.storage import audit
from service.storage.audit import AuditEntry
from service.storage.engine import Store


def list_audit(
    store: Store, *, actor: str | None = None, cursor: str = "", limit: int = 100
) -> Page[AuditEntry]:
    """What was done, newest first.

    Raises:
        InvalidInput: `bad_cursor`.
    """
    place = decode_cursor(cursor, int)
    before = None if place is None else int(place[0])
    with store.read() as connection:
        rows = audit.page(connection, before=before, limit=limit + 1, actor=actor)
    return page_of(rows, limit, (rows[limit - 1].seq,) if len(rows) > limit else None)
