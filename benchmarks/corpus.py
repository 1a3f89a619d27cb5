"""Groundswell and the stock pipeline on a labelled corpus, side by side, as a Markdown table.

python -m benchmarks.corpus service/demo/data
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.stock_pipeline import stock_report
from clustering.quality import Score
from models.policy import Level
from service.flows.labelled_corpus import load_corpus
from service.flows.language import load_language
from service.flows.quality_figures import Figures, QualityReport
from service.flows.quality_report import evaluate_corpus


def main(folder: Path) -> None:
    """Print the figures of both, one measure to a row."""
    language = load_language()
    ours = evaluate_corpus(folder, language)
    stock = stock_report(load_corpus(folder), language.encoder)
    print("| measure | Groundswell | stock |\n| --- | --- | --- |")
    for (measure, value), (_, peer) in zip(rows(ours), rows(stock), strict=True):
        print(f"| {measure} | {value} | {peer} |")


def rows(report: QualityReport) -> Iterator[tuple[str, str]]:
    """Each measure in words with its figures, in the order of a note's way through us."""
    read, probes = report.with_taxonomy, report.probes
    yield "reading: precision / recall / F1", _score(read.reading)
    yield "severity: macro F1", _shares(read.severity_macro_f1)
    yield "tagging: top 1 / top 3", _shares(read.top_1, read.top_3)
    yield "probes: top 1 / top 3", _shares(probes.top_1, probes.top_3)
    yield (
        "probes that wait: of no theme / of a theme",
        _shares(probes.foreign_waiting, probes.own_waiting),
    )
    yield from _organisation(report.with_taxonomy, "with the taxonomy")
    yield from _organisation(report.without_taxonomy, "without")


def _organisation(figures: Figures, when: str) -> Iterator[tuple[str, str]]:
    pairs = figures.pairs
    yield f"clusters {when}: B-cubed precision / recall / F1", _score(figures.clusters)
    yield f"clusters {when}: pair F1", _shares(pairs.score.f1)
    yield f"clusters {when}: wrong / missed merges", _shares(pairs.wrong_merge, pairs.missed_merge)
    for floor in (Level.SIGNAL, Level.CANDIDATE):
        name = f"signals {when}, `{floor}` and above: precision / recall / F1"
        yield name, _score(figures.signals[floor])


def _score(score: Score) -> str:
    return _shares(score.precision, score.recall, score.f1)


def _shares(*values: float) -> str:
    return " / ".join(f"{value:.2f}" for value in values)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
