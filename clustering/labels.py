"""What a theme is about, in its own words: key phrases, exemplars spread over it, a title."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustering.titles import Encode, Voices, names_in, titles
from clustering.vocabulary import Vocabulary, short_phrases
from clustering.wording import Unwanted, language_of, words_of

Rows = NDArray[np.float32]

MAX_PHRASES = 6
MAX_EXEMPLARS = 4


@dataclass(frozen=True, slots=True)
class Wording:
    """What titles are made with.

    Attributes:
        encode: texts -> rows of the encoder that made the requests' rows; without it titles
            are chosen by the words that requests share.
        names: what accounts and people are called, which no title says.
    """

    encode: Encode | None = None
    names: Collection[str] = ()

    def seen_through(self, look: Callable[[Rows], Rows]) -> Encode | None:
        """Texts -> rows as requests are compared by; None without an encoder."""
        encode = self.encode
        return None if encode is None else lambda texts: look(encode(texts))


NO_WORDING = Wording()


@dataclass(frozen=True, slots=True)
class Members:
    """Who a theme holds, in any order: ids, texts and unit rows, float32 (n, d), n >= 1.

    `speakers` are the accounts that said it, where they are known; `title` is what a machine
    called the theme before, kept where it is about as good as the best; `unchanged` says that
    the theme held just these then.
    """

    ids: Sequence[str]
    texts: Sequence[str]
    vectors: Rows
    speakers: Sequence[str] = ()
    title: str = ""
    unchanged: bool = False

    def by_id(self) -> Members:
        """The same in the order of their ids."""
        order = sorted(range(len(self.ids)), key=lambda n: self.ids[n])
        return Members(
            [self.ids[n] for n in order],
            [self.texts[n] for n in order],
            self.vectors[order],
            [self.speakers[n] for n in order] if self.speakers else (),
            self.title,
            self.unchanged,
        )


@dataclass(frozen=True, slots=True)
class Description:
    """A title of at most `titles.MAX_TITLE` characters, key phrases best first, exemplar ids.

    The title is a phrase of the members' own; where none says what they mean, it is a clause
    of one of the most central requests.
    """

    label: str
    keyphrases: list[str]
    exemplars: list[str]


def describe_themes(
    themes: Sequence[Members], vocabulary: Vocabulary, encode: Encode | None = None
) -> list[Description]:
    """Describe each theme by its members; their titles tell them apart: see `titles`.

    Key phrases are scored as in class-based TF-IDF (Grootendorst 2022, BERTopic): the share of
    the theme's texts with the phrase, by its rarity among all texts.
    """
    ordered = [theme.by_id() for theme in themes]
    voices = [
        Voices(one.texts, one.vectors, one.speakers, one.title, one.unchanged) for one in ordered
    ]
    return [
        Description(
            title,
            _keyphrases(one.texts, vocabulary, names_in(voice, vocabulary)),
            [one.ids[n] for n in _exemplars(one.texts, one.vectors)],
        )
        for one, voice, title in zip(
            ordered, voices, titles(voices, vocabulary, encode), strict=True
        )
    ]


def _keyphrases(texts: Sequence[str], vocabulary: Vocabulary, hides: Unwanted) -> list[str]:
    """The best phrases, as mostly written; none holds a name."""
    distinct = sorted(set(texts))
    inside: Counter[str] = Counter()
    surfaces: dict[str, Counter[str]] = {}
    for text in distinct:
        language = language_of(words_of(text))
        for phrase, surface in dict(short_phrases(text)).items():
            if any(hides(word, language) for word in words_of(surface)):
                continue
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
    return [min(surfaces[p].items(), key=lambda kv: (-kv[1], kv[0]))[0] for p in chosen]


def _score(phrase: str, count: int, texts: int, vocabulary: Vocabulary) -> float:
    # Longer phrases say more to a person than their best single word does.
    length_bonus = 1.0 + 0.25 * phrase.count(" ")
    return count / texts * vocabulary.rarity(phrase) * length_bonus


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
