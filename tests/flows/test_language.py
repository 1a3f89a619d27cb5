"""Which encoder judges likeness, and which one reads."""

from __future__ import annotations

import pytest

from clustering.encoder import ADAPTED, BUNDLED, load_encoder
from models.errors import Unavailable
from service.flows.language import load_language
from service.settings import Settings
from tests.language_fakes import WordEncoder


def test_service_starts_with_the_encoder_that_knows_requests() -> None:
    assert Settings().encoder == ADAPTED
    assert load_language().encoder.fingerprint == load_encoder(ADAPTED).fingerprint


@pytest.mark.parametrize("name", [ADAPTED, BUNDLED, "another/model"])
def test_reader_sees_by_the_same_layers_whichever_encoder_is_set(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    class Named(WordEncoder):
        def __init__(self, name: str) -> None:
            self.fingerprint = name

    loaded: list[str] = []

    def clause_encoder() -> WordEncoder:
        loaded.append("first layers")
        raise Unavailable("Not here.", code="encoder_unavailable")

    monkeypatch.setattr("service.flows.language.load_encoder", Named)
    monkeypatch.setattr("clustering.reading.load_clause_encoder", clause_encoder)
    with pytest.raises(Unavailable):
        load_language(name)
    assert loaded == ["first layers"]


@pytest.mark.parametrize(
    ("name", "rerank", "has_one"),
    [(ADAPTED, True, True), (ADAPTED, False, False), (BUNDLED, True, False)],
)
def test_the_re_ranker_is_loaded_where_it_is_wanted_and_belongs(
    monkeypatch: pytest.MonkeyPatch, name: str, rerank: bool, has_one: bool
) -> None:
    monkeypatch.setattr("service.flows.language.load_encoder", lambda name: WordEncoder())
    monkeypatch.setattr("service.flows.language.load_reader", lambda: "reader")
    monkeypatch.setattr("service.flows.language.load_reranker", lambda: "reranker")
    found = load_language(name, rerank=rerank).reranker
    assert (found is not None) is has_one
