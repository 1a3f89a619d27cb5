"""One request -> a taxonomy item if it fits well enough, else waiting with its candidates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from clustering.doubt import Said, blended
from clustering.glance import Glance, Places, glance, pieces
from clustering.learning import NO_LESSONS, Lessons, Taught, corrected, learn
from clustering.lens import Lens, lens_for
from clustering.params import DEFAULT_PARAMS, ClusteringParams

Rows = NDArray[np.float32]

MAX_CANDIDATES = 12


@dataclass(frozen=True, slots=True)
class Assignment:
    """A theme and how sure we are of it, 0..1."""

    theme_id: str
    confidence: float


@dataclass(frozen=True, slots=True)
class ItemProfile:
    """What is known of one live item.

    Attributes:
        theme_id: the item's theme.
        feature_area: the item's area.
        text_vectors: (k, d) float32 unit rows of `profile_texts`, in that order; k may be 0.
        accepted_vectors: (m, d) rows of requests that persons put there, m may be 0: they teach,
            and stand for the texts of an item that has none.
    """

    theme_id: str
    feature_area: str
    text_vectors: Rows
    accepted_vectors: Rows


@dataclass(frozen=True, slots=True)
class Ranking:
    """The best items of n requests: ids best first, and confidences float32 (n, k), 0..1."""

    theme_ids: list[list[str]]
    confidences: Rows


def profile_texts(need: str, description: str, examples: Sequence[str] = ()) -> list[str]:
    """The texts to embed for an item: its need with its description, then its examples."""
    head = f"{need}. {description}" if description.strip() else need
    return [head, *examples]


class ItemIndex:
    """The live items as prototypes, with what people's decisions teach, ready to rank by."""

    def __init__(
        self, theme_ids: Sequence[str], areas: Sequence[str], rows: list[Rows], lens: Lens
    ) -> None:
        self.theme_ids = list(theme_ids)
        self.areas = dict(zip(theme_ids, areas, strict=True))
        self._rows = rows
        self._lens = lens
        self._taught: Taught | None = None

    @classmethod
    def build(
        cls, profiles: Sequence[ItemProfile], encoder: str = "", lessons: Lessons = NO_LESSONS
    ) -> ItemIndex:
        """Index profiles in the order of their theme ids, whatever order they come in.

        `encoder` is the fingerprint of the encoder that made the rows: the bundled one's are
        seen through the lens learned for it, any other's as they are. `lessons` are what
        persons said of requests, besides the accepted ones of the profiles.
        """
        lens = lens_for(encoder)
        ordered = sorted(profiles, key=lambda profile: profile.theme_id)
        texts = [p.text_vectors if len(p.text_vectors) else p.accepted_vectors for p in ordered]
        index = cls(
            [p.theme_id for p in ordered],
            [p.feature_area for p in ordered],
            [lens.apply(rows) for rows in texts],
            lens,
        )
        index._learn(Lessons.joined([*(_accepted(p) for p in ordered), lessons]))
        return index

    def __len__(self) -> int:
        return len(self.theme_ids)

    def scores(self, vectors: Rows, items: Sequence[int] | None = None) -> Rows:
        """Similarity of each request to the nearest text of each item, float32 (n, items).

        `items` leaves out all other columns.
        """
        rows = self._rows if items is None else [self._rows[item] for item in items]
        return _similarities(self._lens.apply(vectors), rows)

    def text_digests(self) -> list[bytes]:
        """For each item what its column of `scores` depends on, besides the requests."""
        return [blake2b(rows.tobytes(), digest_size=16).digest() for rows in self._rows]

    def glance(self, vectors: Rows, scores: Rows, columns: Places) -> Glance:
        """A quick look at requests, given `scores` of which these columns are the items'."""
        return glance(self._lens, self._taught, vectors, scores, columns)

    def confidences(self, scores: Rows) -> Rows:
        """Calibrated probability, float32 (n, items), that the request belongs to the item."""
        return self._lens.probabilities(scores)

    def judged(self, vectors: Rows, said: Sequence[Said] | None = None) -> Rows:
        """Confidences (n, items) of requests; `said` is what the re-ranker said of each.

        It changes the confidences of those in doubt: see `blended`. What people decided on
        requests like these has the last word.
        """
        seen = self._lens.apply(vectors)
        confidences = self.confidences(self._scores(seen))
        if said is not None:
            confidences = blended(confidences, self.theme_ids, said)
        if self._taught is None or not len(vectors):
            return confidences
        return corrected(confidences, self._taught.corrections(self._lens.meaning_part(seen)))

    def judge_together(self, vectors: Rows) -> Rows:
        """What requests (n >= 1, d) are about if they are about one thing: float32 (items,)."""
        seen = self._lens.apply(vectors)
        confidences = self.confidences(self._scores(seen).mean(axis=0, keepdims=True))
        if self._taught is not None:
            together = self._taught.corrections(self._lens.meaning_part(seen))
            confidences = corrected(confidences, together.mean(axis=0, keepdims=True))
        return np.asarray(confidences[0], dtype=np.float32)

    def rank(self, vectors: Rows, said: Sequence[Said] | None = None) -> Ranking:
        """The `MAX_CANDIDATES` best items of each request, best first; ties by theme id."""
        return self.rank_confidences(self.judged(vectors, said))

    def rank_confidences(self, confidences: Rows) -> Ranking:
        """The ranking that a table of confidences (n, items) makes."""
        kept = min(MAX_CANDIDATES, len(self))
        order = np.argsort(-confidences, axis=1, kind="stable")[:, :kept]
        best = np.take_along_axis(confidences, order, axis=1)
        return Ranking([[self.theme_ids[j] for j in row] for row in order], best)

    def _scores(self, seen: Rows) -> Rows:
        return _similarities(seen, self._rows)

    def _learn(self, lessons: Lessons) -> None:
        if not len(lessons) or not self._rows:
            return
        seen = self._lens.apply(lessons.vectors)
        confidences = self.confidences(self._scores(seen))
        meant = self._lens.meaning_part(seen)
        near = [(meant @ self._lens.meaning_part(rows).T).max(axis=1) for rows in self._rows]
        # Two requests that resemble each other no more than a request resembles any item.
        background = float(np.mean(near))
        ready = Lessons(meant, lessons.truths, lessons.weights)
        self._taught = learn(ready, self.theme_ids, confidences, background)


