"""The peers are scored by the same lines as we are, and their parts do what their names say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from models.note import Note
from models.severity import Severity
from service.flows.labelled_corpus import GoldSpan, LabelledCorpus, LabelledNote, Probe
from service.flows.peers import peer_reports

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
    again = TEXT.rindex("They export")
    gold = tuple(GoldSpan(at, at + 22, "export", Severity.DEGRADED) for at in (start, again))
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


def all_together(texts: Sequence[str], rows: NDArray[np.float32]) -> NDArray[np.int64]:
    return np.zeros(len(texts), np.int64)


def all_outliers(texts: Sequence[str], rows: NDArray[np.float32]) -> NDArray[np.int64]:
    return np.full(len(texts), -1, np.int64)


PEERS = {"lump": all_together, "shy": all_outliers}


def test_each_sentence_is_a_request_and_the_nearest_item_takes_it() -> None:
    report = peer_reports(corpus(), KeywordEncoder(), PEERS)["lump"]
    figures = report.with_taxonomy
    assert (figures.predicted, figures.reading.recall) == (4, 1.0)
    assert (figures.top_1, figures.clusters.f1) == (1.0, 1.0)
    assert (report.probes.foreign_waiting, report.probes.own_waiting) == (1.0, 0.0)


def test_without_a_taxonomy_each_peer_is_scored_by_its_own_clusters() -> None:
    told: list[str] = []
    found = peer_reports(corpus(), KeywordEncoder(), PEERS, on_progress=told.append)
    merges = {name: report.without_taxonomy.pairs for name, report in found.items()}
    assert (merges["lump"].missed_merge, merges["shy"].missed_merge) == (0.0, 1.0)
    assert told == ["lump", "shy"]
