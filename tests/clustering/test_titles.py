"""What a theme is called: its members' own words, few, telling, and nobody's name."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from clustering.labels import Members, describe_themes
from clustering.titles import MAX_TITLE, Encode, Voices, titles
from clustering.vocabulary import Vocabulary
from tests.clustering.vectors import unit
from tests.language_fakes import WordEncoder

encode = WordEncoder().encode

EXPORT = [
    "They need a bulk export of contacts by Friday",
    "so a bulk export of contacts would save her the evenings",
    "No bulk export of contacts, she copies page by page",
]
LOGIN = [
    "Single sign-on with Okta, please",
    "We want single sign-on with Okta",
    "sign-on with Okta?",
]
SLOW = ["The dashboard takes forty seconds", "her dashboard opens after a coffee"]


def voices(texts: Sequence[str], **more: object) -> Voices:
    return Voices(texts, encode(texts), **more)  # type: ignore[arg-type]


def title(texts: Sequence[str], *, names: Sequence[str] = (), **more: object) -> str:
    vocabulary = Vocabulary.build([*EXPORT, *LOGIN, *SLOW, *texts], names)
    return titles([voices(texts, **more)], vocabulary, encode)[0]


def test_title_is_a_phrase_that_the_members_share() -> None:
    assert title(EXPORT) == "Bulk export of contacts"


def test_title_begins_and_ends_with_a_telling_word() -> None:
    assert title(LOGIN) in {"Single sign-on with Okta", "Sign-on with Okta"}


def test_title_where_nothing_can_be_embedded_is_what_half_of_the_members_share() -> None:
    vocabulary = Vocabulary.build([*EXPORT, *LOGIN])
    assert titles([voices(EXPORT)], vocabulary) == ["Bulk export of contacts"]


def test_phrase_that_means_less_than_another_is_passed_over() -> None:
    texts = ["export of all records and the coffee", "coffee first, then export of all records"]
    assert title(texts) == "Export of all records"


def placed(**places: tuple[float, float]) -> Encode:
    """Texts that hold a word lie at its place in the plane, others far from all."""

    def at(text: str) -> tuple[float, float]:
        return next((at for word, at in places.items() if word in text), (0.0, -1.0))

    return lambda texts: unit(np.array([at(text) for text in texts]))


def members_at(x: float, y: float, *texts: str, title: str = "") -> Voices:
    return Voices(texts, unit(np.array([[x, y]] * len(texts))), title=title)


def test_title_that_fits_another_theme_as_well_is_passed_over() -> None:
    themes = [members_at(1, 0, "bulk export", "sorted list"), members_at(0.7, 0.7, "dark mode")]
    near = placed(export=(0.9, 0.4), list=(0.9, -0.42), mode=(0.7, 0.7))
    vocabulary = Vocabulary.build(["bulk export", "sorted list", "dark mode"])
    assert titles(themes, vocabulary, near)[0] == "Sorted list"


def test_title_stays_while_no_other_is_much_better() -> None:
    texts = ("bulk export", "sorted list")
    near, vocabulary = placed(export=(0.9, 0.44), list=(0.87, 0.49)), Vocabulary.build(texts)
    assert titles([members_at(1, 0, *texts)], vocabulary, near) == ["Bulk export"]
    kept = members_at(1, 0, *texts, title="Sorted list")
    assert titles([kept], vocabulary, near) == ["Sorted list"]


def test_clause_stands_in_where_no_phrase_comes_near() -> None:
    texts = ("and old lists must be typed again, as ever", "screens must be copied by hand")
    label = titles([members_at(1, 0, *texts)], Vocabulary.build(texts), placed(must=(1, 0)))[0]
    assert label in {"Old lists must be typed again…", "Screens must be copied by hand"}


def test_two_themes_are_not_called_the_same() -> None:
    themes = [voices(EXPORT), voices([*EXPORT, "export of contacts"])]
    one, other = titles(themes, Vocabulary.build(EXPORT), encode)
    assert one.casefold() != other.casefold()


def test_long_clause_is_cut_at_a_word() -> None:
    label = title(["and what about it then " * 8])
    assert len(label) <= MAX_TITLE and label.endswith("…")


@pytest.mark.parametrize("names", [["Ana Silva"], ["Harbour Foods", "ANA"]])
def test_name_of_a_csm_or_an_account_is_in_no_title(names: list[str]) -> None:
    texts = ["Ana copies each list for Harbour", "Ana copies each list", "each list, Ana copies it"]
    assert "ana" not in title(texts, names=names).casefold().split()


def test_name_within_a_compound_is_in_no_title() -> None:
    texts = ["Ana/Bob list copies", "list copies of Ana/Bob", "Ana/Bob list copies again"]
    assert "ana" not in title(texts, names=["Ana Silva"]).casefold()


def test_where_every_clause_names_somebody_the_names_are_left_out() -> None:
    texts = ["Ana asks", "asks Ana"]
    assert "ana" not in title(texts, names=["Ana Silva"]).casefold()


def test_what_only_one_account_calls_by_name_is_taken_for_a_person() -> None:
    texts = ["Jess peels labels off", "labels that Jess peels", "Jess peels labels"]
    label = title(texts, speakers=["a-1", "a-1", "a-1"])
    assert "jess" not in label.casefold()


def test_name_that_several_accounts_use_is_a_products() -> None:
    texts = ["Syncs with Outlook", "Outlook syncs with delay", "no Outlook syncs"]
    assert "Outlook" in title(texts, speakers=["a-1", "a-2", "a-3"])


def test_what_was_masked_is_in_no_title() -> None:
    texts = ["Write to [email] on bulk export", "Ask [email] on bulk export", "bulk export [phone]"]
    assert title(texts) == "Bulk export"


def test_title_goes_when_nobody_says_it_any_more() -> None:
    assert title(LOGIN, title="Bulk export of contacts") != "Bulk export of contacts"


def test_unchanged_theme_is_not_embedded_anew() -> None:
    asked: list[str] = []

    def listening(texts: Sequence[str]) -> np.ndarray:
        asked.extend(texts)
        return encode(texts)

    kept = voices(EXPORT, title="Bulk export of contacts", unchanged=True)
    vocabulary = Vocabulary.build(EXPORT)
    assert titles([kept], vocabulary, listening) == ["Bulk export of contacts"]
    assert asked == []


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (
            ["Necesitamos la exportación de facturas para que", "no hay exportación de facturas"],
            "Exportación de facturas",
        ),
        (
            ["Wir brauchen den Export der Rechnungen", "der Export der Rechnungen ist nicht da"],
            "Export der Rechnungen",
        ),
        (
            ["Precisamos da exportação de faturas", "a exportação de faturas não está pronta"],
            "Exportação de faturas",
        ),
    ],
)
def test_function_words_of_other_languages_begin_and_end_no_title(
    texts: list[str], expected: str
) -> None:
    assert title(texts) == expected


def test_order_of_the_members_is_irrelevant() -> None:
    assert title(EXPORT) == title(EXPORT[::-1])


def test_no_themes_have_no_titles() -> None:
    assert titles([], Vocabulary.build([]), encode) == []


def test_where_the_most_central_says_nothing_but_a_name_another_speaks() -> None:
    said = ["We want Zapier", "Zapier, when?", "Zapier integration please"]
    found = title(said, names=["Zapier"], speakers=["a-1"] * 3)
    assert "integration" in found.casefold() and "Zapier" not in found


def test_where_nothing_is_said_but_names_there_are_words_of_ours() -> None:
    assert title(["Okta Okta", "Okta"], names=["Okta"]) == "Requests without words of their own"


def test_no_key_phrase_holds_a_name() -> None:
    said = ["Maja wants a bulk export", "a bulk export for Maja", "the bulk export, says Maja"]
    members = Members(["r1", "r2", "r3"], said, encode(said), ["a-1"] * 3)
    vocabulary = Vocabulary.build([*said, *LOGIN], ["Maja Berg"])
    (about,) = describe_themes([members], vocabulary, encode)
    assert about.keyphrases and not any("maja" in phrase.casefold() for phrase in about.keyphrases)
