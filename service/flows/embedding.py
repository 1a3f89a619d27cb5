"""Embed what has no vector yet: in batches, each committed, outside of any other write."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from clustering.encoder import Encoder
from clustering.note_text import readable
from service.storage import vectors
from service.storage.engine import Store
from service.storage.vectors import Vector

AT_ONCE = 512

OnProgress = Callable[[int, int], None]
"""Told how much is done of how much."""


def encoded(encoder: Encoder, texts: Sequence[str]) -> Vector:
    """Rows (n, d) of texts as a person reads them: without tags, entities and what is invisible.

    A vector's key is that of the text as posted, for which this is a fixed reading of it.
    """
    return encoder.encode([readable(text) or text for text in texts])


def embed_missing(
    store: Store,
    encoder: Encoder,
    texts: Mapping[str, str],
    on_progress: OnProgress | None = None,
) -> int:
    """Store the vectors of these texts (by vector key) that this encoder has not made yet.

    Returns how many were made. Cut off in the middle, those made so far stay.
    """
    with store.read() as connection:
        keys = vectors.missing(connection, texts, encoder.fingerprint)
    for start in range(0, len(keys), AT_ONCE):
        batch = keys[start : start + AT_ONCE]
        rows = encoded(encoder, [texts[key] for key in batch])
        with store.write() as connection:
            vectors.save(connection, encoder.fingerprint, dict(zip(batch, rows, strict=True)))
        if on_progress is not None:
            on_progress(start + len(batch), len(keys))
    return len(keys)
