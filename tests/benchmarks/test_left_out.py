"""The figures on products left out, with judges and readings that need no training."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.left_out import Judges, Mention, mentions, product_figures, summary
from benchmarks.left_out_models import LeftOutModels
from clustering.reading import ReadSpan
from clustering.training.annotated import AnnotatedNote, GoldSpan, Need
from models.severity import Severity
from tests.language_fakes import WordEncoder

NEEDS = [
    Need("N1", "Bulk export", "Records leave as one file."),
    Need("N2", "Calendar sync", "Meetings appear in Outlook."),
]
EXPORT, SYNC = "bulk export of records", "calendar sync of meetings"


class WideEncoder(WordEncoder):
    """Rows of the width that the shipped encoder's have, so that their meaning can be cut out."""

    dimension = 64


def note(*spans: tuple[str, str | None]) -> AnnotatedNote:
    text = ". ".join(words for words, _ in spans)
    gold = [
        GoldSpan(text.index(words), text.index(words) + len(words), Severity.MINOR, need)
        for words, need in spans
    ]
    return AnnotatedNote("billing", text, tuple(gold))


def read(note: AnnotatedNote, *numbers: int) -> list[ReadSpan]:
    """The annotated spans of these numbers, exactly."""
    return [
        ReadSpan(note.spans[n].start, note.spans[n].end, 0.9, note.spans[n].severity, 0.9)
        for n in numbers
    ]


def test_missed_requests_are_named_without_words_of_ours() -> None:
    one = note((EXPORT, "N1"), ("lunch vouchers", None))
    assert list(mentions([one], [read(one, 0)])) == [
        Mention(EXPORT, EXPORT, "N1"),
        Mention("lunch vouchers", None, None),
    ]


def test_tagging_end_to_end_is_judged_on_what_was_read_and_gold_on_everything() -> None:
    first, second = note((EXPORT, "N1"), (SYNC, "N1")), note((EXPORT, "N1"), (SYNC, "N2"))
    judges = Judges(WideEncoder(), None)
    figures = product_figures([first, second], [read(first, 0), read(second, 0, 1)], NEEDS, judges)
    assert figures["reading recall"] == pytest.approx(3 / 4)
    assert figures["tagging end to end, top 1"] == 1.0
    assert figures["tagging of gold spans, top 1"] == pytest.approx(3 / 4)
    assert figures["tagging of gold spans, top 3"] == 1.0


def test_re_ranker_is_heard_on_requests_in_doubt() -> None:
    class Contrary:
        fingerprint = "contrary"

        def score(self, pairs: list[tuple[str, str]]) -> object:
            import numpy as np

            return np.array([-90.0 if "calendar" in b.lower() else 90.0 for _, b in pairs])

    doubtful = note(*[(f"{word} thing", "N2") for word in ("red", "blue", "grey")])
    alone, heard = (
        product_figures([doubtful], [read(doubtful)], NEEDS, Judges(WideEncoder(), reranker))
        for reranker in (None, Contrary())
    )
    name = "tagging of gold spans, top 1"
    assert heard[name] < alone[name]


def test_summary_gives_mean_and_spread_of_each_kind_of_pack() -> None:
    table = summary({"billing": {"a": 0.2}, "fleet": {"a": 0.4}, "fintech": {"a": 1.0}})
    assert table["a"]["plain"] == pytest.approx((0.3, 0.1))
    assert table["a"]["story"] == pytest.approx((1.0, 0.0))


def test_readings_are_kept_and_not_mistaken_for_those_of_other_notes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = note((EXPORT, "N1"), (SYNC, "N2"))
    trained: list[object] = []

    class Exact:
        def read(self, texts: list[str]) -> list[list[ReadSpan]]:
            return [read(one, 0, 1)]

    def train(self: LeftOutModels, left: object) -> Exact:
        trained.append(left)
        return Exact()

    monkeypatch.setattr(LeftOutModels, "_reader", train)
    for _ in range(2):
        found = LeftOutModels(tmp_path, [0]).readings(0, ["billing"], [one])
        assert found == [read(one, 0, 1)]
    assert trained == [["billing"]]
    with pytest.raises(ValueError, match="other notes"):
        LeftOutModels(tmp_path, [0]).readings(0, ["billing"], [one, one])
