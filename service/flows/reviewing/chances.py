"""Where each request in question may belong, and how likely, as the machine judges it now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from sqlalchemy import Connection

from clustering.doubt import SAID_NOTHING
from service.flows.candidates import current_encoder
from service.flows.doubts import what_was_said
from service.flows.item_index import kept_items
from service.storage import vectors
from service.storage.engine import Store
from service.storage.requests import RequestRecord


@dataclass(frozen=True, slots=True)
class Chance:
    """Themes of live items, best first, and the calibrated confidence in each, 0..1.

    What is left of 1 is the chance that it belongs to none of the items or is no request.
    """

    themes: Sequence[str] = ()
    shares: Sequence[float] = ()

    def of(self, theme_id: str | None) -> float:
        """The chance of one theme."""
        return dict(zip(self.themes, self.shares, strict=True)).get(theme_id or "", 0.0)

    @property
    def none(self) -> float:
        """The chance of no item at all."""
        return max(0.0, 1.0 - sum(self.shares))


@dataclass(slots=True)
class Chances:
    """Chances by request id, under the current encoder; nothing is known of one without vector."""

    store: Store
    connection: Connection
    _found: dict[str, Chance] = field(default_factory=dict)

    def judge(self, records: Sequence[RequestRecord]) -> None:
        """Work them out for these requests, all at once."""
        encoder = current_encoder(self.connection)
        if encoder is None or not records:
            return
        indexed = kept_items(self.store, self.connection, encoder)
        rows = vectors.load(self.connection, {record.vector_key for record in records}, encoder)
        known = [record for record in records if record.vector_key in rows]
        if indexed.index is None or not known:
            return
        said = what_was_said(self.connection, rows, indexed)
        ranking = indexed.index.rank(
            np.vstack([rows[record.vector_key] for record in known]),
            [said.get(record.vector_key, SAID_NOTHING) for record in known],
        )
        for record, names, shares in zip(
            known, ranking.theme_ids, ranking.confidences.tolist(), strict=True
        ):
            self._found[record.id] = Chance(names, shares)

    def of(self, record: RequestRecord) -> Chance:
        """Those of one request."""
        chance = self._found.get(record.id)
        if chance is not None:
            return chance
        if record.theme_id is None:
            return Chance()
        return Chance((record.theme_id,), (record.confidence or 0.0,))

    def first(self, records: Sequence[RequestRecord]) -> Mapping[str, str]:
        """Request id -> its best item's theme; absent where nothing is known."""
        return {
            record.id: chance.themes[0]
            for record in records
            if (chance := self._found.get(record.id)) is not None and chance.themes
        }
