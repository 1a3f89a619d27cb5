"""The open themes that come closest to one: by the vectors of what is most typical of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from service.flows.candidates import current_encoder
from service.flows.item_index import kept_items, stacked
from service.flows.kept import Kept
from service.storage import decisions, theme_history, vectors
from service.storage.engine import Store
from service.storage.vectors import Vector

# Below this two themes have little more in common than that both are requests.
LEAST = 0.45


@dataclass(frozen=True, slots=True)
class SimilarTheme:
    """An open theme; `cosine` is that between the means of the two themes' exemplars."""

    id: str
    label: str
    status: str
    cosine: float
    kept_apart: bool


@dataclass(frozen=True, slots=True)
class _Middles:
    """One unit vector a theme: the mean of its exemplars, or of its item's own texts.

    `known` has them by what they were made of, for the next version of the store.
    """

    names: list[str]
    rows: NDArray[np.float32]
    known: Mapping[_Source, Vector]


_Source = tuple[str, str, tuple[str, ...]]
"""Encoder, theme and its exemplars."""

_KEPT: Kept[_Middles] = Kept(1)
_LAST: WeakKeyDictionary[Store, _Middles] = WeakKeyDictionary()


def similar_themes(
    store: Store, connection: Connection, theme_id: str, *, most: int = 5
) -> list[SimilarTheme]:
    """Those nearest to this one, nearest first; none where nothing is embedded yet."""
    middles = _KEPT.get(store, connection, (), lambda: _middles(store, connection))
    if theme_id not in middles.names:
        return []
    cosines = middles.rows @ middles.rows[middles.names.index(theme_id)]
    nearest = sorted(zip((-cosines).tolist(), middles.names, strict=True))
    chosen = [
        (name, -distance)
        for distance, name in nearest[: most + 1]
        if name != theme_id and -distance >= LEAST
    ][:most]
    apart = {name for pair in decisions.separated(connection) if theme_id in pair for name in pair}
    themes = {theme.id: theme for theme in theme_history.open_themes(connection)}
    return [
        SimilarTheme(name, themes[name].label, themes[name].status, round(cosine, 2), name in apart)
        for name, cosine in chosen
    ]


def _middles(store: Store, connection: Connection) -> _Middles:
    encoder = current_encoder(connection)
    if encoder is None:
        return _Middles([], np.zeros((0, 1), dtype=np.float32), {})
    last = _LAST.get(store)
    known = last.known if last is not None else {}
    sources = {
        theme_id: (encoder, theme_id, chosen)
        for theme_id, chosen in theme_history.exemplars(connection).items()
    }
    made = _made(store, connection, encoder, [s for s in sources.values() if s not in known])
    rows = {name: known.get(source, made.get(source)) for name, source in sources.items()}
    there = {name: row for name, row in rows.items() if row is not None}
    stacked_rows = np.vstack([*there.values()]) if there else np.zeros((0, 1), dtype=np.float32)
    # An item's own texts can be edited, what was said can't.
    lasting = {sources[name]: row for name, row in there.items() if sources[name][2]}
    middles = _Middles([*there], stacked_rows, lasting)
    _LAST[store] = middles
    return middles


def _made(
    store: Store, connection: Connection, encoder: str, sources: Sequence[_Source]
) -> dict[_Source, Vector]:
    if not sources:
        return {}
    of_items = {
        profile.theme_id: profile.text_vectors
        for profile in kept_items(store, connection, encoder).profiles
    }
    keys = theme_history.vector_keys(
        connection, [name for *_, chosen in sources for name in chosen]
    )
    found = vectors.load(connection, keys.values(), encoder)
    width = next((len(row) for row in found.values()), 1)
    made: dict[_Source, Vector] = {}
    for source in sources:
        _, theme_id, chosen = source
        own = stacked([keys[name] for name in chosen if name in keys], found, width)
        rows = own if len(own) else of_items.get(theme_id, own)
        if len(rows):
            made[source] = _unit(rows.mean(axis=0))
    return made


def _unit(row: Vector) -> Vector:
    length = float(np.linalg.norm(row))
    return np.asarray(row / length if length else row, dtype=np.float32)
