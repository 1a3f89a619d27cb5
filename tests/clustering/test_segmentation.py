"""Clauses: where they break, where they don't, and what always holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustering.segmentation import MAX_CLAUSE, Break, segment


def pieces(text: str) -> list[str]:
    return [text[clause.start : clause.end] for clause in segment(text)]


@given(st.text(max_size=400))
def test_clauses_are_trimmed_in_order_and_inside(text: str) -> None:
    end = 0
    for clause in segment(text):
        piece = text[clause.start : clause.end]
        assert end <= clause.start < clause.end <= len(text)
        assert piece == piece.strip()
        assert any(char.isalnum() for char in piece)
        end = clause.end


@given(st.text(alphabet='ab .,;:!?-–\n\t"()<>&x1', max_size=400))
def test_no_word_is_lost(text: str) -> None:
    covered = {at for clause in segment(text) for at in range(clause.start, clause.end)}
    from clustering.note_text import clean

    cleaned = clean(text)
    assert [at for at, char in enumerate(cleaned) if char.isalnum() and at not in covered] == []


@pytest.mark.parametrize(
    ("note", "clauses"),
    [
        ("Export is slow. SSO is missing", ["Export is slow", "SSO is missing"]),
        ("export is slow. sso is missing", ["export is slow", "sso is missing"]),
        ("Dr. Weiss waits approx. 3 days", ["Dr. Weiss waits approx. 3 days"]),
        ("It takes 2.5 hours at 8:10", ["It takes 2.5 hours at 8:10"]),
        ("limit of 10,000 rows", ["limit of 10,000 rows"]),
        ("Ask: bulk export", ["Ask", "bulk export"]),
        ("- SSO\n- bulk export", ["SSO", "bulk export"]),
        ("slow search; no export", ["slow search", "no export"]),
        ("slow search – no export", ["slow search", "no export"]),
        ("they like it but search is slow", ["they like it", "but search is slow"]),
        ("Cust asked for bulk export", ["Cust asked for", "bulk export"]),
        ("one <br> two", ["one", "two"]),
        ("", []),
        (" \n\t ", []),
        ("... !!! ---", []),
        ("🎉🎉", []),
    ],
)
def test_where_clauses_break(note: str, clauses: list[str]) -> None:
    assert pieces(note) == clauses


def test_a_hard_wrapped_line_goes_on() -> None:
    note = "We would be glad of a way to send the monthly report to\nthe whole board at once."
    assert pieces(note.replace("would be glad of a way to ", "")) != []
    wrapped = "the monthly report has to be sent by hand to everybody on\nthe whole board"
    assert pieces(wrapped) == [wrapped]


def test_a_bullet_after_a_long_line_opens_a_clause() -> None:
    note = "- the monthly report has to be sent by hand to everybody on it\n- search is slow"
    assert [clause.bulleted for clause in segment(note)] == [True, True]


def test_a_clause_knows_what_opened_it() -> None:
    note = "One. Two; three, four and five\n\nsix"
    kinds = [clause.opened_by for clause in segment(note)]
    assert kinds == [
        Break.PARAGRAPH,
        Break.SENTENCE,
        Break.SEMICOLON,
        Break.COMMA,
        Break.CONJUNCTION,
        Break.PARAGRAPH,
    ]


def test_a_paste_without_breaks_is_cut_at_blanks() -> None:
    note = "word " * 20_000
    clauses = segment(note)
    assert max(clause.end - clause.start for clause in clauses) <= MAX_CLAUSE
    assert "".join(pieces(note)).count("word") == 20_000


@pytest.mark.parametrize(
    "unit", [".", ",", " ", "\n", "<!--", "<a ", "-", '"', "(", "asks ", "&", "\t", ";", ": "]
)
def test_a_hundred_thousand_marks_are_survived(unit: str) -> None:
    note = (unit * 100_000)[:99_990] + " no export"
    assert "no export" in pieces(note)[-1]
