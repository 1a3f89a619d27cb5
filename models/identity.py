"""Content-derived identifiers: the same notes give the same ids, in any order and process.

Ids are a one-letter prefix and 128 bits of BLAKE2b in hex (RFC 7693). Parts are joined with
a length prefix so that no two different lists of parts hash alike.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable


def _digest(prefix: str, parts: Iterable[str]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part.encode()
        digest.update(len(data).to_bytes(8, "little"))
        digest.update(data)
    return f"{prefix}_{digest.hexdigest()}"


def normalise_text(text: str) -> str:
    """Fold case, width, white space and outer punctuation away: what makes two pastes one report.

    NFKC (Unicode TR 15), case folding, runs of white space to one blank, punctuation and
    blanks stripped at both ends. Inner punctuation stays: 'no, export' is not 'no export'.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    joined = " ".join(folded.split())
    start, end = 0, len(joined)
    while start < end and not joined[start].isalnum():
        start += 1
    while end > start and not joined[end - 1].isalnum():
        end -= 1
    return joined[start:end] or joined


def text_key(text: str) -> str:
    """Key of a text's normalised form; two requests of one account with one key are one report."""
    return _digest("x", [normalise_text(text)])


def vector_key(text: str) -> str:
    """Key under which the vector of exactly this text is stored."""
    return _digest("v", [text])


def erased_csm_id(csm_id: str) -> str:
    """Id that stands in for an erased CSM: always the same one, and nothing can be read in it."""
    return f"erased-{_digest('c', [csm_id])[2:18]}"


def note_id(source: str, external_id: str) -> str:
    """Id of a note from its identity, the pair (source, external_id)."""
    return _digest("n", [source, external_id])


def request_id(note: str, span_text: str, ordinal: int) -> str:
    """Id of a request in a note.

    `ordinal` counts earlier requests of the note with the same span text, so that a request
    whose text is unchanged keeps its id when its note is read anew.
    """
    return _digest("r", [note, span_text, str(ordinal)])


def observation_id(sender_key: str) -> str:
    """Id of a structured pre-read from what makes a repeat of it one."""
    return _digest("o", [sender_key])


def observation_request_id(observation: str) -> str:
    """Id of the request that a structured pre-read stands for."""
    return _digest("r", ["observation", observation])


def item_id(feature_area: str, customer_need: str) -> str:
    """Id of a taxonomy item, known by its exact pair."""
    return _digest("i", [feature_area, customer_need])


def item_theme_id(feature_area: str, customer_need: str, ordinal: int = 0) -> str:
    """Id of the theme of an item; `ordinal` counts earlier themes of that pair (never reused)."""
    return _digest("t", ["item", feature_area, customer_need, str(ordinal)])


def cluster_theme_id(member_request_ids: Iterable[str], ordinal: int = 0) -> str:
    """Id of a theme born from these requests, whatever their order."""
    return _digest("t", ["cluster", *sorted(member_request_ids), str(ordinal)])


def group_theme_id(month: str, feature_area: str, severity: str, ordinal: int = 0) -> str:
    """Id of the Unclassified group of a month ("2026-07"), a guessed area and a severity.

    From the tag, not from the members, so that a growing group stays the same proposal.
    `ordinal` counts earlier groups of the tag that a person has answered.
    """
    return _digest("t", ["unclassified", month, feature_area, severity, str(ordinal)])
