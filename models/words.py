"""Words of a text as a search compares them: the same in every database and every language.

A word is a run of letters and digits, without its case and its accents; in scripts that put no
space between words, each letter is one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

# More than anybody types, and few enough that a search stays one quick pass.
MOST_TERMS = 12
MOST_CHARACTERS = 500

# Thai and Lao, Myanmar, Khmer, kana, and Chinese characters.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003ffff"
)
_ACCENTS = "\u0300-\u036f"
_WORD = re.compile(rf"(?=\w)[{_UNSPACED}]|[^\W_{_UNSPACED}]+(?:[{_ACCENTS}]+[^\W_{_UNSPACED}]*)*")
_ASCII_WORD = re.compile("[a-z0-9]+")
_QUOTED_OR_NOT = re.compile(r'"([^"]*)("?)|([^\s"]+)')
_QUOTATION_MARKS = str.maketrans(dict.fromkeys("“”„‟«»", '"'))


@dataclass(frozen=True, slots=True)
class Term:
    """What must stand in a text: these words, one after the other.

    Of a term that is not `whole`, the last word may be the beginning of a longer one.
    """

    words: tuple[str, ...]
    whole: bool

    @property
    def pattern(self) -> str:
        """What a text's `searchable` form holds where the term stands in the text."""
        return f" {' '.join(self.words)}{' ' if self.whole else ''}"

    def fits(self, words: Sequence[str]) -> bool:
        """Whether the term stands where these words begin."""
        own = self.words
        last = len(own) - 1
        if len(words) <= last or tuple(words[:last]) != own[:last]:
            return False
        return words[last] == own[last] if self.whole else words[last].startswith(own[last])


@dataclass(frozen=True, slots=True)
class Query:
    """What somebody looks for: every one of these terms. `cut`: more was typed than is used."""

    terms: tuple[Term, ...]
    cut: bool


def searchable(*texts: str) -> str:
    """The words of some texts in one string, each between single spaces.

    No phrase reaches from one text into the next.
    """
    return "".join(f" {' '.join(words)} " for words in map(_words, texts) if words)


def parse_query(typed: str) -> Query:
    """What was typed, whatever it is: nothing in it is an error.

    Words are looked for by their beginnings, "several in quotes" one after the other; what is
    written together (e-mail, A/B) belongs together. All else that is no letter and no digit is
    passed over.
    """
    used = typed[:MOST_CHARACTERS].translate(_QUOTATION_MARKS)
    terms: dict[Term, None] = {}
    for match in _QUOTED_OR_NOT.finditer(used):
        words = tuple(_words(match[3] if match[1] is None else match[1]))
        if words:
            terms[Term(words, whole=bool(match[2]))] = None
    cut = len(typed.strip()) > MOST_CHARACTERS or len(terms) > MOST_TERMS
    return Query(tuple(terms)[:MOST_TERMS], cut)


def found_in(text: str, terms: Sequence[Term]) -> list[tuple[int, int]]:
    """Where the terms stand in a text: its own places, in order, none touching another."""
    if not terms:
        return []
    placed = list(_placed_words(text))
    words = [word for _, _, word in placed]
    longest = max(len(term.words) for term in terms)
    found: list[tuple[int, int]] = []
    for place, (start, _, _) in enumerate(placed):
        ahead = words[place : place + longest]
        fitting = [len(term.words) for term in terms if term.fits(ahead)]
        if not fitting:
            continue
        end = placed[place + max(fitting) - 1][1]
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _words(text: str) -> list[str]:
    if text.isascii():
        return _ASCII_WORD.findall(text.lower())
    return [_folded(word) for word in _WORD.findall(text)]


def _placed_words(text: str) -> Iterator[tuple[int, int, str]]:
    for match in _WORD.finditer(text):
        yield match.start(), match.end(), _folded(match[0])


def _folded(word: str) -> str:
    if word.isascii():
        return word.lower()
    plain = unicodedata.normalize("NFKD", word.casefold())
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return unicodedata.normalize("NFC", bare.casefold())
