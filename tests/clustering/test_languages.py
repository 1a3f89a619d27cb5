"""Which language a note is in, and how requests in one that an encoder doesn't know are seen."""

from __future__ import annotations

import numpy as np
import pytest

from clustering.encoder import load_encoder
from clustering.languages import FEWEST, is_foreign, recognise, without_accent
from tests.clustering.vectors import unit

NOTES = {
    "en": "They cannot export the list, so they copy it by hand every week.",
    "es": "No pueden exportar la lista y la copian a mano cada semana.",
    "de": "Sie können die Liste nicht exportieren und tippen sie jede Woche ab.",
    "pt": "Não conseguem exportar a lista e copiam tudo à mão toda semana.",
    "fr": "Ils ne peuvent pas exporter la liste et la recopient chaque semaine.",
}


@pytest.mark.parametrize("language", NOTES)
def test_a_sentence_is_enough_to_tell(language: str) -> None:
    assert recognise([NOTES[language]]) == [language]


@pytest.mark.parametrize("text", ["", "42", "SSO!!", "ok", "12:30 🎉", "<p></p>", "dark mode"])
def test_too_little_is_not_guessed(text: str) -> None:
    assert recognise([text]) == [None]


def test_an_answer_does_not_depend_on_company_or_order() -> None:
    texts = [*NOTES.values(), "ok", ""]
    alone = [recognise([text])[0] for text in texts]
    assert recognise(texts) == alone
    assert recognise(texts[::-1]) == alone[::-1]


def test_tags_and_quoted_addresses_say_nothing_of_the_language() -> None:
    wrapped = (
        '<div class="message-body"><p>' + NOTES["es"] + "</p></div>\n"
        "https://www.example.com/the-quick-brown-fox/jumps-over-the-lazy-dog"
    )
    assert recognise([wrapped]) == ["es"]


def test_the_bundled_encoder_knows_english_alone() -> None:
    ours = load_encoder().fingerprint
    told = [is_foreign(language, ours) for language in ("en", "es", None)]
    assert told == [False, True, False]
    assert not is_foreign("es", "a multilingual encoder")


def spoken(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """The same matters in English and, drawn far to one side, in Spanish."""
    draw = np.random.default_rng(seed)
    matters = draw.normal(size=(count, 16))
    aside = np.zeros(16)
    aside[0] = 12
    return unit(matters), unit(matters + aside)


def test_what_a_language_does_to_its_rows_is_taken_out() -> None:
    english, spanish = spoken(20)
    ours = load_encoder().fingerprint
    rows = np.vstack([english, spanish]).astype(np.float32)
    seen = without_accent(rows, ["en"] * 20 + ["es"] * 20, ours)
    assert np.array_equal(seen[:20], rows[:20])
    assert np.allclose(np.linalg.norm(seen, axis=1), 1, atol=1e-5)
    nearest = (seen[20:] @ seen[:20].T).argmax(axis=1)
    assert (nearest == np.arange(20)).mean() > 0.9
    before = (rows[20:] @ rows[:20].T).argmax(axis=1)
    assert (before == np.arange(20)).mean() < 0.5


def test_too_few_of_a_language_and_other_encoders_are_left_alone() -> None:
    english, spanish = spoken(FEWEST - 1)
    rows = np.vstack([english, spanish]).astype(np.float32)
    languages = ["en"] * (FEWEST - 1) + ["es"] * (FEWEST - 1)
    assert np.allclose(without_accent(rows, languages, load_encoder().fingerprint), rows, atol=1e-6)
    assert np.array_equal(without_accent(rows, languages, "other"), rows)


def test_rows_are_the_same_in_any_order() -> None:
    english, spanish = spoken(12)
    rows = np.vstack([english, spanish]).astype(np.float32)
    languages = ["en"] * 12 + ["es"] * 12
    ours = load_encoder().fingerprint
    order = np.random.default_rng(1).permutation(24)
    turned = without_accent(rows[order], [languages[n] for n in order], ours)
    assert np.array_equal(turned, without_accent(rows, languages, ours)[order])
