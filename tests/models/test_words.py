"""Words as a search compares them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.words import MOST_CHARACTERS, MOST_TERMS, found_in, parse_query, searchable


def holds(text: str, typed: str) -> bool:
    terms = parse_query(typed).terms
    return bool(terms) and all(term.pattern in searchable(text) for term in terms)


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("Bulk export of rows", "export bulk"),
        ("Bulk exports of rows", "expo"),
        ("Bulk export of rows", '"bulk export"'),
        ("Bulk exports of rows", '"bulk export'),
        ("Bulk export of rows", "“export of”"),
        ("An e-mail a day", "e-mail"),
        ("CRÈME Brûlée", "creme brulee"),
        ("creme", "crème"),
        ("cafe\u0301s", "cafés"),
        ("Straße", "strasse"),
        ("ЭКСПОРТ строк", "экспорт"),
        ("ＦＵＬＬ width", "full"),
        ("商品の一括エクスポート", "一括エクス"),
        ("snake_case_name", "case"),
        ("AND OR NOT", "and not"),
    ],
)
def test_what_is_in_a_text_is_found(text: str, typed: str) -> None:
    assert holds(text, typed)
    assert found_in(text, parse_query(typed).terms)


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("Bulk export", "export import"),
        ("Export in bulk", '"bulk export"'),
        ("Bulk exports", '"bulk export"'),
        ("reexport", "export"),
        ("An e day mail", "e-mail"),
    ],
)
def test_what_is_not_in_a_text_is_not(text: str, typed: str) -> None:
    assert not holds(text, typed)


def test_a_phrase_does_not_reach_from_one_text_into_the_next() -> None:
    assert parse_query('"one two"').terms[0].pattern not in searchable("one", "two")


def test_what_is_found_is_whole_words_at_the_texts_own_places() -> None:
    text = "🙂 Café créé: exports, EXPORT it"
    terms = parse_query('expo "cafe cree"').terms
    assert [text[start:end] for start, end in found_in(text, terms)] == [
        "Café créé",
        "exports",
        "EXPORT",
    ]


def test_of_what_is_very_long_the_beginning_is_looked_for() -> None:
    long = parse_query(" ".join(f"w{n}" for n in range(50)))
    assert long.cut and len(long.terms) == MOST_TERMS
    assert parse_query("x" * (MOST_CHARACTERS + 1)).cut
    assert not parse_query("one two").cut


@given(st.text(max_size=60), st.text(max_size=30))
def test_nothing_that_can_be_typed_is_an_error(text: str, typed: str) -> None:
    query = parse_query(typed)
    found = found_in(text, query.terms)
    assert all(0 <= start < end <= len(text) for start, end in found)
    assert [*found] == sorted(found)


@given(st.text(max_size=60))
def test_every_text_is_found_by_its_own_words(text: str) -> None:
    for term in parse_query(text).terms:
        assert term.pattern in searchable(text)


@given(st.text(max_size=60), st.text(max_size=8))
def test_what_is_marked_is_what_is_found(text: str, typed: str) -> None:
    for term in parse_query(typed).terms:
        assert bool(found_in(text, [term])) == (term.pattern in searchable(text))
