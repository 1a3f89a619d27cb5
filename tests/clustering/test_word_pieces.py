"""Rows of word pieces: the same words are near, rare ones weigh most, nothing else matters."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from clustering.word_pieces import BUCKETS, WIDTH, WordPieces, rarity_of

EVEN = WordPieces(np.ones(BUCKETS, dtype=np.float32))


def near(pieces: WordPieces, one: str, other: str) -> float:
    rows = pieces.rows([one, other])
    return float(rows[0] @ rows[1])


def test_rows_are_of_length_one_and_a_text_without_words_is_zero() -> None:
    rows = EVEN.rows(["bulk export", "...", ""])
    assert rows.shape == (3, WIDTH) and rows.dtype == np.float32
    assert np.linalg.norm(rows, axis=1) == pytest.approx([1, 0, 0], abs=1e-5)


def test_shared_words_bring_texts_near_and_their_endings_matter_little() -> None:
    assert near(EVEN, "proration of invoices", "prorated invoice") > 0.4
    assert abs(near(EVEN, "proration of invoices", "kiosk login")) < 0.2


def test_case_and_punctuation_do_not_matter() -> None:
    assert near(EVEN, "SCIM, please!", "scim please") == pytest.approx(1.0, abs=1e-5)


def test_rare_word_brings_texts_nearer_than_a_common_one() -> None:
    common = [f"they want {word}" for word in ("apples", "pears", "plums", "nuts", "figs")] * 9
    pieces = WordPieces(rarity_of([*common, "they want scim"]))
    assert near(pieces, "scim soon", "they ask scim") > near(pieces, "want soon", "they ask want")


def test_row_is_the_same_alone_and_among_others() -> None:
    texts = ["bulk export", "SCIM", "a third"]
    assert np.array_equal(EVEN.rows(texts), np.vstack([EVEN.rows([text]) for text in texts]))


def test_row_never_changes_between_machines() -> None:
    signs = np.sign(EVEN.rows(["scim"])).astype(np.int8).tobytes()
    assert hashlib.sha256(signs).hexdigest()[:16] == "7ddcd2db8ef6e544"
