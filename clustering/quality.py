"""How good a reading, a clustering, a tagging or a set of signals is, against gold labels.

One definition for every figure that is quoted. All functions are pure; labels may be any
hashable value, and None means 'a label of its own' (a request that waits, a one-off).

Sources: B-cubed by Bagga and Baldwin (1998); maximum-weight matching by
`scipy.optimize.linear_sum_assignment`; NMI (arithmetic mean) and ARI by scikit-learn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

SpanPair = tuple[int, int]
Label = Hashable | None


@dataclass(frozen=True, slots=True)
class Score:
    """Precision, recall and their harmonic mean, each 0..1; 0 where a denominator is zero."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0

    @classmethod
    def of_counts(cls, matched: int, predicted: int, gold: int) -> Score:
        """Score of `matched` right answers among `predicted` ones, where there are `gold`."""
        return cls(_share(matched, predicted), _share(matched, gold))


@dataclass(frozen=True, slots=True)
class PairScore:
    """Agreement over all pairs of requests, with both directions of error.

    wrong_merge: pairs joined that differ / pairs joined.
    missed_merge: pairs apart that belong together / pairs that belong together.
    Both are 0 where there is no such pair to get wrong.
    """

    score: Score
    wrong_merge: float
    missed_merge: float


def match_spans(predicted: Sequence[SpanPair], gold: Sequence[SpanPair]) -> list[tuple[int, int]]:
    """Match the spans (start, end) of one note one to one, at maximum total weight.

    A pair is eligible when its overlap is at least half of the shorter span; its weight is
    1 + intersection over union. Returns pairs (index into predicted, index into gold) in the
    order of predicted.
    """
    from scipy.optimize import linear_sum_assignment

    if not predicted or not gold:
        return []
    weights = np.array([[_weight(ours, theirs) for theirs in gold] for ours in predicted])
    rows, columns = linear_sum_assignment(weights, maximize=True)
    return [
        (int(row), int(column))
        for row, column in zip(rows, columns, strict=True)
        if weights[row, column] > 0
    ]


def macro_f1(
    predicted: Sequence[Hashable], gold: Sequence[Hashable], classes: Collection[Hashable]
) -> float:
    """Mean F1 over `classes`; a class that neither side ever names scores 0."""
    both = Counter(ours for ours, theirs in zip(predicted, gold, strict=True) if ours == theirs)
    ours, theirs = Counter(predicted), Counter(gold)
    scores = [Score.of_counts(both[name], ours[name], theirs[name]).f1 for name in classes]
    return sum(scores) / len(scores)


def top_share(rankings: Sequence[Sequence[Hashable]], gold: Sequence[Hashable], k: int) -> float:
    """Share of rankings (best first) that hold their gold label among the first k."""
    hits = sum(label in ranking[:k] for ranking, label in zip(rankings, gold, strict=True))
    return _share(hits, len(gold))


def b_cubed(predicted: Sequence[Label], gold: Sequence[Label]) -> Score:
    """B-cubed precision and recall of a clustering, averaged over the requests."""
    ours, theirs = alone(predicted), alone(gold)
    sizes, gold_sizes = Counter(ours), Counter(theirs)
    cells = Counter(zip(ours, theirs, strict=True))
    squares = [(count * count, label, truth) for (label, truth), count in cells.items()]
    return Score(
        _share(sum(square / sizes[label] for square, label, _ in squares), len(ours)),
        _share(sum(square / gold_sizes[truth] for square, _, truth in squares), len(theirs)),
    )


def pair_score(predicted: Sequence[Label], gold: Sequence[Label]) -> PairScore:
    """Precision and recall over pairs, with the wrong-merge and missed-merge rates."""
    ours, theirs = alone(predicted), alone(gold)
    joined = _pairs(Counter(ours))
    belonging = _pairs(Counter(theirs))
    both = _pairs(Counter(zip(ours, theirs, strict=True)))
    return PairScore(
        Score.of_counts(both, joined, belonging),
        wrong_merge=_share(joined - both, joined),
        missed_merge=_share(belonging - both, belonging),
    )


def stands_for(gold_themes: Sequence[str | None]) -> str | None:
    """The gold theme that at least half of all requests of a predicted theme match, or None.

    `gold_themes` has one entry per request of the predicted theme: the theme of the gold
    observation it matched, None for a one-off and for a request that matched nothing. Two
    gold themes with exactly half each: the first by name.
    """
    counts = Counter(theme for theme in gold_themes if theme is not None)
    if not counts:
        return None
    theme = min(counts, key=lambda name: (-counts[name], name))
    return theme if 2 * counts[theme] >= len(gold_themes) else None


def signal_score(
    predicted: Collection[str], gold: Collection[str], stands: Mapping[str, str | None]
) -> Score:
    """Precision and recall of the themes at or above one floor.

    predicted, gold: the theme ids at or above the floor on either side.
    stands: predicted theme id -> the gold theme it stands for (see `stands_for`).
    """
    hits = [stands.get(theme) for theme in predicted if stands.get(theme) in gold]
    return Score(_share(len(hits), len(predicted)), _share(len(set(hits)), len(gold)))


def one_to_one_accuracy(predicted: Sequence[Label], gold: Sequence[Hashable]) -> float:
    """Accuracy under the best one-to-one mapping of clusters to labels.

    The texts that wait (None) are one cluster here.
    """
    from scipy.optimize import linear_sum_assignment

    if not gold:
        return 0.0
    rows = {label: row for row, label in enumerate(dict.fromkeys(predicted))}
    columns = {label: column for column, label in enumerate(dict.fromkeys(gold))}
    table = np.zeros((len(rows), len(columns)), dtype=np.int64)
    for label, truth in zip(predicted, gold, strict=True):
        table[rows[label], columns[truth]] += 1
    best = linear_sum_assignment(table, maximize=True)
    return float(table[best].sum()) / len(gold)


def normalised_mutual_information(predicted: Sequence[Label], gold: Sequence[Label]) -> float:
    """NMI with the arithmetic mean of the entropies, 0..1; waiting texts are singletons."""
    from sklearn.metrics import normalized_mutual_info_score

    return float(
        normalized_mutual_info_score(
            _numbers(gold), _numbers(predicted), average_method="arithmetic"
        )
    )


def adjusted_rand_index(predicted: Sequence[Label], gold: Sequence[Label]) -> float:
    """ARI (Hubert and Arabie 1985), at most 1; waiting texts are singletons."""
    from sklearn.metrics import adjusted_rand_score

    return float(adjusted_rand_score(_numbers(gold), _numbers(predicted)))


def alone(labels: Sequence[Label]) -> list[Hashable]:
    """The labels with each None replaced by a label that nothing else has."""
    return [object() if label is None else label for label in labels]


def _weight(ours: SpanPair, theirs: SpanPair) -> float:
    """1 + intersection over union of an eligible pair, 0 of any other."""
    overlap = min(ours[1], theirs[1]) - max(ours[0], theirs[0])
    lengths = (ours[1] - ours[0], theirs[1] - theirs[0])
    if overlap <= 0 or 2 * overlap < min(lengths):
        return 0.0
    return 1.0 + overlap / (sum(lengths) - overlap)


def _pairs(sizes: Counter[Hashable] | Counter[tuple[Hashable, Hashable]]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes.values())


def _numbers(labels: Sequence[Label]) -> list[int]:
    numbers: dict[Hashable, int] = {}
    return [numbers.setdefault(label, len(numbers)) for label in alone(labels)]


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
