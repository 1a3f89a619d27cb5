"""A note's language is kept, shown, counted and never mixed silently; a strange one is no match."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from clustering.adapter import REQUESTS, about_updates, adapted_fingerprint
from clustering.lens import ADAPTED_WIDTH
from service.flows.health import store_figures
from service.flows.language import LanguageModels
from service.flows.requests import RequestFilters, add_request, list_requests
from service.storage.engine import Store
from tests.flows.world import EXPORT, World
from tests.language_fakes import SentenceReader, WordEncoder

ENGLISH = "They cannot work like this any longer. We need bulk export of invoice rows."
SPANISH = "La llamada con la directora fue muy corta y amable. We need bulk export of invoice."
GERMAN = "Das Gespräch mit der Leiterin war sehr kurz. Sie sagt, sie need bulk export."


class EnglishEncoder(WordEncoder):
    """Passes for the bundled encoder, which knows English alone."""

    fingerprint = adapted_fingerprint(about_updates(REQUESTS)["encoder"], about_updates(REQUESTS))

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Rows of shape (len(texts), 384), as wide as those that say what a text means."""
        rows = super().encode(texts)
        return np.pad(rows, ((0, 0), (0, ADAPTED_WIDTH - rows.shape[1])))


@pytest.fixture
def world(store: Store) -> World:
    return World(store)


def rows(world: World, **filters: Any) -> dict[str, dict[str, Any]]:
    found = list_requests(world.store, RequestFilters(**filters)).data
    return {str(row["external_id"]): dict(row) for row in found}


def test_a_request_says_what_its_note_is_written_in(world: World) -> None:
    for number, text in enumerate((ENGLISH, SPANISH, GERMAN, "need x"), start=1):
        world.note(number, text)
    world.read()
    told = {name: row["language"] for name, row in rows(world).items()}
    assert told == {"n-1": "en", "n-2": "es", "n-3": "de", "n-4": None}
    assert set(rows(world, language="es")) == {"n-2"}


def test_an_edit_into_another_language_is_followed(world: World) -> None:
    world.note(1, ENGLISH)
    world.read()
    kept = world.request_like("export").id
    words = world.request_like("export").text
    world.note(1, f"La llamada con la directora fue muy corta y amable. {words}")
    world.read()
    assert rows(world)["n-1"]["language"] == "es"
    assert rows(world)["n-1"]["id"] == kept


def test_an_added_request_has_the_language_of_its_note(world: World) -> None:
    note = world.note(1, "La directora no puede imprimir las etiquetas de los pedidos.")
    world.read()
    body = {"start": 3, "end": 30, "severity": "minor"}
    added = add_request(world.store, note, body, now=world.now, actor="ops")
    assert added["language"] == "es"


def test_a_theme_says_which_languages_it_mixes(world: World) -> None:
    theme = world.item("Data", EXPORT)
    for number, text in enumerate((ENGLISH, ENGLISH, SPANISH), start=1):
        world.note(number, text)
    world.read()
    assert world.theme(theme)["languages"] == {"en": 2, "es": 1}


def test_notes_are_counted_by_language(world: World) -> None:
    for number, text in enumerate((ENGLISH, SPANISH, SPANISH, "need x"), start=1):
        world.note(number, text)
    world.read()
    assert store_figures(world.store).languages == ((("",), 1), (("en",), 1), (("es",), 2))


def test_a_language_strange_to_the_encoder_must_fit_better(store: Store) -> None:
    english = LanguageModels(EnglishEncoder(), SentenceReader())  # type: ignore[arg-type]
    world = World(store, english)
    theme = world.item("Data", EXPORT)
    world.note(1, ENGLISH)
    world.note(2, SPANISH)
    world.run()
    found = rows(world)
    assert (found["n-1"]["theme_id"], found["n-1"]["foreign"]) == (theme, False)
    assert (found["n-2"]["theme_id"] == theme, found["n-2"]["foreign"]) == (False, True)
    assert found["n-2"]["candidates"][0]["theme_id"] == theme


def test_an_encoder_of_all_languages_takes_it_as_any_other(world: World) -> None:
    theme = world.item("Data", EXPORT)
    world.note(1, SPANISH)
    world.run()
    assert (rows(world)["n-1"]["theme_id"], rows(world)["n-1"]["foreign"]) == (theme, False)
