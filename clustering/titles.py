"""A theme's title: the few words of its own members that mean what it means.

Phrases of the members are ranked by class-based TF-IDF (Grootendorst 2022, BERTopic). The best
are embedded, and the one nearest to the theme's centre and far from other themes' is its title
(as in KeyBERT, Grootendorst 2020). Where none comes near, a clause of a member is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from clustering.vocabulary import Vocabulary
from clustering.wording import (
    Phrase,
    Unwanted,
    language_of,
    opened,
    phrases,
    said_clauses,
    stem,
    words_of,
)

Rows = NDArray[np.float32]
Encode = Callable[[Sequence[str]], Rows]
"""Texts to unit rows, in the space in which the members were found alike."""

MAX_TITLE = 60

# Of a theme: members whose words are looked at, phrases that are embedded, clauses beside them.
_MOST_READ = 200
_PHRASES = 12
_CLAUSES = 4
# Other themes that a title shall not fit, and how much that counts.
_RIVALS = 3
_APART = 0.25
# What the members share, beside what it means; what a phrase loses that is short or long.
_SHARED = 0.02
_ONE_WORD = 0.1
_EACH_ABOVE_THREE = 0.05
# A phrase must come this much of the way to the centre that the most central member comes.
_NEAR = 0.75
# A title stays while no other is better by more than this.
_STAYS = 0.08
# A theme whose members say nothing but names.
_NAMELESS = "Requests without words of their own"


@dataclass(frozen=True, slots=True)
class Voices:
    """A theme's members: texts, and unit rows (n, d) in the same order, n >= 1.

    `speakers` says whose each text is (an account's), empty where that is not known; `title`
    is what a machine has called the theme so far, `unchanged` that it had these members then.
    """

    texts: Sequence[str]
    vectors: Rows
    speakers: Sequence[str] = ()
    title: str = ""
    unchanged: bool = False


@dataclass(frozen=True, slots=True)
class _Options:
    """What a theme could be called: phrases with their worth, best first, and clauses."""

    phrases: Sequence[tuple[Phrase, float]]
    clauses: Sequence[str]


def titles(
    themes: Sequence[Voices], vocabulary: Vocabulary, encode: Encode | None = None
) -> list[str]:
    """A title of at most `MAX_TITLE` characters for each theme; no two alike if avoidable.

    Themes that keep their titles choose first, then the earlier ones. Without `encode` what
    the members share decides alone. No title holds what `vocabulary` takes for the name of
    an account or a person.
    """
    if not themes:
        return []
    options = [_options(theme, vocabulary) for theme in themes]
    if encode is None:
        ranked = [_by_worth(one, theme) for one, theme in zip(options, themes, strict=True)]
    else:
        ranked = _by_meaning(options, themes, encode)
    answer = [""] * len(themes)
    taken: set[str] = set()
    stays = [_same(best[0], theme.title) for best, theme in zip(ranked, themes, strict=True)]
    for number in sorted(range(len(themes)), key=lambda n: (not stays[n], n)):
        best = ranked[number]
        chosen = next((title for title in best if title.casefold() not in taken), best[0])
        taken.add(chosen.casefold())
        answer[number] = chosen[:1].upper() + chosen[1:]
    return answer


def _options(theme: Voices, vocabulary: Vocabulary) -> _Options:
    texts = _central(theme)
    hides = names_in(theme, vocabulary)
    found = _phrases(texts[:_MOST_READ], hides)
    spoken = Counter(stem(word) for text in texts[:_MOST_READ] for word in _folded(text))
    count = min(len(texts), _MOST_READ)
    ranked = sorted(
        ((phrase, _worth(phrase, times, spoken, count, vocabulary)) for phrase, times in found),
        key=lambda kv: (-kv[1], kv[0].folded),
    )
    late = [kv for kv in ranked[_PHRASES:] if _same(kv[0].surface, theme.title)]
    clauses = list(islice(_clauses(texts[:_MOST_READ], hides), _CLAUSES))
    return _Options([*ranked[:_PHRASES], *late], clauses or [_anything(texts, hides)])


def names_in(theme: Voices, vocabulary: Vocabulary) -> Unwanted:
    """Which words of a theme's members name an account or a person, or may."""
    return vocabulary.hides(_users(theme), known=bool(theme.speakers))


def _central(theme: Voices) -> list[str]:
    """The distinct texts, the most central first."""
    near = theme.vectors @ theme.vectors.mean(axis=0)
    order = sorted(range(len(near)), key=lambda n: (-float(near[n]), theme.texts[n]))
    return list(dict.fromkeys(theme.texts[n] for n in order))


def _users(theme: Voices) -> Counter[str]:
    """How many speakers use each folded word; each text has its own where they aren't known."""
    speakers = theme.speakers or theme.texts
    said = zip(theme.texts, speakers, strict=True)
    used = {(word, speaker) for text, speaker in set(said) for word in _folded(text)}
    return Counter(word for word, _ in used)


def _folded(text: str) -> set[str]:
    return {word.casefold() for word in words_of(text)}


def _phrases(texts: Sequence[str], hides: Unwanted) -> list[tuple[Phrase, int]]:
    """Each phrase as mostly written, with how many texts hold it.

    One out of the middle of a longer run of telling words must be in two.
    """
    written: dict[str, Counter[str]] = {}
    found: dict[str, Phrase] = {}
    for text in texts:
        said = {p.folded: p for p in phrases(text, language_of(words_of(text)), hides)}
        for folded, phrase in said.items():
            written.setdefault(folded, Counter())[phrase.surface] += 1
            known = found.setdefault(folded, phrase)
            found[folded] = known if known.whole else phrase
    answer = []
    for folded, phrase in found.items():
        times = written[folded].total()
        if phrase.whole or times > 1:
            surface = min(written[folded].items(), key=lambda kv: (-kv[1], kv[0]))[0]
            answer.append((replace(phrase, surface=surface), times))
    return answer


def _worth(
    phrase: Phrase, times: int, spoken: Counter[str], texts: int, vocabulary: Vocabulary
) -> float:
    """Share of the texts with its words, by their rarity; more for two or three words together."""
    telling = len(phrase.telling)
    shared = sum(
        min(spoken[stem(word)] / texts, 1.0) * vocabulary.rarity(word) for word in phrase.telling
    )
    together = times / texts if times > 1 else 0.0
    shape = 0.6 * (telling == 1) + 0.3 * max(telling - 3, 0) + 0.05 * phrase.links
    return shared / telling * (1.0 + 0.35 * min(telling - 1, 2)) + 0.5 * together - shape


def _clauses(texts: Sequence[str], hides: Unwanted) -> Iterator[str]:
    """What the members say, clause by clause, but what holds a name or tells nothing."""
    for text in texts:
        language = language_of(words_of(text))
        for clause, more in said_clauses(text):
            words = words_of(clause)
            telling = sum(language.tells(word.casefold()) for word in words)
            if telling > 1 and not any(hides(word, language) for word in words):
                yield _cut(opened(clause), more)


def _anything(texts: Sequence[str], hides: Unwanted) -> str:
    """The most central text that says more than names; words of ours where none does."""
    for text in texts[:_MOST_READ]:
        language = language_of(words_of(text))
        words = words_of(text)
        left = [word for word in words if not hides(word, language)]
        if len(left) == len(words) or any(language.tells(word.casefold()) for word in left):
            return _whole(text, hides)
    return _NAMELESS


def _whole(text: str, hides: Unwanted) -> str:
    """All of it, with a gap for each name."""
    language = language_of(words_of(text))
    words = [
        "…" if any(hides(part, language) for part in words_of(word)) else word
        for word in text.split()
    ]
    return _cut(" ".join(words), False)


def _cut(text: str, more: bool) -> str:
    if len(text) + more <= MAX_TITLE:
        return text + "…" * more
    return text[: MAX_TITLE - 1].rsplit(" ", 1)[0].rstrip(" ,;:-") + "…"


def _by_worth(options: _Options, theme: Voices) -> list[str]:
    """Phrases of several words, most of which half of the members share; then clauses."""
    texts = [{stem(word) for word in _folded(text)} for text in set(theme.texts)]
    spoken = Counter(word for text in texts for word in text)
    common = {word for word, count in spoken.items() if count >= max(2, len(texts) / 2)}
    shared = [
        phrase.surface
        for phrase, _ in options.phrases
        if 1 < len(phrase.telling) < 2 * sum(stem(word) in common for word in phrase.telling)
    ]
    return [*shared, *options.clauses]


def _by_meaning(
    options: Sequence[_Options], themes: Sequence[Voices], encode: Encode
) -> list[list[str]]:
    """Phrases that come near enough to what the theme means, best first; else clauses."""
    centres = np.stack([theme.vectors.mean(axis=0) for theme in themes])
    centres /= np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-9)
    ranked: list[list[str]] = [[] for _ in themes]
    asked = [n for n, one in enumerate(options) if not _settled(one, themes[n])]
    surfaces = [[phrase.surface for phrase, _ in options[n].phrases] for n in asked]
    for n, near in zip(asked, _near(surfaces, centres, encode), strict=True):
        reach = _NEAR * float(np.max(themes[n].vectors @ centres[n]))
        ranked[n] = _nearest(options[n].phrases, near, n, themes[n].title, reach)
    loose = [n for n in asked if not ranked[n]]
    for n, near in zip(
        loose, _near([options[n].clauses for n in loose], centres, encode), strict=True
    ):
        apart = _apart(near, n)
        ranked[n] = [clause for _, clause in sorted(zip(-apart, options[n].clauses, strict=True))]
    return [best or [theme.title] for best, theme in zip(ranked, themes, strict=True)]


