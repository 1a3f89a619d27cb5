"""One request -> a taxonomy item if it fits well enough, else waiting with its candidates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
        text_vectors: (k, d) float32 unit rows of `profile_texts`, in that order.
        accepted_vectors: (m, d) rows of requests that persons put there; m may be 0.
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


@dataclass(frozen=True, slots=True)
class _Prototypes:
    texts: Rows
    accepted: Rows

    def similarity(self, rows: Rows) -> Rows:
        """To the nearest of the item's texts and of the requests that persons put there."""
        near = [(rows @ kind.T).max(axis=1) for kind in (self.texts, self.accepted) if len(kind)]
        return np.asarray(np.max(near, axis=0), dtype=np.float32)


class ItemIndex:
    """The live items as prototypes, ready to rank requests against."""

    def __init__(
        self, theme_ids: Sequence[str], areas: Sequence[str], rows: list[_Prototypes], lens: Lens
    ) -> None:
        self.theme_ids = list(theme_ids)
        self.areas = dict(zip(theme_ids, areas, strict=True))
        self._rows = rows
        self._lens = lens

    @classmethod
    def build(cls, profiles: Sequence[ItemProfile], encoder: str = "") -> ItemIndex:
        """Index profiles in the order of their theme ids, whatever order they come in.

        `encoder` is the fingerprint of the encoder that made the rows: the bundled one's are
        seen through the lens learned for it, any other's as they are.
        """
        lens = lens_for(encoder)
        ordered = sorted(profiles, key=lambda profile: profile.theme_id)
        rows = [
            _Prototypes(lens.apply(p.text_vectors), lens.apply(p.accepted_vectors)) for p in ordered
        ]
        return cls([p.theme_id for p in ordered], [p.feature_area for p in ordered], rows, lens)

    def __len__(self) -> int:
        return len(self.theme_ids)

    def scores(self, vectors: Rows) -> Rows:
        """Similarity of each request to each item, float32 (n, items)."""
        if not self._rows:
            return np.zeros((len(vectors), 0), dtype=np.float32)
        seen = self._lens.apply(vectors)
        columns = [prototypes.similarity(seen) for prototypes in self._rows]
        return np.stack(columns, axis=1).astype(np.float32)

    def confidences(self, scores: Rows) -> Rows:
        """Calibrated probability, float32 (n, items), that the request belongs to the item."""
        return self._lens.probabilities(scores)

    def rank(self, vectors: Rows) -> Ranking:
        """The `MAX_CANDIDATES` best items of each request, best first; ties by theme id."""
        return self.rank_confidences(self.confidences(self.scores(vectors)))

    def rank_confidences(self, confidences: Rows) -> Ranking:
        """The ranking that a table of confidences (n, items) makes."""
        kept = min(MAX_CANDIDATES, len(self))
        order = np.argsort(-confidences, axis=1, kind="stable")[:, :kept]
        best = np.take_along_axis(confidences, order, axis=1)
        return Ranking([[self.theme_ids[j] for j in row] for row in order], best)


def assign(
    vectors: Rows, index: ItemIndex, params: ClusteringParams = DEFAULT_PARAMS
) -> list[Assignment | None]:
    """Each request's item where the confidence reaches `params.assign_line`, else None."""
    return pick(index.rank(vectors), params.assign_line)


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
    the encoder that made the rows, which are seen through its lens, as a run sees them.
    """
    themes = sorted(members_by_theme)
    if not themes or not len(vectors):
        return [None] * len(vectors)
    lens = lens_for(encoder)
    members = [lens.apply(members_by_theme[theme]) for theme in themes]
    seen = lens.apply(vectors)
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
