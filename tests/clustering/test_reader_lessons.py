"""What corrections teach: like wordings change, others don't, in any order, and never for good."""

from __future__ import annotations

import numpy as np
import pytest

from clustering.reader_lessons import Correction, Lessons, StudiedNote, fit_lessons
from clustering.reading import Reader, load_reader
from tests.clustering.reading_fakes import make_reader
from tests.clustering.vectors import unit

WIDE = 32


def studied(rows: np.ndarray, log_odds: list[float], stretches: tuple[tuple[int, int], ...] = ()):
    """A note of one-letter clauses, two code points apart."""
    count = len(rows)
    return StudiedNote(
        np.array([(2 * n, 2 * n + 1) for n in range(count)], dtype=np.int64),
        rows.astype(np.float32),
        np.array(log_odds, dtype=np.float32),
        np.ones(count, dtype=bool),
        stretches,
    )


def rows(count: int, seed: int = 0) -> np.ndarray:
    return unit(np.random.default_rng(seed).normal(size=(count, WIDE)))


def near(row: np.ndarray, seed: int = 1) -> np.ndarray:
    return unit(row[None] + 0.02 * np.random.default_rng(seed).normal(size=WIDE))[0]


def test_no_correction_teaches_nothing() -> None:
    assert fit_lessons([], {}) is None


def test_where_the_reader_was_right_there_is_nothing_to_learn() -> None:
    note = studied(rows(2), [4.0, -4.0])
    right = Correction("n", requests=((0, 1),), no_requests=((2, 3),))
    assert fit_lessons([right], {"n": note}) is None


def test_a_missed_request_lifts_like_wordings_and_no_others() -> None:
    clause, *others = rows(20)
    note = studied(clause[None], [-3.0])
    lessons = fit_lessons([Correction("n", requests=((0, 1),))], {"n": note})
    assert lessons is not None
    assert lessons.push(clause[None])[0] > 3
    assert lessons.push(near(clause)[None])[0] > 1
    assert np.abs(lessons.push(np.stack(others))).max() < 0.3


def test_one_dismissal_of_a_sure_reading_is_not_enough_and_three_are() -> None:
    clause = rows(1)[0]
    notes = {str(n): studied(near(clause, n)[None], [6.0]) for n in range(3)}
    dismissed = [Correction(name, no_requests=((0, 1),)) for name in notes]
    once, thrice = fit_lessons(dismissed[:1], notes), fit_lessons(dismissed, notes)
    assert once is not None and thrice is not None
    new = near(clause, 9)[None]
    assert -6 < once.push(new)[0] < -1
    assert thrice.push(new)[0] < -6


def test_the_order_of_corrections_does_not_matter() -> None:
    table = rows(12)
    notes = {str(n): studied(row[None], [-2.0 + n / 3]) for n, row in enumerate(table)}
    said = [
        Correction(name, requests=((0, 1),)) if n % 2 else Correction(name, no_requests=((0, 1),))
        for n, name in enumerate(notes)
    ]
    there, back = fit_lessons(said, notes), fit_lessons(said[::-1], notes)
    assert there is not None and back is not None
    assert np.array_equal(there.push(table), back.push(table))


def test_what_a_mended_span_leaves_out_is_no_request() -> None:
    table = rows(3)
    note = studied(table, [2.0, 2.0, 2.0], ((0, 3),))
    mended = Correction("n", requests=((2, 3),), mended=((2, 3),))
    lessons = fit_lessons([mended], {"n": note})
    assert lessons is not None
    assert (lessons.push(table)[[0, 2]] < -2).all()


def test_a_reader_without_lessons_reads_as_it_was_trained() -> None:
    reader = make_reader()
    texts = ["They cannot export, so they copy.", "All good."]
    assert reader.learn([], {}) is None
    assert reader.read(texts, None) == reader.read(texts)


def test_notes_are_opened_once_and_forgotten_with_their_correction() -> None:
    reader = make_reader()
    known: dict[str, StudiedNote] = {}
    first = Correction("They cannot export.", no_requests=((0, 18),))
    reader.learn([first], known)
    kept = known[first.text]
    reader.learn([first, Correction("Lunch.", requests=((0, 5),))], known)
    assert known[first.text] is kept
    reader.learn([], known)
    assert known == {}


@pytest.fixture(scope="module")
def reader() -> Reader:
    return load_reader()


def found(reader: Reader, text: str, lessons: Lessons | None) -> list[str]:
    return [text[span.start : span.end] for span in reader.read([text], lessons)[0]]


def marked(text: str, words: str) -> tuple[tuple[int, int], ...]:
    start = text.index(words)
    return ((start, start + len(words)),)


MISSED = "Good chat with Ada. The tills and the ledger tell two different stories."
LIKE_MISSED = "Visited Bo. The tills and the ledger still tell two different stories."
CHATTER = "Visited Bo. The bakery and the florist had a lovely summer."


def test_a_missed_request_of_a_kind_is_found_the_next_time(reader: Reader) -> None:
    words = "The tills and the ledger tell two different stories"
    lessons = reader.learn([Correction(MISSED, requests=marked(MISSED, words))], {})
    assert found(reader, LIKE_MISSED, None) == []
    assert len(found(reader, LIKE_MISSED, lessons)) == 1
    assert found(reader, CHATTER, lessons) == []


WISHES = [
    "Cust wants a bigger lobby screen, the old one flickers all day.",
    "They want a bigger screen in the lobby, theirs flickers all day.",
    "Customer wants a bigger screen for the lobby, the old one flickers.",
]
NEXT_WISH = "Client wants a bigger screen in their lobby, the old one flickers."
OTHER_WISH = "They cannot filter the order list by branch, so they scroll for minutes."


def test_a_kind_dismissed_three_times_is_read_no_more(reader: Reader) -> None:
    dismissed = [
        Correction(text, no_requests=tuple((s.start, s.end) for s in reader.read([text])[0]))
        for text in WISHES
    ]
    assert all(one.no_requests for one in dismissed)
    lessons = reader.learn(dismissed, {})
    assert len(found(reader, NEXT_WISH, None)) == 1
    assert found(reader, NEXT_WISH, lessons) == []
    assert found(reader, OTHER_WISH, lessons) == found(reader, OTHER_WISH, None)
