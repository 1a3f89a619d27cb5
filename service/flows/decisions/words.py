"""The words of an item that is new or worded anew, embedded before the write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from clustering.assign import profile_texts
from models.identity import item_id, vector_key
from models.taxonomy import TaxonomyItem
from service.flows.embedding import encoded
from service.flows.language import LanguageModels
from service.storage import taxonomy_items, themes, vectors
from service.storage.engine import Store
from service.storage.vectors import Vector


@dataclass(frozen=True, slots=True)
class ItemWords:
    """The vectors of an item's texts that were not stored yet, under one encoder."""

    encoder: str
    rows: dict[str, Vector]

    def save(self, connection: Connection) -> None:
        """Keep them."""
        vectors.save(connection, self.encoder, self.rows)


def item_words(
    store: Store,
    feature_area: str,
    customer_need: str,
    *,
    description: str | None = None,
    examples: Sequence[str] | None = None,
    of_theme: str | None = None,
    language: LanguageModels | None,
) -> ItemWords | None:
    """Embed an item's texts; None without language.

    What is not given is as it is on record: for the live item of a theme, where one is named,
    else for this pair. Done before the write, so that no other writer waits for the encoder.
    """
    if language is None:
        return None
    encoder = language.encoder
    with store.read() as connection:
        known = _on_record(connection, feature_area, customer_need, of_theme)
        if description is None:
            description = known.description
        if examples is None:
            examples = known.examples
        texts = {
            vector_key(text): text for text in profile_texts(customer_need, description, examples)
        }
        keys = vectors.missing(connection, texts, encoder.fingerprint)
    rows = encoded(encoder, [texts[key] for key in keys]) if keys else ()
    return ItemWords(encoder.fingerprint, dict(zip(keys, rows, strict=True)))


def _on_record(
    connection: Connection, feature_area: str, customer_need: str, of_theme: str | None
) -> TaxonomyItem:
    if of_theme is not None:
        for item in themes.live_items(connection):
            if item.theme_id == of_theme:
                return TaxonomyItem(
                    feature_area, customer_need, item.description, tuple(item.examples)
                )
    key = item_id(feature_area, customer_need)
    known = taxonomy_items.find(connection, [key]).get(key)
    return known.item if known else TaxonomyItem(feature_area, customer_need)
