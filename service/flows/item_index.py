"""The live items as vectors: what requests are held against, built from stored vectors alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import Connection

from clustering.assign import ItemIndex, ItemProfile, profile_texts
from clustering.learning import NO_ITEM, NO_LESSONS, Lessons
from models.identity import vector_key
from service.flows.kept import Kept
from service.flows.kept_items import kept_live_items
from service.storage import teaching, themes, vectors
from service.storage.engine import Store
from service.storage.teaching import Taught
from service.storage.themes import LiveItem
from service.storage.vectors import Vector

# Of a group that a person put somewhere only most is sure to belong there.
GROUP_WEIGHT = 0.5


@dataclass(frozen=True, slots=True)
class IndexedItems:
    """The live items, those that have vectors under one encoder being in the index.

    `lessons` are what people said of requests, besides what they put on items one by one.
    `index` is None where no item has vectors.
    """

    encoder: str
    items: Mapping[str, LiveItem]
    profiles: Sequence[ItemProfile]
    lessons: Lessons
    index: ItemIndex | None


# One encoder is in use, and for a while two when it changes.
_KEPT: Kept[IndexedItems] = Kept(most=2)


def kept_items(store: Store, connection: Connection, encoder: str) -> IndexedItems:
    """As `indexed_items`, built once for each state of the store that is read."""
    return _KEPT.get(
        store,
        connection,
        encoder,
        lambda: indexed_items(connection, encoder, kept_live_items(store, connection)),
    )


def indexed_items(
    connection: Connection, encoder: str, live: Sequence[LiveItem] | None = None
) -> IndexedItems:
    """Every live item, its texts' vectors, and those of requests that people put on it.

    `live` are the live items where the caller has them already.
    """
    items = themes.live_items(connection) if live is None else live
    text_keys = {item.theme_id: item_text_keys(item) for item in items}
    taught = teaching.taught(connection)
    vouched: dict[str, list[str]] = {}
    for one in taught:
        if one.theme_id in text_keys and not one.bound:
            vouched.setdefault(one.theme_id, []).append(one.vector_key)
    wanted = {key for keys in text_keys.values() for key in keys}
    found = vectors.load(connection, wanted | {one.vector_key for one in taught}, encoder)
    width = next((len(row) for row in found.values()), 0)
    profiles = [
        ItemProfile(
            theme_id=item.theme_id,
            feature_area=item.feature_area,
            text_vectors=stacked(text_keys[item.theme_id], found, width),
            accepted_vectors=stacked(vouched.get(item.theme_id, ()), found, width),
        )
        for item in items
    ]
    usable = [
        profile
        for profile in profiles
        if len(profile.text_vectors) or len(profile.accepted_vectors)
    ]
    lessons = _lessons(taught, {profile.theme_id for profile in usable}, found)
    return IndexedItems(
        encoder=encoder,
        items={item.theme_id: item for item in items},
        profiles=usable,
        lessons=lessons,
        index=ItemIndex.build(usable, encoder, lessons) if usable else None,
    )


def _lessons(
    taught: Sequence[Taught], on_items: Collection[str], found: Mapping[str, Vector]
) -> Lessons:
    """What came to an item with its group, and what belongs to none: moved off, or dismissed.

    Of what is on a theme that is no item yet nothing is said: it may become any of them.
    """
    rows, truths, weights = [], [], []
    for one in taught:
        with_group = one.bound and one.theme_id in on_items
        if one.vector_key not in found or not (with_group or one.theme_id is None):
            continue
        rows.append(found[one.vector_key])
        truths.append(one.theme_id or NO_ITEM)
        weights.append(GROUP_WEIGHT if with_group else 1.0)
    if not rows:
        return NO_LESSONS
    return Lessons(np.vstack(rows), truths, np.array(weights, dtype=np.float32))


def item_texts(item: LiveItem) -> list[str]:
    """What is embedded for an item."""
    return profile_texts(item.customer_need, item.description, item.examples)


def item_text_keys(item: LiveItem) -> list[str]:
    """Keys of the vectors of an item's texts."""
    return [vector_key(text) for text in item_texts(item)]


def stacked(keys: Sequence[str], found: Mapping[str, Vector], width: int) -> Vector:
    """The rows that are there, in the order of the keys: (n, width) float32."""
    rows = [found[key] for key in keys if key in found]
    return np.vstack(rows) if rows else np.zeros((0, width), dtype=np.float32)
