"""Training: labels from spans, folds of products, and the two networks agree."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from clustering.clause_network import CONTINUES, OPENS, OUTSIDE, SeverityJudge, SpanJudge
from clustering.reader_lessons import Correction, StudiedNote
from clustering.reading import Reader, ReadSpan, load_weights
from clustering.training.annotated import AnnotatedNote, GoldSpan, load_packs, product_folds
from clustering.training.evaluate_reader import Tally, calibration_error
from clustering.training.reader_examples import build_vocabulary, prepare, to_example
from clustering.training.remembering import RememberingEncoder
from clustering.training.train_reader import save, train_reader
from models.severity import Severity
from tests.clustering.reading_fakes import DIMENSION, HashedEncoder

HASHED = HashedEncoder()
CENTRE = np.zeros(DIMENSION, dtype=np.float32)
TEXT = "Good call. Export is slow, she waits. Next step: send slides."


def note(*quotes: str, text: str = TEXT) -> AnnotatedNote:
    spans = [(text.index(quote), text.index(quote) + len(quote)) for quote in quotes]
    return AnnotatedNote(
        "made", text, tuple(GoldSpan(start, end, Severity.MINOR) for start, end in spans)
    )


def test_clauses_take_the_label_of_the_span_over_them() -> None:
    prepared = prepare([note("Export is slow, she waits")], HashedEncoder())[0]
    example = to_example(prepared, {}, CENTRE)
    assert example.labels.tolist() == [OUTSIDE, OPENS, CONTINUES, OUTSIDE, OUTSIDE]
    assert example.stretches == ((1, 3, Severity.MINOR.rank),)


def test_a_note_is_trained_on_and_read_from_the_same_centre() -> None:
    prepared = prepare(
        [note("Export is slow"), note(text="No asks today, all is well.")] * 9, HASHED
    )
    weights = train_reader(prepared, seeds=[0])
    rows = np.concatenate([one.vectors for one in prepared])
    np.testing.assert_allclose(weights.centre, rows.mean(axis=0), atol=1e-3)
    reader = Reader(HASHED, weights)
    correction = Correction(TEXT, requests=((0, len(TEXT)),))
    studied: dict[str, StudiedNote] = {}
    reader.learn([correction], studied)
    trained = to_example(prepared[0], weights.vocabulary, weights.centre)
    np.testing.assert_array_equal(studied[TEXT].vectors, trained.given.vectors)


def test_two_spans_side_by_side_each_open() -> None:
    prepared = prepare([note("Export is slow", "she waits")], HashedEncoder())[0]
    labels = to_example(prepared, {}, CENTRE).labels.tolist()
    assert labels == [OUTSIDE, OPENS, OPENS, OUTSIDE, OUTSIDE]


def test_a_span_inside_a_clause_takes_the_clause() -> None:
    prepared = prepare([note("slow")], HashedEncoder())[0]
    labels = to_example(prepared, {}, CENTRE).labels.tolist()
    assert labels == [OUTSIDE, OPENS, OUTSIDE, OUTSIDE, OUTSIDE]


def test_packs_hold_what_their_readme_says() -> None:
    notes = load_packs()
    assert (len(notes), sum(len(one.spans) for one in notes)) == (4605, 5219)
    assert len({one.product for one in notes}) == 24


def test_folds_are_of_four_products_and_of_both_registers() -> None:
    products = {one.product for one in load_packs()}
    folds = product_folds(products)
    assert [len(fold) for fold in folds] == [4] * 6
    assert sorted(name for fold in folds for name in fold) == sorted(products)


def test_terms_of_one_product_are_no_vocabulary() -> None:
    texts = {"a": "the export is slow", "b": "the search is slow", "c": "the zebra is slow"}
    notes = [AnnotatedNote(product, text, ()) for product, text in texts.items()] * 9
    chosen = build_vocabulary(prepare(notes, HashedEncoder()), products=3, mentions=3)
    assert "is slow" in build_vocabulary(prepare(notes, HashedEncoder()), products=1, mentions=3)
    assert "zebra" not in build_vocabulary(prepare(notes * 2, HashedEncoder()), 2, 40)
    assert list(chosen.values()) == list(range(len(chosen)))


def test_numpy_computes_what_pytorch_trained() -> None:
    torch = pytest.importorskip("torch")
    from clustering.training.reader_network import (
        SeverityNetwork,
        Shape,
        SpanNetwork,
        exported,
        make_batch,
    )

    torch.manual_seed(1)
    prepared = prepare([note("Export is slow, she waits")], HashedEncoder())
    vocabulary = {"is": 0, "is slow": 1}
    example = to_example(prepared[0], vocabulary, CENTRE)
    shape = Shape(example.given.vectors.shape[1], example.given.cues.shape[1], 2, 12, 6)
    spans, severity = SpanNetwork(shape).eval(), SeverityNetwork(shape, [1.0, 1.0, 1.0]).eval()
    batch = make_batch([example])
    with torch.no_grad():
        emissions = spans.output(spans.trunk(batch))[0].numpy()
        states = severity.trunk(batch)[0, 1:3]
        scores = severity.output(torch.cat([states.mean(0), states.amax(0)]))
    ours, _ = SpanJudge([exported(spans)]).scores(example.given)
    np.testing.assert_allclose(ours, emissions, atol=1e-5)
    likely = SeverityJudge([exported(severity)]).probabilities(example.given, [(1, 3)])
    np.testing.assert_allclose(likely[0], torch.softmax(scores, -1).numpy(), atol=1e-5)


def test_calibration_error_is_the_gap_of_confidence_and_accuracy() -> None:
    assert calibration_error([0.95] * 4, [True] * 4) == pytest.approx(0.05)
    assert calibration_error([0.55, 0.55, 0.95, 0.95], [True, False] * 2) == pytest.approx(0.25)
    assert calibration_error([], []) == 0.0


def test_a_tally_counts_matched_spans_and_severities() -> None:
    tally = Tally()
    gold = note("Export is slow", "send slides").spans
    found = ReadSpan(11, 30, 0.9, Severity.MINOR, 0.8)
    tally.add([found], gold)
    figures = tally.figures()
    assert (figures["precision"], figures["recall"]) == (1.0, 0.5)
    assert figures["severity"] == pytest.approx(1 / 3)


def test_a_remembering_encoder_asks_once(tmp_path: Path) -> None:
    asked: list[str] = []

    class Counting(HashedEncoder):
        def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
            asked.extend(texts)
            return super().encode(texts)

    first = RememberingEncoder(Counting(), tmp_path).encode(["a", "b", "a"])
    again = RememberingEncoder(Counting(), tmp_path).encode(["b", "a"])
    assert asked == ["a", "b"]
    np.testing.assert_array_equal(again, first[[1, 0]])


def test_weights_are_read_as_they_were_written(tmp_path: Path) -> None:
    prepared = prepare(
        [note("Export is slow"), note(text="No asks today, all is well.")] * 9, HASHED
    )
    weights = train_reader(prepared, seeds=[0])
    save(weights, tmp_path / "reader.safetensors")
    kept = load_weights(tmp_path / "reader.safetensors")
    np.testing.assert_array_equal(kept.centre, weights.centre)
    assert kept.vocabulary == weights.vocabulary
    assert [set(member) for member in kept.spans] == [set(member) for member in weights.spans]
    reader = Reader(HASHED, kept)
    assert reader.read([TEXT]) == reader.read(["Lunch.", TEXT])[1:]
