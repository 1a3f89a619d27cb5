"""The table of figures has each measure once, and a column for each pipeline."""

from __future__ import annotations

from benchmarks.corpus import lines, rows
from service.flows.peers import peer_reports
from tests.flows.test_peers import PEERS, KeywordEncoder, corpus


def test_the_table_has_each_measure_once() -> None:
    report = peer_reports(corpus(), KeywordEncoder(), PEERS)["shy"]
    measures = [measure for measure, _ in rows(report)]
    assert len(measures) == len(set(measures))
    assert measures[0].startswith("reading")


def test_each_pipeline_has_a_column() -> None:
    head, rule, *body = lines(peer_reports(corpus(), KeywordEncoder(), PEERS))
    assert head == "| measure | lump | shy |"
    assert {line.count("|") for line in (head, rule, *body)} == {4}
