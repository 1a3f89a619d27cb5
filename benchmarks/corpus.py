"""Groundswell and its peers on a labelled corpus, side by side, as a Markdown table.

python -m benchmarks.corpus [--peers] service/demo/data

Without --peers, the ones that need no extra: HDBSCAN and average linkage on sentences.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from clustering.encoder import load_encoder
from clustering.peers import PEERS, check_installed
from clustering.quality import Score
from models.policy import Level
from service.flows.labelled_corpus import load_corpus
from service.flows.language import load_language
from service.flows.peers import peer_reports
from service.flows.quality_figures import Figures, QualityReport
from service.flows.quality_report import evaluate_corpus

OF_OUR_OWN_PARTS = ("HDBSCAN", "agglomerative")


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the figures of all, one measure to a row."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, metavar="CORPUS_DIR")
    parser.add_argument("--peers", action="store_true", help="all; needs groundswell[peers]")
    chosen = parser.parse_args(arguments)
    if chosen.peers:
        check_installed()
    names = PEERS if chosen.peers else OF_OUR_OWN_PARTS
    ours = evaluate_corpus(chosen.folder, load_language())
    peers = peer_reports(
        load_corpus(chosen.folder), load_encoder(), {name: PEERS[name] for name in names}
    )
    print("\n".join(lines({"Groundswell": ours, **peers})))


def lines(reports: dict[str, QualityReport]) -> Iterator[str]:
    """The lines of the table: a column to a report, a row to a measure."""
    yield " | ".join(("| measure", *reports)) + " |"
    yield "| --- " * (1 + len(reports)) + "|"
    for cells in zip(*(rows(report) for report in reports.values()), strict=True):
        yield " | ".join((f"| {cells[0][0]}", *(value for _, value in cells))) + " |"


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
    main()
