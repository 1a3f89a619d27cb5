"""Figures of a prediction on a corpus small enough to score by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from clustering.quality import Score
from models.note import Note
from models.policy import Level
from models.severity import Severity
from service.flows.labelled_corpus import GoldSpan, LabelledCorpus, LabelledNote, Probe
from service.flows.quality_scores import (
    PredictedRequest,
    Prediction,
    RankedProbe,
    levels_of_gold,
    score,
    score_probes,
)

EXPORT = ("Data", "Bulk export")
SSO = ("Access", "Single sign-on")
WHEN = datetime(2026, 8, 1, tzinfo=UTC)


def labelled(
    name: str, *gold: GoldSpan, account: str = "a1", when: datetime = WHEN
) -> LabelledNote:
    note = Note(
        source="manual",
        external_id=name,
        account_id=account,
        csm_id="c1",
        occurred_at=when,
        text=f"{name}: " + "x" * 100,
    )
    return LabelledNote(note, gold)


def corpus(*notes: LabelledNote, probes: tuple[Probe, ...] = ()) -> LabelledCorpus:
    ids = sorted({labelled.note.account_id for labelled in notes})
    accounts = [
        (line, {"account_id": account, "segment": "smb", "arr": Decimal(1000), "at_risk": False})
        for line, account in enumerate([*ids, "rest"], start=1)
    ]
    return LabelledCorpus(
        accounts=accounts,
        csms=[(number, {"csm_id": f"c{number}"}) for number in range(1, 11)],
        taxonomy=[],
        raw_notes=[],
        notes=notes,
        themes={"export": EXPORT, "sso": SSO},
        probes=probes,
    )


def span(start: int, theme: str | None, severity: Severity = Severity.MINOR) -> GoldSpan:
    return GoldSpan(start, start + 10, theme, severity)


def request(
    start: int, theme: str | None, *ranking: tuple[str, str], severity: Severity = Severity.MINOR
) -> PredictedRequest:
    return PredictedRequest(
        start=start, end=start + 10, severity=severity, theme_id=theme, ranking=ranking
    )


def test_reading_counts_every_gold_request_and_every_predicted_one() -> None:
    gold = corpus(labelled("n1", span(0, "export"), span(20, None)), labelled("n2"))
    predicted = {"n1": [request(0, None), request(50, None)], "n2": [request(0, None)]}
    figures = score(Prediction(predicted, {}), gold, {})
    assert (figures.predicted, figures.gold) == (3, 2)
    assert figures.reading == Score(1 / 3, 1 / 2)


def test_severity_is_judged_on_matched_pairs_alone() -> None:
    gold = corpus(labelled("n1", span(0, None, Severity.BLOCKING), span(20, None)))
    read = [request(0, None, severity=Severity.BLOCKING), request(50, None)]
    assert score(Prediction({"n1": read}, {}), gold, {}).severity_macro_f1 == pytest.approx(1 / 3)


def test_tagging_leaves_one_offs_and_missed_requests_out() -> None:
    gold = corpus(
        labelled("n1", span(0, "export"), span(20, "sso"), span(40, None), span(60, "sso"))
    )
    read = [request(0, None, EXPORT), request(20, None, EXPORT, SSO), request(40, None, SSO)]
    figures = score(Prediction({"n1": read}, {}), gold, {})
    assert (figures.top_1, figures.top_3) == (0.5, 1.0)


def test_a_missed_request_and_a_waiting_one_are_clusters_of_their_own() -> None:
    gold = corpus(labelled("n1", span(0, "sso"), span(20, "sso"), span(40, "sso")))
    figures = score(Prediction({"n1": [request(0, "t1"), request(20, None)]}, {}), gold, {})
    assert figures.clusters == Score(1.0, pytest.approx(1 / 3))
    assert figures.pairs.missed_merge == 1.0


def test_a_theme_stands_for_nothing_when_most_of_its_requests_match_nothing() -> None:
    gold = corpus(labelled("n1", span(0, "sso")))
    levels = {"t1": Level.SIGNAL}
    half = [request(0, "t1"), request(50, "t1")]
    found = score(Prediction({"n1": half}, levels), gold, {"sso": Level.P1})
    assert found.signals[Level.SIGNAL] == Score(1.0, 1.0)
    third = [*half, request(70, "t1")]
    lost = score(Prediction({"n1": third}, levels), gold, {"sso": Level.P1})
    assert lost.signals[Level.SIGNAL] == Score(0.0, 0.0)


def test_each_floor_is_scored_apart() -> None:
    gold = corpus(labelled("n1", span(0, "sso"), span(20, "export")))
    read = [request(0, "t1"), request(20, "t2")]
    figures = score(
        Prediction({"n1": read}, {"t1": Level.SIGNAL, "t2": Level.CANDIDATE}),
        gold,
        {"sso": Level.CANDIDATE, "export": Level.CANDIDATE},
    )
    assert figures.signals[Level.SIGNAL] == Score(0.0, 0.0)
    assert figures.signals[Level.CANDIDATE] == Score(1.0, 1.0)


def test_gold_levels_come_from_gold_requests_of_the_quarter() -> None:
    june = datetime(2026, 6, 30, 23, 59, tzinfo=UTC)
    gold = corpus(
        *(labelled(f"n{i}", span(0, "sso"), account=f"a{i}") for i in range(3)),
        *(labelled(f"m{i}", span(0, "export"), account=f"a{i}", when=june) for i in range(3)),
    )
    # Three accounts and 3,000 of 4,000 dollars: frequency and ARR.
    assert levels_of_gold(gold) == {"sso": Level.SIGNAL}


def test_probes_of_no_theme_should_wait_and_the_others_be_ranked() -> None:
    probes = (Probe("a", "export"), Probe("b", "sso"), Probe("c", None), Probe("d", None))
    ranked = [
        RankedProbe((EXPORT, SSO), waits=False),
        RankedProbe((EXPORT, SSO), waits=True),
        RankedProbe((EXPORT, SSO), waits=True),
        RankedProbe((EXPORT, SSO), waits=False),
    ]
    figures = score_probes(ranked, corpus(labelled("n1"), probes=probes))
    assert (figures.top_1, figures.top_3) == (0.5, 1.0)
    assert (figures.foreign_waiting, figures.own_waiting) == (0.5, 0.5)
