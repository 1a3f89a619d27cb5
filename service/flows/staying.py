"""Which of the requests that a machine placed a decision can move: nearly all stay, plainly.

What is held between decisions is worked out from stored rows alone and found by what it is made
of, so whichever process wrote what, and whatever a write takes back, it is right.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Final
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine

from clustering.doubt import BLEND
from clustering.glance import MARGIN, Glance, Places
from clustering.held_rows import HeldRows
from clustering.languages import is_foreign
from clustering.params import ClusteringParams
from service.flows.item_index import IndexedItems
from service.storage import pair_scores, vectors
from service.storage.teaching import MachinePlaced

# In each process that takes decisions. 50,000 requests of the bundled encoder's 896 dimensions,
# against 400 items, take 260 MB. A store of much more judges all of them at every decision.
MOST_BYTES: Final = 400_000_000


class _Held:
    """One encoder's rows of each store, known by the engine that it is written through."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stores: WeakKeyDictionary[Engine, tuple[str, HeldRows, threading.Lock]] = (
            WeakKeyDictionary()
        )

    def of(self, engine: Engine, encoder: str) -> tuple[HeldRows, threading.Lock]:
        # Two encoders are never used in turns: a store's runs are all under one.
        with self._lock:
            known = self._stores.get(engine)
            if known is None or known[0] != encoder:
                known = (encoder, HeldRows(MOST_BYTES), threading.Lock())
                self._stores[engine] = known
        return known[1:]


_HELD = _Held()


def held_rows(connection: Connection, encoder: str) -> tuple[HeldRows, threading.Lock]:
    """What is held of this store under an encoder, and the lock to be held while it is used."""
    return _HELD.of(connection.engine, encoder)


def may_go_elsewhere(
    connection: Connection,
    records: Sequence[MachinePlaced],
    indexed: IndexedItems,
    params: ClusteringParams,
    near: float,
) -> list[MachinePlaced]:
    """Those whose place, or whose confidence by `near` or more, can be another than on record.

    The others are sure to stay, as surely as single precision can tell.
    """
    if indexed.index is None or not records:
        return list(records)
    keys = [record.vector_key for record in records]
    held, lock = held_rows(connection, indexed.encoder)
    with lock:
        missing = held.keep_only(keys)
        found = vectors.load(connection, missing, indexed.encoder)
        if not held.add(found) or not len(held):
            return list(records)
        look = held.look(indexed.index)
        slots = held.slots(keys)
    if look is None:
        return list(records)
    stays = _stays(records, look, slots, indexed, params, near)
    stays &= ~_read_again(connection, keys, look, slots)
    return [records[place] for place in np.flatnonzero(~stays).tolist()]


def _stays(
    records: Sequence[MachinePlaced],
    look: Glance,
    slots: Places,
    indexed: IndexedItems,
    params: ClusteringParams,
    near: float,
) -> NDArray[np.bool_]:
    assert indexed.index is not None
    columns = {theme: column for column, theme in enumerate(indexed.index.theme_ids)}
    # On nothing is -1, which is no column, and so is a theme that has no item in the index.
    on = np.array([columns.get(record.theme_id or "", -1) for record in records])
    waits = np.array([record.theme_id is None for record in records])
    stored = np.array([record.confidence or 0.0 for record in records])
    line = params.assign_line
    strict = max(line, params.foreign_line)
    foreign = {
        language: is_foreign(language, indexed.encoder)
        for language in {record.language for record in records}
    }
    enough = np.array([strict if foreign[record.language] else line for record in records])
    first, sure, second = look.first[slots], look.confidence[slots], look.second[slots]
    fits = (
        (first == on)
        & (sure >= enough + MARGIN)
        & (sure - second >= 2 * MARGIN)
        & (np.abs(sure - stored) <= near - MARGIN)
    )
    still_waits = waits & (sure <= line - MARGIN) & (stored < near)
    return np.asarray((fits | still_waits) & (slots >= 0))


def _read_again(
    connection: Connection, keys: Sequence[str], look: Glance, slots: Places
) -> NDArray[np.bool_]:
    """Whether the re-ranker has a say in each: where it is in doubt, and was read."""
    doubtful = (look.untaught[slots] <= BLEND.line + MARGIN) & (slots >= 0)
    asked = {keys[place] for place in np.flatnonzero(doubtful).tolist()}
    said = pair_scores.among(connection, asked)
    return np.fromiter((key in said for key in keys), dtype=np.bool_, count=len(keys))
