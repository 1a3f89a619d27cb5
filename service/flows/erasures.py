"""Whether something was erased meanwhile: for who keeps words outside the store for a while."""

from __future__ import annotations

from service.storage import audit
from service.storage.engine import Store

_ERASING = ("note.deleted", "account.erased", "csm.erased", "retention.erased")


def place_in_trail(store: Store) -> int:
    """Where the audit trail ends now."""
    with store.read() as connection:
        return audit.last_seq(connection)


def erased_since(store: Store, place: int) -> bool:
    """Whether anybody has erased a note, an account or a CSM since then, in any process."""
    with store.read() as connection:
        return audit.holds_since(connection, place, _ERASING)
