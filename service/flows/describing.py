"""A theme in words: title, key phrases and exemplars, from its members."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from sqlalchemy import Connection

from clustering.labels import Description, Members, describe_themes
from clustering.note_text import readable
from clustering.vocabulary import Vocabulary
from service.masking import Mask
from service.storage import accounts, requests, vectors
from service.storage.requests import RequestRecord
from service.storage.vectors import Vector

# Exemplars are chosen by comparing members with one another: of a huge theme, so many of them.
MOST_COMPARED = 1_000
# Whatever is configured for quotes: a label is seen by all and goes into every message.
_MASK = Mask()


def describe(
    members: Sequence[RequestRecord], found: Mapping[str, Vector], vocabulary: Vocabulary
) -> Description | None:
    """Describe members by their texts; None where none of them has a text with a vector."""
    known = [m for m in members if m.text and m.vector_key in found]
    chosen = sorted(known, key=lambda member: member.id)[:MOST_COMPARED]
    if not chosen:
        return None
    members_of_one = Members(
        [member.id for member in chosen],
        [spoken(member.text) for member in chosen],
        np.vstack([found[member.vector_key] for member in chosen]),
        _speakers(chosen),
    )
    return describe_themes([members_of_one], vocabulary)[0]


def _speakers(members: Sequence[RequestRecord]) -> list[str]:
    """Whose each request is; empty where that is known of none."""
    said = [member.account_id or "" for member in members]
    return said if any(said) else []


def describe_stored(
    connection: Connection, members: Sequence[RequestRecord], encoder: str | None
) -> Description:
    """As `describe`, from stored vectors and held against all stored texts.

    Without vectors the first member's words are the title.
    """
    found: dict[str, Vector] = {}
    if encoder is not None:
        found = vectors.load(connection, {member.vector_key for member in members}, encoder)
    vocabulary = Vocabulary.build(requests.texts(connection), accounts.names(connection))
    described = describe(members, found, vocabulary)
    if described is not None:
        return described
    title = next((spoken(member.text) for member in members if member.text), "Split")
    return Description(label=title[:80], keyphrases=[], exemplars=[m.id for m in members[:3]])


def spoken(text: str) -> str:
    """A request's words without markup, and without what tells who somebody is."""
    return _MASK(readable(text))
