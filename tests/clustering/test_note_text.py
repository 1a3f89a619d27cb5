"""Cleaning masks what is no language and moves nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustering.note_text import MASK, clean, plain


@given(st.text(max_size=300))
def test_the_length_never_changes(text: str) -> None:
    assert len(clean(text)) == len(text)


@given(st.text(alphabet="<>/ab &;#\n\r-|:@-!\"'.", max_size=120))
def test_the_length_never_changes_in_broken_markup(text: str) -> None:
    assert len(clean(text)) == len(text)


@pytest.mark.parametrize(
    ("note", "read"),
    [
        ("<b>Export</b> is slow", "Export is slow"),
        ("Needs R&amp;D seats", "Needs R&D seats"),
        ("tab&nbsp;le", "tab le"),
        ("> they can't log in", "they can't log in"),
        (">> > deep quote", "deep quote"),
        ("• SSO wanted", "SSO wanted"),
        ("2) SSO wanted", "SSO wanted"),
        ("[ ] SSO wanted", "SSO wanted"),
        ("see https://example.com/a?b=c for it", "see for it"),
        ("<style>p { color: red }</style>Wants SSO", "Wants SSO"),
        ("a < b and b > a", "a < b and b > a"),
        ("Q&A; later", "Q&A; later"),
    ],
)
def test_what_is_no_language_is_masked(note: str, read: str) -> None:
    assert plain(clean(note)) == read


def test_block_tags_part_lines_and_inline_tags_do_not() -> None:
    cleaned = clean("<p>one</p><p>t<i>w</i>o</p>")
    assert [plain(line) for line in cleaned.split("\n") if plain(line)] == ["one", "two"]


def test_mail_headers_and_signature_are_masked() -> None:
    note = "From: a@b.example\nSubject: Hi\nWe need SSO.\n-- \nAda Byron\nHead of IT"
    assert plain(clean(note)) == "We need SSO."


def test_line_feeds_stay_where_they_were() -> None:
    note = "one\n> two\n-- \nthree"
    assert [at for at, char in enumerate(clean(note)) if char == "\n"] == [3, 9, 13]
    assert MASK in clean(note)