def _similarities(seen: Rows, items: Sequence[Rows]) -> Rows:
    if not items:
        return np.zeros((len(seen), 0), dtype=np.float32)
    texts = np.vstack(items)
    starts = np.cumsum([0, *(len(rows) for rows in items[:-1])])
    scores = np.empty((len(seen), len(items)), dtype=np.float32)
    for piece in pieces(len(seen)):
        scores[piece] = np.maximum.reduceat(seen[piece] @ texts.T, starts, axis=1)
    return scores


def _accepted(profile: ItemProfile) -> Lessons:
    count = len(profile.accepted_vectors)
    return Lessons(
        profile.accepted_vectors, [profile.theme_id] * count, np.ones(count, dtype=np.float32)
    )


def assign(
    vectors: Rows,
    index: ItemIndex,
    params: ClusteringParams = DEFAULT_PARAMS,
    said: Sequence[Said] | None = None,
) -> list[Assignment | None]:
    """Each request's item where the confidence reaches `params.assign_line`, else None.

    The first of its ranking, without ranking the others.
    """
    chosen: list[Assignment | None] = []
    for piece in pieces(len(vectors)):
        confidences = index.judged(vectors[piece], None if said is None else said[piece])
        if not confidences.size:
            chosen += [None] * len(confidences)
            continue
        first = confidences.argmax(axis=1)
        best = np.take_along_axis(confidences, first[:, None], axis=1)[:, 0]
        chosen += [
            Assignment(index.theme_ids[place], sure) if sure >= params.assign_line else None
            for place, sure in zip(first.tolist(), best.tolist(), strict=True)
        ]
    return chosen


def pick(ranking: Ranking, line: float) -> list[Assignment | None]:
    """The first of each ranking where its confidence reaches the line, else None."""
    chosen: list[Assignment | None] = []
    for ids, row in zip(ranking.theme_ids, ranking.confidences, strict=True):
        sure = bool(ids) and float(row[0]) >= line
        chosen.append(Assignment(ids[0], float(row[0])) if sure else None)
    return chosen


def nearest_theme(
    vectors: Rows,
    members_by_theme: Mapping[str, Rows],
    params: ClusteringParams = DEFAULT_PARAMS,
    encoder: str = "",
) -> list[Assignment | None]:
    """A proposed theme for each new request, when it is as near as the theme's own members.

    The line is the theme's own: the `params.join_quantile` quantile of its members' similarity
    to the mean of the others. Ties go to the smaller theme id. `encoder` is the fingerprint of
    the encoder that made the rows, which are compared as a run compares them.
    """
    themes = sorted(members_by_theme)
    if not themes or not len(vectors):
        return [None] * len(vectors)
    lens = lens_for(encoder)
    members = [lens.likeness(members_by_theme[theme]) for theme in themes]
    seen = lens.likeness(vectors)
    scores = np.stack([_mean_similarity(seen, rows) for rows in members], axis=1)
    lines = np.array([_own_line(rows, params.join_quantile) for rows in members])
    answers: list[Assignment | None] = []
    for row in scores:
        best = int(np.argmax(row))
        near = float(row[best]) >= lines[best]
        confidence = float(np.clip(row[best], 0.0, 1.0))
        answers.append(Assignment(themes[best], confidence) if near else None)
    return answers


def _mean_similarity(vectors: Rows, members: Rows) -> Rows:
    mean = members.mean(axis=0)
    return np.asarray(vectors @ mean / max(float(np.linalg.norm(mean)), 1e-9), dtype=np.float32)


def _own_line(members: Rows, quantile: float) -> float:
    if len(members) < 2:
        return 1.0
    rest = (members.sum(axis=0) - members) / (len(members) - 1)
    norms = np.maximum(np.linalg.norm(rest, axis=1), 1e-9)
    own = (members * rest).sum(axis=1) / norms
    return float(np.quantile(own, quantile))
