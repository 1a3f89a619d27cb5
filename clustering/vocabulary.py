"""The words of all texts: how rare each phrase is, and which words are names of somebody."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from math import log

from clustering.dull_words import DULL_WORDS
from clustering.wording import Language, Unwanted, words_in_pieces

# A word is a name where it is written with a capital so many times as often as without.
_MOSTLY = 4
# A name that so many speakers use is a thing's ('Outlook'); so many texts, where nobody
# knows who speaks.
_SPEAKERS = 2
_TEXTS = 3
# The rest of 'Okta', 'Jess's', 'Smith-Jones'; not that of 'SSO' or 'WhatsApp'.
_NAME_END = re.compile(r"[^\W\d_A-Z]+(?:['’][^\W\d_]+|[-.][^\W\d_]+)*")

_JOINED = re.compile(r"[.\-/&]")


class Vocabulary:
    """In how many of all the texts each phrase occurs, and in how many a word has a capital.

    `names` are what accounts and people are called; no title says a word of one, unless it
    is a common word, written small.
    """

    def __init__(
        self,
        counts: Mapping[str, int],
        texts: int,
        capitals: Mapping[str, int],
        names: Collection[str] = (),
    ) -> None:
        self._counts = counts
        self._texts = texts
        self._capitals = capitals
        self._names = frozenset(
            word.casefold()
            for name in names
            for words in words_in_pieces(name)
            for whole in words
            for word in _JOINED.split(whole)
            if len(word) > 1 and word.casefold() not in DULL_WORDS
        )

    @classmethod
    def build(cls, texts: Sequence[str], names: Collection[str] = ()) -> Vocabulary:
        """Count phrases of one to three words once per distinct text."""
        distinct = set(texts)
        counts: Counter[str] = Counter()
        capitals: Counter[str] = Counter()
        for text in distinct:
            found = list(short_phrases(text))
            counts.update({folded for folded, _ in found})
            capitals.update({folded for folded, written in found if _is_big(written)})
        return cls(counts, len(distinct), capitals, names)

    def rarity(self, phrase: str) -> float:
        """Inverse document frequency, smoothed: log(1 + texts / texts with the phrase)."""
        return log(1.0 + self._texts / max(self._counts.get(phrase, 0), 1))

    def hides(self, speakers: Mapping[str, int], *, known: bool) -> Unwanted:
        """Whether a word names an account or a person, or may: to be kept out of a title.

        `speakers` is how many people use each folded word: accounts where that is `known`,
        else texts. A word that looks like a name, and is no known one, passes where several
        use it. In German, where every noun has a capital, only known names are told.
        """
        least = _SPEAKERS if known else _TEXTS

        def hidden(word: str, language: Language) -> bool:
            folded = _bare(word).casefold()
            if any(self._names_one(part) for part in _JOINED.split(_bare(word))):
                return True
            if language.nouns_big or not language.tells(folded) or not _is_big(word):
                return False
            return self._like_a_name(folded) and speakers.get(folded, 0) < least

        return hidden

    def _names_one(self, word: str) -> bool:
        folded = word.casefold()
        return folded in self._names and (word[0].isupper() or not self._mostly_small(folded))

    def _mostly_small(self, folded: str) -> bool:
        """Whether it is mostly written small, so that a person of that name is rarely meant."""
        big = self._capitals.get(folded, 0)
        return self._counts.get(folded, 0) - big > _MOSTLY * max(big, 1)

    def _like_a_name(self, folded: str) -> bool:
        big = self._capitals.get(folded, 0)
        return (self._counts.get(folded, 0) - big) * _MOSTLY <= big


def short_phrases(text: str) -> Iterator[tuple[str, str]]:
    """(folded phrase, as written) for each run of 1-3 words that neither starts nor ends dull."""
    for words in words_in_pieces(text):
        folded = [word.casefold() for word in words]
        telling = [
            word not in DULL_WORDS and not word.isdigit() and len(word) > 1 for word in folded
        ]
        for start in range(len(words)):
            for end in range(start + 1, min(start + 3, len(words)) + 1):
                once = len(set(folded[start:end])) == end - start
                if telling[start] and telling[end - 1] and once:
                    yield " ".join(folded[start:end]), " ".join(words[start:end])


def _is_big(word: str) -> bool:
    """'Okta' or 'Jess', but not 'SSO' or 'WhatsApp', which no person is called, nor two words."""
    return " " not in word and word[0].isupper() and _NAME_END.fullmatch(word[1:]) is not None


def _bare(word: str) -> str:
    """A word as written, without the ending of a genitive."""
    return word[:-2] if word.endswith(("'s", "’s")) else word
