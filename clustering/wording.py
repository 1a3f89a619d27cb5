"""Texts as clauses of words, and the phrases in them that could name what a text is about.

Phrases are the writer's own words in a row: they begin and end with a word that tells
something, hold articles and prepositions between such words, and go over no pronoun, auxiliary,
number or punctuation mark.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from clustering.dull_words import DULL_WORDS, LINKS, OPENERS
from clustering.dull_words_abroad import DULL_ABROAD, LINKS_ABROAD

MAX_WORDS = 6
MAX_TELLING = 5
MAX_CHARACTERS = 48

_WORD = re.compile(r"[^\W_]+(?:['’.\-/&][^\W_]+)*")
# What a mask has put in the place of something ('[email]'): no word, and no phrase goes over it.
_BRACKETED = re.compile(r"\[[a-z]{2,10}\]")
_CLAUSE_END = re.compile(
    r"[.!?;:,]+(?=[\s\"'”’)]|$)|[()\[\]{}\"“”„«»—–…>|=*¿¡\n]+|\s[-/+&]+\s|\s['‘]|['’](?=\s)"
)
_POSSESSIVE = re.compile(r"['’]s?$")
# Kinds of words beside which a phrase may be part of a longer one.
_INSIDE = ("telling", "hidden")
# So many words of another language, and more than of English, tell that a text is in it.
_ENOUGH = 2


@dataclass(frozen=True, slots=True)
class Phrase:
    """A run of words as written, and `folded` for comparing.

    `telling` are its telling words, folded. `whole` says that no telling word stands right
    before or after it, `links` how many words in it tell nothing.
    """

    folded: str
    surface: str
    telling: tuple[str, ...]
    whole: bool
    links: int


class Language:
    """What tells nothing in a language, and what of that may stand inside a phrase."""

    def __init__(self, dull: frozenset[str], links: frozenset[str], *, nouns_big: bool) -> None:
        self.dull = dull
        self.links = links
        self.nouns_big = nouns_big

    def tells(self, folded: str) -> bool:
        """Whether this word can begin or end a phrase."""
        return folded not in self.dull and not folded[0].isdigit() and len(folded) > 1


Unwanted = Callable[[str, Language], bool]
"""Whether a word as written, in this language, may not be in a phrase."""

_ENGLISH = Language(DULL_WORDS, LINKS, nouns_big=False)
_ABROAD = {
    code: Language(dull | LINKS_ABROAD[code], LINKS_ABROAD[code], nouns_big=code == "de")
    for code, dull in DULL_ABROAD.items()
}


def language_of(words: Sequence[str]) -> Language:
    """The language that most of these words' function words are of; English where none leads."""
    folded = {word.casefold() for word in words}
    count, code = max(
        (len(folded & language.dull), code) for code, language in sorted(_ABROAD.items())
    )
    if count < _ENOUGH or count <= len(folded & _ENGLISH.dull):
        return _ENGLISH
    return _ABROAD[code]


def words_of(text: str) -> list[str]:
    """The words of a text as written, without what stands for something masked."""
    return _WORD.findall(_BRACKETED.sub(" ", text))


def words_in_pieces(text: str) -> Iterator[list[str]]:
    """The words of a text as written, in one list for each stretch between masks."""
    for piece in _BRACKETED.split(text):
        yield _WORD.findall(piece)


def said_clauses(text: str) -> list[tuple[str, bool]]:
    """The parts of a text between punctuation marks and masks, and whether more follows each."""
    parts = [part.strip() for piece in _BRACKETED.split(text) for part in _CLAUSE_END.split(piece)]
    told = [" ".join(part.split()) for part in parts if part]
    return [(part, number + 1 < len(told)) for number, part in enumerate(told)]


def opened(clause: str) -> str:
    """A clause without the conjunctions, pronouns and greetings that it begins with."""
    words = clause.split(" ")
    while len(words) > 1 and words[0].casefold().strip("'’") in OPENERS:
        words = words[1:]
    return " ".join(words)


def phrases(text: str, language: Language, unwanted: Unwanted) -> Iterator[Phrase]:
    """Every phrase of 1 to `MAX_WORDS` words; none holds a word that is `unwanted`."""
    for clause, _ in said_clauses(text):
        words = _WORD.findall(clause)
        kinds = [_kind(word, language, unwanted) for word in words]
        for start, kind in enumerate(kinds):
            if kind == "telling":
                yield from _from(start, words, kinds)


def stem(word: str) -> str:
    """A folded word without what inflection adds in English, roughly: 'exports' as 'exported'."""
    word = _POSSESSIVE.sub("", word)
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        word = word[:-1]
    for ending in ("ing", "ed"):
        if word.endswith(ending) and len(word) >= len(ending) + 4:
            word = word[: -len(ending)]
            break
    return word[:-1] if len(word) > 4 and word.endswith("e") else word


def _kind(word: str, language: Language, unwanted: Unwanted) -> str:
    folded = word.casefold()
    if unwanted(word, language):
        return "hidden"
    if language.tells(folded):
        return "telling"
    return "link" if folded in language.links else "end"


def _from(start: int, words: Sequence[str], kinds: Sequence[str]) -> Iterator[Phrase]:
    first = start == 0 or kinds[start - 1] not in _INSIDE
    seen: set[str] = set()
    telling: list[str] = []
    for end in range(start, min(start + MAX_WORDS, len(words))):
        folded = words[end].casefold()
        if kinds[end] in ("end", "hidden") or folded in seen:
            return
        seen.add(folded)
        if kinds[end] != "telling":
            continue
        telling.append(folded)
        surface = " ".join(words[start : end + 1])
        if len(telling) > MAX_TELLING or len(surface) > MAX_CHARACTERS:
            return
        last = end + 1 == len(words) or kinds[end + 1] not in _INSIDE
        links = end + 1 - start - len(telling)
        yield Phrase(surface.casefold(), surface, tuple(telling), first and last, links)
