"""Which encoder judges likeness, and which one reads."""

from __future__ import annotations

import pytest

from clustering.encoder import ADAPTED, BUNDLED, load_encoder
from service.flows.language import load_language
from service.settings import Settings
from tests.language_fakes import WordEncoder


def test_service_starts_with_the_encoder_that_knows_requests() -> None:
    assert Settings().encoder == ADAPTED
    assert load_language().encoder.fingerprint == load_encoder(ADAPTED).fingerprint


@pytest.mark.parametrize("name", [ADAPTED, BUNDLED, "another/model"])
def test_reader_always_judges_with_the_plain_encoder(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    loaded: list[str] = []
    given: list[object] = []

    class Named(WordEncoder):
        def __init__(self, name: str) -> None:
            loaded.append(name)
            self.fingerprint = name

    def reader(encoder: Named | None) -> Named:
        given.append(encoder)
        return encoder or Named(BUNDLED)

    monkeypatch.setattr("service.flows.language.load_encoder", Named)
    monkeypatch.setattr("service.flows.language.load_reader", reader)
    language = load_language(name)
    assert language.encoder.fingerprint == name
    assert language.reader.fingerprint == BUNDLED  # type: ignore[attr-defined]
    assert loaded == list(dict.fromkeys([name, BUNDLED]))


@pytest.mark.parametrize(
    ("name", "rerank", "has_one"),
    [(ADAPTED, True, True), (ADAPTED, False, False), (BUNDLED, True, False)],
)
def test_the_re_ranker_is_loaded_where_it_is_wanted_and_belongs(
    monkeypatch: pytest.MonkeyPatch, name: str, rerank: bool, has_one: bool
) -> None:
    monkeypatch.setattr("service.flows.language.load_encoder", lambda name: WordEncoder())
    monkeypatch.setattr("service.flows.language.load_reader", lambda encoder: encoder)
    monkeypatch.setattr("service.flows.language.load_reranker", lambda: "reranker")
    found = load_language(name, rerank=rerank).reranker
    assert (found is not None) is has_one
