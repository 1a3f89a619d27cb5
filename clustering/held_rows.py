"""Requests' rows and their similarities to the items' texts, held from one look to the next.

A text's row never changes under one encoder, and a similarity follows from two rows alone. So
both are held by what they are made of, the key of a request's text and the digest of an item's
rows: where something is new only that is worked out, and nothing held can be out of date.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from clustering.assign import ItemIndex
from clustering.glance import Glance, Places

Rows = NDArray[np.float32]


class HeldRows:
    """Rows of requests under one encoder, by key, and their similarity to each item's texts.

    Takes four bytes for every dimension and every item of each request; past `most_bytes`
    nothing is held. Not safe to share between threads.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._slots: dict[str, int] = {}
        self._free: list[int] = []
        self._unscored: list[int] = []
        self._used = 0
        self._columns: dict[bytes, int] = {}
        self._rows: Rows = np.zeros((0, 0), dtype=np.float32)
        self._scores: Rows = self._rows

    def __len__(self) -> int:
        return len(self._slots)

    def keep_only(self, keys: Collection[str]) -> list[str]:
        """Forget all other rows, zeroing them; returns the keys that no row is held of."""
        wanted = set(keys)
        freed = [self._slots.pop(key) for key in [*self._slots] if key not in wanted]
        self._rows[freed] = 0.0
        self._free += freed
        if len(self._free) > self._used // 2:
            # Most are gone: what is left is read anew into less room.
            self._clear()
        return [key for key in wanted if key not in self._slots]

    def slots(self, keys: Sequence[str]) -> Places:
        """Where each key's row lies in what `look` answers; -1 for those without."""
        find = self._slots.get
        return np.fromiter((find(key, -1) for key in keys), dtype=np.intp, count=len(keys))

    def add(self, found: Mapping[str, Rows]) -> bool:
        """Hold these rows as well, none of them held yet; False, and nothing held, for too many."""
        if not found:
            return True
        grown = self._used + max(len(found) - len(self._free), 0)
        width = len(next(iter(found.values())))
        if not self._make_room(grown, width, self._scores.shape[1]):
            return False
        taken = [*self._free[: len(found)], *range(self._used, grown)]
        del self._free[: len(found)]
        self._used = grown
        for slot, (key, row) in zip(taken, found.items(), strict=True):
            self._slots[key] = slot
            self._rows[slot] = row
        self._unscored += taken
        return True

    def look(self, index: ItemIndex) -> Glance | None:
        """How the held rows look among the items; None, and nothing held, where it is too much."""
        texts = index.text_digests()
        self._columns = {text: self._columns[text] for text in texts if text in self._columns}
        places = {text: place for place, text in enumerate(texts)}
        new = {text: place for text, place in places.items() if text not in self._columns}
        every = len(self._columns) + len(new)
        if not self._make_room(self._used, self._rows.shape[1], every):
            return None
        self._score_new_rows(index, {t: place for t, place in places.items() if t not in new})
        self._score_new_items(index, new)
        columns = np.array([self._columns[text] for text in texts], dtype=np.intp)
        return index.glance(self._rows[: self._used], self._scores[: self._used], columns)

    def _score_new_rows(self, index: ItemIndex, known: Mapping[bytes, int]) -> None:
        """What new rows have in common with items that others were held against before."""
        slots = np.array(self._unscored, dtype=np.intp)
        self._unscored.clear()
        if len(slots) and known:
            columns = [self._columns[text] for text in known]
            scores = index.scores(self._rows[slots], list(known.values()))
            self._scores[slots[:, None], columns] = scores

    def _score_new_items(self, index: ItemIndex, new: Mapping[bytes, int]) -> None:
        taken = set(self._columns.values())
        free = [column for column in range(self._scores.shape[1]) if column not in taken]
        columns = free[: len(new)]
        self._columns.update(zip(new, columns, strict=True))
        if new:
            scores = index.scores(self._rows[: self._used], list(new.values()))
            self._scores[: self._used, columns] = scores

    def _make_room(self, rows: int, width: int, columns: int) -> bool:
        have_rows, have_columns = self._scores.shape
        if rows <= have_rows and columns <= have_columns:
            return True
        # With some room to spare, so that it is not all copied for each new request or item.
        rows = have_rows if rows <= have_rows else rows + rows // 8
        columns = have_columns if columns <= have_columns else columns + columns // 8 + 1
        if 4 * rows * (width + columns) > self._most_bytes:
            self._clear()
            return False
        self._rows = _enlarged(self._rows, rows, width)
        self._scores = _enlarged(self._scores, rows, columns)
        return True

    def _clear(self) -> None:
        self._slots.clear()
        self._free.clear()
        self._unscored.clear()
        self._columns.clear()
        self._used = 0
        self._rows = self._scores = np.zeros((0, 0), dtype=np.float32)


def _enlarged(rows: Rows, count: int, width: int) -> Rows:
    larger = np.zeros((count, width), dtype=np.float32)
    larger[: rows.shape[0], : rows.shape[1]] = rows
    return larger
