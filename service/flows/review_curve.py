"""How good the signals are after n decisions of a reviewer who knows the gold."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from pathlib import Path

from service.flows.labelled_corpus import LabelledCorpus
from service.flows.quality_figures import Figures, ReviewPoint
from service.flows.simulated_review import Api, SimulatedReviewer
from service.storage.engine import Store

STEP = 10


@dataclass(frozen=True, slots=True)
class Review:
    """A review to be simulated: at most so many decisions, and the API of a store."""

    decisions: int
    api_of: Callable[[Store], AbstractContextManager[Api]]


def review_curve(
    store: Store,
    file: Path,
    corpus: LabelledCorpus,
    review: Review,
    figures_of: Callable[[Path], Figures],
) -> list[ReviewPoint]:
    """The figures before the first decision, after each `STEP` of them, and after the last.

    Args:
        store: open on `file`, an SQLite database, read and run with the corpus's taxonomy.
        figures_of: runs a copy of the file, which is its own, and scores it.
    """
    points = [_point(0, file, figures_of)]
    with review.api_of(store) as api:
        reviewer = SimulatedReviewer(api, corpus)
        for made in range(1, review.decisions + 1):
            if not reviewer.answer_next():
                if points[-1].decisions != made - 1:
                    points.append(_point(made - 1, file, figures_of))
                break
            if made % STEP == 0 or made == review.decisions:
                points.append(_point(made, file, figures_of))
    return points


def _point(decisions: int, file: Path, figures_of: Callable[[Path], Figures]) -> ReviewPoint:
    copy = file.with_name(f"{file.stem}-{decisions}{file.suffix}")
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    figures = figures_of(copy)
    return ReviewPoint(
        decisions=decisions,
        signals=figures.signals,
        top_1=figures.top_1,
        clusters=figures.clusters,
    )
