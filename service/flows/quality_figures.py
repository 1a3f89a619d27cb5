"""The figures of a pipeline on a labelled corpus, as data, as JSON and as a table's rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from clustering.quality import PairScore, Score
from models.policy import Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The figures of one prediction; `signals` by floor, `top_1` and `top_3` 0..1."""

    predicted: int
    gold: int
    reading: Score
    severity_macro_f1: float
    top_1: float
    top_3: float
    clusters: Score
    pairs: PairScore
    signals: Mapping[Level, Score]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeFigures:
    """Probes are texts that are one whole request each.

    top_1, top_3: of the probes of a theme. foreign_waiting: share of the probes of no theme
    that wait, as they should. own_waiting: share of the probes of a theme that wait.
    """

    top_1: float
    top_3: float
    foreign_waiting: float
    own_waiting: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPoint:
    """After so many decisions of a simulated reviewer, and a run: `signals` by floor."""

    decisions: int
    signals: Mapping[Level, Score]
    top_1: float
    clusters: Score


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityReport:
    """How good one pipeline is on one corpus, in a given quarter under the default policy.

    with_taxonomy: the corpus's own taxonomy was loaded before the first note.
    without_taxonomy: the same notes in a store without one; its tagging figures mean nothing.
    review: with the taxonomy, after more and more decisions; empty where none was asked for.
    """

    notes: int
    with_taxonomy: Figures
    without_taxonomy: Figures
    probes: ProbeFigures
    review: Sequence[ReviewPoint] = ()

    def as_dict(self) -> dict[str, object]:
        """Every figure, as nested plain data for JSON."""
        read = self.with_taxonomy
        figures: dict[str, object] = {
            "notes": self.notes,
            "gold_requests": read.gold,
            "read_requests": read.predicted,
            "reading": _score(read.reading),
            "severity": {"macro_f1": read.severity_macro_f1},
            "tagging": {"top_1": read.top_1, "top_3": read.top_3},
            "probes": asdict(self.probes),
            "with_taxonomy": _organisation(self.with_taxonomy),
            "without_taxonomy": _organisation(self.without_taxonomy),
        }
        if self.review:
            figures["after_decisions"] = {
                str(point.decisions): _after(point) for point in self.review
            }
        return figures

    def rows(self) -> list[tuple[str, float]]:
        """Every figure as (dotted name, value), in the order of `as_dict`: a table's rows."""
        return list(_flattened(self.as_dict()))


def _score(score: Score) -> dict[str, float]:
    return {"precision": score.precision, "recall": score.recall, "f1": score.f1}


def _after(point: ReviewPoint) -> dict[str, object]:
    return {
        "signals": {f"at_{floor}": _score(found) for floor, found in point.signals.items()},
        "tagging": {"top_1": point.top_1},
        "b_cubed": _score(point.clusters),
    }


def _organisation(figures: Figures) -> dict[str, object]:
    pairs = figures.pairs
    return {
        "b_cubed": _score(figures.clusters),
        "pairs": _score(pairs.score),
        "wrong_merge": pairs.wrong_merge,
        "missed_merge": pairs.missed_merge,
        "signals": {f"at_{floor}": _score(found) for floor, found in figures.signals.items()},
    }


def _flattened(tree: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, float]]:
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flattened(value, f"{prefix}{name}.")
        else:
            assert isinstance(value, int | float)
            yield f"{prefix}{name}", value
