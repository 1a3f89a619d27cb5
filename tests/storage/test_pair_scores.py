from __future__ import annotations

from models.identity import vector_key
from service.flows.ingest import ingest_note
from service.storage import pair_scores, vectors
from service.storage.engine import Store
from tests.factories import NOW, raw_note
from tests.stored import put_request


def keep(store: Store, said: pair_scores.PairScores, model: str = "m-1") -> None:
    with store.write() as connection:
        pair_scores.save(connection, model, said)


def stored(store: Store, *keys: str, model: str | None = None) -> pair_scores.PairScores:
    with store.read() as connection:
        return pair_scores.load(connection, keys, model)


def test_scores_are_kept_by_request_and_item(store: Store) -> None:
    keep(store, {"r": {"a": 1.5, "b": -2.0}, "s": {"a": 0.25}})
    assert stored(store, "r", "s", "t") == {"r": {"a": 1.5, "b": -2.0}, "s": {"a": 0.25}}


def test_a_score_that_is_kept_already_stays(store: Store) -> None:
    keep(store, {"r": {"a": 1.5}})
    keep(store, {"r": {"a": 9.0, "b": 2.0}})
    assert stored(store, "r") == {"r": {"a": 1.5, "b": 2.0}}


def test_another_model_takes_the_place_of_the_last(store: Store) -> None:
    keep(store, {"r": {"a": 1.5}})
    keep(store, {"s": {"a": 3.0}}, model="m-2")
    assert stored(store, "r", "s") == {"s": {"a": 3.0}}


def test_one_model_can_be_asked_for(store: Store) -> None:
    keep(store, {"r": {"a": 1.5}})
    assert stored(store, "r", model="m-2") == {}


def test_what_was_said_of_some_requests_can_be_dropped(store: Store) -> None:
    keep(store, {"r": {"a": 1.5}, "s": {"a": 3.0}})
    with store.write() as connection:
        pair_scores.drop(connection, ["r"])
    assert stored(store, "r", "s") == {"s": {"a": 3.0}}


def test_scores_go_with_the_vectors_that_nothing_uses(store: Store) -> None:
    note = ingest_note(store, raw_note(1, text="We need export."), now=NOW, actor="t").id
    put_request(store, note, text="We need export.")
    used = vector_key("We need export.")
    keep(store, {"gone": {"a": 1.5}, used: {"a": 3.0}})
    with store.write() as connection:
        vectors.drop_unused(connection, ["gone", used])
    assert stored(store, "gone", used) == {used: {"a": 3.0}}
