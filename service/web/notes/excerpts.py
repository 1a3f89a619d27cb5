"""Pieces of a text: the part that a search found, with what it found marked."""

from __future__ import annotations

from collections.abc import Sequence

from models.words import Term, found_in
from service.web.notes.contexts import Piece

# As much as two or three lines hold; so much of it stands before the first find.
_LENGTH, _BEFORE = 280, 80


def excerpt(text: str, terms: Sequence[Term]) -> list[Piece]:
    """The part of a text around the first find, or its beginning."""
    found = found_in(text, terms)
    first = found[0][0] if found else 0
    start = 0 if first <= _BEFORE else _at_a_word(text, first - _BEFORE)
    end = min(len(text), start + _LENGTH)
    pieces = [Piece("… ", False)] if start else []
    at = start
    for left, right in found:
        if left >= end:
            break
        pieces.append(Piece(text[at:left], False))
        pieces.append(Piece(text[left : min(right, end)], True))
        at = min(right, end)
    pieces.append(Piece(text[at:end] + (" …" if end < len(text) else ""), False))
    return [piece for piece in pieces if piece.text]


def _at_a_word(text: str, place: int) -> int:
    """The beginning of a word not far behind this place."""
    space = text.find(" ", place, place + _BEFORE // 2)
    return place if space < 0 else space + 1
