"""What a run is computed from: one snapshot of requests, vectors, items and decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import Connection

from clustering.alignment import Bindings, KnownTheme
from clustering.organise import RequestRow
from models.identity import vector_key
from service.flows.describing import spoken
from service.flows.item_index import IndexedItems, indexed_items, item_texts
from service.storage import accounts, decisions, requests, runs, themes, vectors
from service.storage.decisions import BindingState
from service.storage.requests import RequestRecord
from service.storage.themes import ThemeRecord
from service.storage.vectors import Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """One snapshot.

    Attributes:
        records: every request that is not dismissed, by id.
        free: those of them that the machine may put on a theme and that have a vector; also
            those that a person put on one.
        rows: vector key -> (d,) float32 row.
        known: proposed themes that have not faded, Unclassified groups left out.
        open_groups: Unclassified groups that nobody has answered, faded ones too.
        groups: the members of every group.
        names: of accounts and CSMs, which no title says.
        state: to be compared, when the outcome is stored, with what people have decided since.
    """

    records: Sequence[RequestRecord]
    free: Sequence[RequestRecord]
    rows: Mapping[str, Vector]
    items: IndexedItems
    known: Mapping[str, ThemeRecord]
    open_groups: Mapping[str, ThemeRecord]
    groups: Mapping[str, set[str]]
    accepted: Mapping[str, ThemeRecord]
    forbidden: Mapping[str, set[str]]
    bindings: Bindings
    names: Sequence[str]
    seq: int
    state: BindingState

    def request_rows(self) -> list[RequestRow]:
        """The free requests as the clustering takes them."""
        return [
            RequestRow(one.id, spoken(one.text), one.occurred_at, one.language, one.account_id)
            for one in self.free
        ]

    def vectors(self) -> Vector:
        """Their vectors, (n, d) float32, row by row."""
        if not self.free:
            width = next((len(row) for row in self.rows.values()), 1)
            return np.zeros((0, width), dtype=np.float32)
        return np.vstack([self.rows[record.vector_key] for record in self.free])

    def known_themes(self) -> list[KnownTheme]:
        """The proposed themes that clusters are aligned to, with their members."""
        members: dict[str, set[str]] = {}
        for record in self.free:
            if record.theme_id is not None:
                members.setdefault(record.theme_id, set()).add(record.id)
        return [
            KnownTheme(
                theme.id,
                frozenset(members.get(theme.id, ())),
                theme.born_seq,
                theme.first_at,
                theme.label if theme.label_by != "person" else "",
            )
            for theme in self.known.values()
        ]


def texts_to_embed(connection: Connection) -> dict[str, str]:
    """Vector key -> text, of every live item and of every request that is not dismissed."""
    texts = {
        vector_key(text): text
        for item in themes.live_items(connection)
        for text in item_texts(item)
    }
    return texts | requests.texts_by_key(connection)


def gather(connection: Connection, encoder: str) -> Gathered:
    """Take the snapshot. What has come since its texts were embedded is left for the next run."""
    records = requests.all_active(connection)
    rows = vectors.load(connection, {record.vector_key for record in records}, encoder)
    free = [record for record in records if record.vector_key in rows and not record.held]
    known = {
        theme.id: theme for theme in themes.proposed(connection) if theme.origin != "unclassified"
    }
    forbidden = decisions.forbidden(connection)
    items = indexed_items(connection, encoder)
    return Gathered(
        records=records,
        free=free,
        rows=rows,
        items=items,
        known=known,
        open_groups={theme.id: theme for theme in themes.open_groups(connection)},
        groups=themes.groups(connection),
        accepted={theme.id: theme for theme in themes.accepted(connection)},
        forbidden=forbidden,
        bindings=Bindings(
            pinned=_pinned(free, known, {profile.theme_id for profile in items.profiles}),
            # Left out altogether: a request moved to nothing goes back on no theme by itself.
            held=frozenset(),
            forbidden_groups=[frozenset(group) for _, group in sorted(forbidden.items())],
            separations=decisions.separated(connection),
            taken_ids=themes.all_ids(connection),
        ),
        names=accounts.names(connection),
        seq=runs.last_seq(connection) + 1,
        state=decisions.binding_state(connection),
    )


def _pinned(
    records: Sequence[RequestRecord], known: Mapping[str, ThemeRecord], on_items: set[str]
) -> dict[str, str]:
    """Where people's decisions put requests. An item still without vectors keeps its own too."""
    return {
        record.id: record.theme_id
        for record in records
        if record.theme_id is not None
        and (record.assigned_by == "person" or record.bound)
        and (record.theme_id in known or record.theme_id in on_items)
    }
