"""The peer is scored by the same lines as we are, and its parts do what their names say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from benchmarks.corpus import rows
from benchmarks.stock_pipeline import stock_report
from models.note import Note
from models.severity import Severity
from service.flows.labelled_corpus import GoldSpan, LabelledCorpus, LabelledNote, Probe

TEXT = "We talked at length. They export row by row! Weather was fine\nThey export row by row"


class KeywordEncoder:
    """Texts that speak of export are alike, and unlike all others."""

    fingerprint = "keywords"
    dimension = 2

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.array([[1, 0] if "export" in text else [0, 1] for text in texts], np.float32)


def corpus() -> LabelledCorpus:
    note = Note(
        source="manual",
        external_id="n1",
        account_id="a1",
        csm_id="c1",
        occurred_at=datetime(2026, 8, 1, tzinfo=UTC),
        text=TEXT,
    )
    start = TEXT.index("They export")
    gold = (GoldSpan(start, start + 23, "export", Severity.DEGRADED),)
    item = {"feature_area": "Data", "customer_need": "Bulk export", "description": "All at once."}
    return LabelledCorpus(
        accounts=[(1, {"account_id": "a1"})],
        csms=[(1, {"csm_id": "c1"})],
        taxonomy=[(1, item)],
        raw_notes=[],
        notes=[LabelledNote(note, gold)],
        themes={"export": ("Data", "Bulk export")},
        probes=[Probe("export it", "export"), Probe("paint it", None)],
    )


def test_each_sentence_is_a_request_and_the_nearest_item_takes_it() -> None:
    report = stock_report(corpus(), KeywordEncoder())
    figures = report.with_taxonomy
    assert (figures.predicted, figures.reading.recall) == (4, 1.0)
    assert (figures.top_1, figures.clusters.f1) == (1.0, 1.0)
    assert (report.probes.foreign_waiting, report.probes.own_waiting) == (1.0, 0.0)


def test_the_table_has_each_measure_once() -> None:
    measures = [measure for measure, _ in rows(stock_report(corpus(), KeywordEncoder()))]
    assert len(measures) == len(set(measures))
    assert measures[0].startswith("reading")
