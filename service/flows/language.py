"""The models that work on text, loaded once and handed to the flows that need them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from clustering.encoder import ADAPTED, Encoder, load_encoder
from clustering.reading import Reader, load_reader
from clustering.rerank import Reranker, load_reranker


@dataclass(frozen=True, slots=True)
class LanguageModels:
    """`encoder` judges likeness; `reader` finds the requests in a note.

    `reranker` reads requests in doubt together with an item; None where it is not wanted, or
    the encoder is another than the one it was learned beside.
    """

    encoder: Encoder
    reader: Reader
    reranker: Reranker | None = None


LanguageSource = Callable[[], LanguageModels]
"""Gives the models, loading them on first use; raises Unavailable where that can't be done."""


def load_language(encoder_name: str = ADAPTED, *, rerank: bool = False) -> LanguageModels:
    """Load the named encoder, the reader, which sees by the bundled one's first layers whatever
    the name, and the re-ranker where it is wanted.

    Raises:
        Unavailable: the codes of `load_encoder`, `load_reader` and `load_reranker`.
    """
    encoder = load_encoder(encoder_name)
    reranker = load_reranker() if rerank and encoder_name == ADAPTED else None
    return LanguageModels(encoder=encoder, reader=load_reader(), reranker=reranker)
