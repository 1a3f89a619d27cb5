"""The two models that work on text, loaded once and handed to the flows that need them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from clustering.encoder import BUNDLED, Encoder, load_encoder
from clustering.reading import Reader, load_reader


@dataclass(frozen=True, slots=True)
class LanguageModels:
    """`encoder` judges likeness; `reader` finds the requests in a note."""

    encoder: Encoder
    reader: Reader


LanguageSource = Callable[[], LanguageModels]
"""Gives the models, loading them on first use; raises Unavailable where that can't be done."""


def load_language(encoder_name: str = BUNDLED) -> LanguageModels:
    """Load the named encoder, and the reader, which shares it when it is the bundled one.

    Raises:
        Unavailable: `encoder_unavailable` or `encoder_checksum`.
    """
    encoder = load_encoder(encoder_name)
    shared = encoder if encoder_name == BUNDLED else None
    return LanguageModels(encoder=encoder, reader=load_reader(shared))