def _settled(options: _Options, theme: Voices) -> bool:
    """Whether a theme nothing has happened to is called by several of its members' words."""
    return theme.unchanged and any(
        len(phrase.telling) > 1 and _same(phrase.surface, theme.title)
        for phrase, _ in options.phrases
    )


def _near(lots: Sequence[Sequence[str]], centres: Rows, encode: Encode) -> Iterator[Rows]:
    """For each lot of texts how near each is to each theme's centre, (texts, themes)."""
    rows = encode([text for lot in lots for text in lot]) if any(lots) else centres[:0]
    at = 0
    for lot in lots:
        yield rows[at : at + len(lot)] @ centres.T
        at += len(lot)


def _apart(near: Rows, own: int) -> Rows:
    """How near each text is to its own theme, (n,), less how near to those it fits best beside."""
    rivals = np.sort(np.delete(near, own, axis=1), axis=1)[:, -_RIVALS:]
    if not rivals.shape[1]:
        return near[:, own]
    return np.asarray(near[:, own] - np.float32(_APART) * rivals.mean(axis=1), dtype=np.float32)


def _nearest(
    found: Sequence[tuple[Phrase, float]], near: Rows, own: int, title: str, reach: float
) -> list[str]:
    apart = _apart(near, own)
    scored = []
    for n, (phrase, worth) in enumerate(found):
        telling = len(phrase.telling)
        score = float(apart[n]) + _SHARED * worth + _STAYS * _same(phrase.surface, title)
        score -= _ONE_WORD * (telling == 1) + _EACH_ABOVE_THREE * max(telling - 3, 0)
        if near[n, own] >= reach:
            scored.append((-score, phrase.surface))
    return [surface for _, surface in sorted(scored)]


def _same(text: str, title: str) -> bool:
    return text.casefold() == title.casefold()
