"""Measure the reader: `python -m clustering.training.evaluate_reader [CORPUS ...]`.

Without a corpus: leave-products-out over the packs, six folds, mean and spread over products,
story and plain packs apart. With corpus folders: the shipped weights on each of them.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from clustering.encoder import Encoder
from clustering.quality import Score, macro_f1, match_spans
from clustering.reading import Reader, ReadSpan, load_clause_encoder, load_reader
from clustering.training.annotated import (
    AnnotatedNote,
    GoldSpan,
    load_corpus,
    load_packs,
    product_folds,
    register,
)
from clustering.training.remembering import RememberingEncoder
from models.severity import Severity


@dataclass(slots=True)
class Tally:
    """Counts of one set of notes, as SCORING defines reading and severity."""

    predicted: int = 0
    gold: int = 0
    pairs: list[tuple[ReadSpan, GoldSpan]] = field(default_factory=list)
    confidences: list[float] = field(default_factory=list)
    matched: list[bool] = field(default_factory=list)

    def add(self, spans: Sequence[ReadSpan], gold: Sequence[GoldSpan]) -> None:
        """Count one note."""
        self.predicted += len(spans)
        self.gold += len(gold)
        ours = [(span.start, span.end) for span in spans]
        theirs = [(span.start, span.end) for span in gold]
        matches = match_spans(ours, theirs)
        self.pairs += [(spans[i], gold[j]) for i, j in matches]
        hits = {i for i, _ in matches}
        self.confidences += [span.confidence for span in spans]
        self.matched += [i in hits for i in range(len(spans))]

    def figures(self) -> dict[str, float]:
        """Reading precision, recall, F1, mean intersection over union; severity macro F1.

        The two errors of calibration (Naeini et al. 2015, ten bins): of the confidence that a
        span is a request, and of its severity's.
        """
        score = Score.of_counts(len(self.pairs), self.predicted, self.gold)
        guesses = [str(ours.severity) for ours, _ in self.pairs]
        truth = [str(theirs.severity) for _, theirs in self.pairs]
        return {
            "precision": score.precision,
            "recall": score.recall,
            "f1": score.f1,
            "iou": float(np.mean([_iou(*pair) for pair in self.pairs])) if self.pairs else 0.0,
            "severity": macro_f1(guesses, truth, [str(one) for one in Severity]),
            "ece": calibration_error(self.confidences, self.matched),
            "severity_ece": calibration_error(
                [ours.severity_confidence for ours, _ in self.pairs],
                [ours.severity == theirs.severity for ours, theirs in self.pairs],
            ),
        }


def calibration_error(confidences: Sequence[float], right: Sequence[bool]) -> float:
    """Mean distance of confidence and accuracy over ten bins, weighted by their sizes."""
    if not confidences:
        return 0.0
    sure, hit = np.array(confidences), np.array(right, dtype=np.float64)
    bins = np.minimum((sure * 10).astype(np.int64), 9)
    gaps = [abs(sure[bins == b].sum() - hit[bins == b].sum()) for b in range(10)]
    return float(sum(gaps) / len(sure))


def measure(reader: Reader, notes: Sequence[AnnotatedNote]) -> Tally:
    """Read the notes and count."""
    tally = Tally()
    for spans, note in zip(reader.read([note.text for note in notes]), notes, strict=True):
        tally.add(spans, note.spans)
    return tally


def leave_products_out(
    encoder: Encoder, folds: int, seeds: Sequence[int]
) -> dict[str, dict[str, float]]:
    """Figures of each product, read by a reader that was trained without its fold."""
    from clustering.training.reader_examples import prepare
    from clustering.training.train_reader import train_reader, training_notes

    notes = load_packs()
    prepared = prepare(training_notes(), encoder)
    figures: dict[str, dict[str, float]] = {}
    for fold in product_folds({note.product for note in notes})[:folds]:
        weights = train_reader([one for one in prepared if one.note.product not in fold], seeds)
        reader = Reader(encoder, weights)
        for product in fold:
            held_out = [note for note in notes if note.product == product]
            figures[product] = measure(reader, held_out).figures()
            _show(product, figures[product])
    return figures


def main() -> None:
    """Print the figures asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpora", type=Path, nargs="*", help="folders with notes and gold")
    parser.add_argument("--cache", type=Path, help="folder to keep the clauses' vectors in")
    parser.add_argument("--folds", type=int, default=6, help="how many of the six folds to run")
    parser.add_argument("--seeds", type=int, default=3, help="members of each ensemble")
    arguments = parser.parse_args()
    encoder = RememberingEncoder(load_clause_encoder(), arguments.cache)
    if arguments.corpora:
        reader = load_reader(encoder)
        for folder in arguments.corpora:
            _show(folder.name, measure(reader, load_corpus(folder)).figures())
        return
    seeds = range(arguments.seeds)
    figures = leave_products_out(encoder, arguments.folds, seeds)
    for kind in ("story", "plain"):
        rows = [row for product, row in figures.items() if register(product) == kind]
        for name, pick in (("mean", np.mean), ("spread", np.std)):
            _show(f"{kind} {name}", {key: float(pick([r[key] for r in rows])) for key in rows[0]})


def _iou(ours: ReadSpan, theirs: GoldSpan) -> float:
    overlap = min(ours.end, theirs.end) - max(ours.start, theirs.start)
    return overlap / (max(ours.end, theirs.end) - min(ours.start, theirs.start))


def _show(name: str, figures: dict[str, float]) -> None:
    print(f"{name:18s}", *(f"{key} {value:.3f}" for key, value in figures.items()), flush=True)


if __name__ == "__main__":
    main()
