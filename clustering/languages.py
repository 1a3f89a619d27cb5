"""Which language a note is written in, and what an encoder of English makes of the others."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from clustering.adapter import REQUESTS, about_updates, adapted_fingerprint
from clustering.note_text import clean, plain

Rows = NDArray[np.float32]

SURE: Final = 0.6
"""The least probability at which a language is named; below it nothing is said."""

FEWEST: Final = 5
"""So many requests show what their language, rather than their matter, does to their rows."""

_READ_AT_MOST: Final = 2_000

# What customers write in. Among all 139 that the model knows, a terse English note is too
# easily a creole or Latin.
_CANDIDATES: Final = frozenset(
    re.split(
        " ",
        "ar bg ca cs da de el en es et fa fi fr he hi hr hu id it ja ko lt lv ms nl no pl pt ro "
        "ru sk sl sr sv th tr uk vi zh",
    )
)


def recognise(texts: Sequence[str]) -> list[str | None]:
    """The language of each text, ISO 639-1; None where it is too short or too mixed to tell.

    Tags, addresses and quote marks are not looked at, nor what comes after the first 2,000
    characters. The same text has the same answer in any company, process and order.
    """
    return [recognise_words(plain(clean(text))) for text in texts]


def recognise_words(words: str) -> str | None:
    """As `recognise`, of one text that is clean already."""
    if not any(char.isalpha() for char in words):
        return None
    language, probability = _identifier().classify(words[:_READ_AT_MOST])
    return str(language) if probability >= SURE else None


def is_foreign(language: str | None, encoder: str) -> bool:
    """Whether a text in this language is strange to the encoder with this fingerprint.

    The bundled encoders were trained on English alone. Any other is taken to understand
    every language; a text whose language could not be told is strange to none.
    """
    return language is not None and language != "en" and encoder in _english_encoders()


def without_accent(rows: Rows, languages: Sequence[str | None], encoder: str) -> Rows:
    """Unit rows (n, d) in which requests are alike by their matter, not by their language.

    To an encoder that does not understand it, all texts of a language look much the same. The
    mean of its rows is put where the mean of the others is, which leaves what tells them
    apart (Libovický, Rosa, Fraser 2020). Rows that are not foreign stay as they are, and so do
    those of a language with fewer than `FEWEST`.
    """
    foreign = np.array([is_foreign(language, encoder) for language in languages], dtype=bool)
    if not foreign.any():
        return rows
    home = np.zeros(rows.shape[1]) if foreign.all() else _mean(rows[~foreign])
    moved = rows.astype(np.float64)
    spoken = np.array([language or "" for language in languages])
    for language in sorted({str(name) for name in spoken[foreign]}):
        chosen = spoken == language
        if int(chosen.sum()) >= FEWEST:
            moved[chosen] += home - _mean(rows[chosen])
    norms = np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9)
    return np.where(foreign[:, None], moved / norms, rows).astype(np.float32)


def _mean(rows: Rows) -> NDArray[np.float64]:
    """The same to the last bit in whatever order the rows come."""
    return np.asarray(np.sort(rows.astype(np.float64), axis=0).mean(axis=0))


@cache
def _english_encoders() -> frozenset[str]:
    about = about_updates(REQUESTS)
    return frozenset((about["encoder"], adapted_fingerprint(about["encoder"], about)))


@cache
def _identifier() -> Any:
    """py3langid's model: 4.6 MB in its package, loaded on first use; nothing is fetched."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(_CANDIDATES)
    return identifier
