"""The live items, read once for each state of the taxonomy."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from service.flows.kept import Kept
from service.storage import themes, touched
from service.storage.engine import Store
from service.storage.themes import LiveItem

_ITEMS: Kept[Sequence[LiveItem]] = Kept(most=1, version=touched.taxonomy_version)


def kept_live_items(store: Store, connection: Connection) -> Sequence[LiveItem]:
    """Every live item with its theme, by area and need; for reading only."""
    return _ITEMS.get(store, connection, None, lambda: themes.live_items(connection))
