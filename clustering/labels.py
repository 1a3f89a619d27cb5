"""What a theme is about, in its own words: key phrases, exemplars spread over it, a title."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

from clustering.dull_words import DULL_WORDS

Rows = NDArray[np.float32]

MAX_PHRASES = 6
MAX_EXEMPLARS = 4
MAX_TITLE = 60

# From this many texts on, a single shared word is no accident.
_MANY = 5

_WORD = re.compile(r"[^\W_]+(?:['’.\-/&][^\W_]+)*")
# What a mask has put in the place of something ('[email]'): no word, and no phrase goes over it.
_BRACKETED = re.compile(r"\[[a-z]{2,10}\]")


@dataclass(frozen=True, slots=True)
class Description:
    """A title of at most `MAX_TITLE` characters, key phrases best first, exemplar ids.

    The title is made of phrases that the members share; where they share none, it is the
    most central request in its own words.
    """

    label: str
    keyphrases: list[str]
    exemplars: list[str]


class Vocabulary:
    """In how many of all the texts each phrase occurs: what makes a phrase telling."""

    def __init__(self, counts: Mapping[str, int], texts: int) -> None:
        self._counts = counts
        self._texts = texts

    @classmethod
    def build(cls, texts: Sequence[str]) -> Vocabulary:
        """Count phrases of one to three words once per distinct text."""
        distinct = set(texts)
        counts: Counter[str] = Counter()
        for text in distinct:
            counts.update({phrase for phrase, _ in _phrases(text)})
        return cls(counts, len(distinct))

    def rarity(self, phrase: str) -> float:
        """Inverse document frequency, smoothed: log(1 + texts / texts with the phrase)."""
        return log(1.0 + self._texts / max(self._counts.get(phrase, 0), 1))


def describe_theme(
    ids: Sequence[str], texts: Sequence[str], vectors: Rows, vocabulary: Vocabulary
) -> Description:
    """Describe a theme by its members, in any order; `vectors` is float32 (n, d), n >= 1.

    Phrases are scored as in class-based TF-IDF (Grootendorst 2022, BERTopic): the share of
    the theme's texts with the phrase, by its rarity among all texts.
    """
    order = sorted(range(len(ids)), key=lambda n: ids[n])
    ids, texts = [ids[n] for n in order], [texts[n] for n in order]
    exemplars = _exemplars(texts, vectors[order])
    phrases = _keyphrases(texts, vocabulary)
    distinct = len(set(texts))
    shared = [surface for surface, count in phrases if _stands_alone(surface, count, distinct)]
    label = _title(shared, texts[exemplars[0]])
    return Description(label, [surface for surface, _ in phrases], [ids[n] for n in exemplars])


def _keyphrases(texts: Sequence[str], vocabulary: Vocabulary) -> list[tuple[str, int]]:
    """The best phrases as written, each with how many of the distinct texts hold it."""
    distinct = sorted(set(texts))
    inside: Counter[str] = Counter()
    surfaces: dict[str, Counter[str]] = {}
    for text in distinct:
        for phrase, surface in dict(_phrases(text)).items():
            inside[phrase] += 1
            surfaces.setdefault(phrase, Counter())[surface] += 1
    least = 2 if len(distinct) >= 3 and any(n >= 2 for n in inside.values()) else 1
    scored = [
        (-_score(phrase, count, len(distinct), vocabulary), phrase)
        for phrase, count in inside.items()
        if count >= least
    ]
    chosen: list[str] = []
    for _, phrase in sorted(scored):
        words = set(phrase.split())
        if not any(words & set(other.split()) for other in chosen):
            chosen.append(phrase)
        if len(chosen) == MAX_PHRASES:
            break
    return [
        (min(surfaces[p].items(), key=lambda kv: (-kv[1], kv[0]))[0], inside[p]) for p in chosen
    ]


def _stands_alone(phrase: str, count: int, texts: int) -> bool:
    """Whether a phrase tells a stranger what the theme is about.

    It must be common to half of the distinct texts; and one word that two or three happen to share
    ('setting', 'late') says less than what one of them said.
    """
    return count >= max(2, texts / 2) and (" " in phrase or texts >= _MANY)


def _score(phrase: str, count: int, texts: int, vocabulary: Vocabulary) -> float:
    # Longer phrases say more to a person than their best single word does.
    length_bonus = 1.0 + 0.25 * phrase.count(" ")
    return count / texts * vocabulary.rarity(phrase) * length_bonus


def _title(shared: Sequence[str], exemplar: str) -> str:
    """What the members share; else what the most central of them says."""
    title = ", ".join(shared[:2]) or " ".join(exemplar.split())
    if len(title) > MAX_TITLE:
        title = title[: MAX_TITLE - 1].rsplit(" ", 1)[0].rstrip(" ,;:-") + "…"
    return title[:1].upper() + title[1:]


def _phrases(text: str) -> Iterator[tuple[str, str]]:
    """(folded phrase, as written) for each run of 1-3 words that neither starts nor ends dull."""
    for piece in _BRACKETED.split(text):
        yield from _phrases_of(piece)


def _phrases_of(text: str) -> Iterator[tuple[str, str]]:
    words = [match.group() for match in _WORD.finditer(text)]
    folded = [word.casefold() for word in words]
    telling = [word not in DULL_WORDS and not word.isdigit() and len(word) > 1 for word in folded]
    for start in range(len(words)):
        for end in range(start + 1, min(start + 3, len(words)) + 1):
            once = len(set(folded[start:end])) == end - start
            if telling[start] and telling[end - 1] and once:
                yield " ".join(folded[start:end]), " ".join(words[start:end])


def _exemplars(texts: Sequence[str], vectors: Rows) -> list[int]:
    """The most central member, then again and again the one least like those chosen."""
    central = vectors @ vectors.mean(axis=0)
    chosen = [int(np.argmax(central))]
    eligible = central >= np.median(central)
    nearest = vectors @ vectors[chosen[0]]
    while len(chosen) < MAX_EXEMPLARS:
        taken = {texts[n] for n in chosen}
        free = [n for n in range(len(texts)) if eligible[n] and texts[n] not in taken]
        if not free:
            break
        chosen.append(free[int(np.argmin(nearest[free]))])
        nearest = np.maximum(nearest, vectors @ vectors[chosen[-1]])
    return chosen
