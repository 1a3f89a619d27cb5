"""Titles, key phrases and exemplars that a person can read."""

from __future__ import annotations

import numpy as np

from clustering.labels import Description, Members, describe_themes
from clustering.titles import MAX_TITLE
from clustering.vocabulary import Vocabulary
from tests.clustering.vectors import groups

EXPORT = [
    "they want a bulk export to Excel",
    "bulk export is missing, she copies page by page",
    "asks for bulk export of all contacts",
    "export dies after 500 rows",
]
OTHER = ["SSO with Okta", "dark mode please", "the import is slow", "page loads slowly in Leeds"]


def describe(texts: list[str], everything: list[str] | None = None) -> Description:
    ids = [f"r{n}" for n in range(len(texts))]
    vocabulary = Vocabulary.build(everything or [*EXPORT, *OTHER])
    members = Members(ids, texts, groups([len(texts)], spread=0.2))
    return describe_themes([members], vocabulary)[0]


def test_title_names_what_the_members_share() -> None:
    assert describe(EXPORT).label.startswith("Bulk export")


def test_words_that_every_theme_uses_are_no_key_phrase() -> None:
    assert not {"they", "want", "asks", "is", "for"} & set(describe(EXPORT).keyphrases)


def test_no_word_is_in_two_key_phrases() -> None:
    words = [word for phrase in describe(EXPORT).keyphrases for word in phrase.split()]
    assert len(words) == len(set(words))


def test_key_phrase_keeps_the_spelling_it_is_mostly_written_in() -> None:
    about = describe(["SSO via Okta", "no SSO yet", "sso missing"], OTHER)
    assert "SSO" in about.keyphrases


def test_theme_without_a_telling_word_is_named_by_its_text() -> None:
    assert describe(["and what about it?"]).label == "And what about it?"


def test_theme_whose_members_share_no_phrase_is_named_by_its_most_central_text() -> None:
    texts = ["every list by hand", "page after page into a sheet", "no way to get it all out"]
    assert describe(texts).label.casefold() in [text.casefold() for text in texts]


def test_one_word_that_two_happen_to_share_names_nothing() -> None:
    texts = ["the burger team copies pages", "burger orders go into a sheet"]
    assert describe(texts).label.casefold() in [text.casefold() for text in texts]


def test_long_titles_are_cut_at_a_word() -> None:
    label = describe(["and what about it then " * 8]).label
    assert len(label) <= MAX_TITLE and label.endswith(" what…")


def test_exemplars_are_members_with_different_texts() -> None:
    about = describe(["one export", "one export", "another export", "third export"])
    assert len(about.exemplars) == len(set(about.exemplars)) <= 3
    assert not {"r0", "r1"} <= set(about.exemplars)


def test_only_member_is_its_own_exemplar() -> None:
    assert describe(["export"]).exemplars == ["r0"]


def test_order_of_the_members_is_irrelevant() -> None:
    rows = groups([4], spread=0.2)
    vocabulary = Vocabulary.build([*EXPORT, *OTHER])
    ids = ["r1", "r2", "r3", "r4"]
    back = np.ascontiguousarray(rows[::-1])
    one, other = Members(ids, EXPORT, rows), Members(ids[::-1], EXPORT[::-1], back)
    assert describe_themes([one], vocabulary) == describe_themes([other], vocabulary)


def test_what_stands_for_something_masked_is_no_word() -> None:
    texts = ["Write to [email] on bulk export", "Ask [email] on bulk export", "bulk export [phone]"]
    vectors = np.eye(3, dtype=np.float32)
    members = Members(["r_1", "r_2", "r_3"], texts, vectors)
    (about,) = describe_themes([members], Vocabulary.build(texts))
    said = " ".join([about.label, *about.keyphrases]).lower()
    assert "email" not in said and "phone" not in said
    assert about.label == "Bulk export"
