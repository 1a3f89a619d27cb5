from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from service.flows.forget import delete_note
from service.flows.requests import RequestFilters, list_requests
from service.storage.engine import Store, open_store
from service.storage.tables import pair_scores as pair_scores_table
from tests.flows.world import World, tables_of
from tests.language_fakes import ListeningReranker, fake_language

# Each is about as near to the one item as to the other.
BETWEEN = [
    f"We need {words} please"
    for words in (
        "export of rows with login by okta",
        "rows export and okta login",
        "okta login and export rows",
    )
]
CLEAR = [f"We need bulk export of invoice rows {word}" for word in ("soon", "today", "again")]
CLEAR += [f"They need single login through okta {word}" for word in ("soon", "today", "again")]


@pytest.fixture
def reranker() -> ListeningReranker:
    return ListeningReranker("okta")


@pytest.fixture
def world(store: Store, reranker: ListeningReranker) -> World:
    return World(store, fake_language(reranker))


def items(world: World) -> tuple[str, str]:
    """An item to export and one to log in."""
    export = world.item("Data", "need bulk export of invoice rows")
    return export, world.item("Access", "need single login through okta")


def requests_read(reranker: ListeningReranker) -> set[str]:
    return {request for request, _ in reranker.read}


def kept(world: World) -> int:
    with world.store.read() as connection:
        return len(connection.execute(pair_scores_table.select()).all())


def test_a_request_in_doubt_is_read_with_the_items_as_it_arrives(
    world: World, reranker: ListeningReranker
) -> None:
    items(world)
    world.notes(BETWEEN[:1])
    world.read()
    assert {item for _, item in reranker.read} == {
        "need bulk export of invoice rows. need bulk export of invoice rows",
        "need single login through okta. need single login through okta",
    }


def test_the_re_ranker_decides_where_a_request_in_doubt_goes(store: Store) -> None:
    world = World(store, fake_language(ListeningReranker("okta")))
    _, access = items(world)
    world.notes(BETWEEN[:1])
    world.read()
    assert world.on(access) == set(BETWEEN[:1])


def test_the_opposite_word_sends_it_the_other_way(store: Store) -> None:
    world = World(store, fake_language(ListeningReranker("invoice")))
    export, _ = items(world)
    world.notes(BETWEEN[:1])
    world.read()
    assert world.on(export) == set(BETWEEN[:1])


def test_a_request_that_is_clear_is_not_read(world: World, reranker: ListeningReranker) -> None:
    items(world)
    world.notes(CLEAR)
    world.run()
    assert reranker.read == []


def test_a_run_has_at_most_one_request_in_three_read(
    world: World, reranker: ListeningReranker
) -> None:
    world.language = fake_language()
    world.notes([*BETWEEN, *CLEAR[:2], "We need darker colours"])
    world.read()
    items(world)
    world.language = fake_language(reranker)
    world.run()
    assert len(requests_read(reranker)) == 2


def test_what_was_read_once_is_not_read_again(world: World, reranker: ListeningReranker) -> None:
    items(world)
    world.notes([*BETWEEN, *CLEAR])
    world.run()
    read = len(reranker.read)
    assert read > 0
    world.run()
    assert len(reranker.read) == read


def test_candidates_follow_the_scores_without_a_model(world: World) -> None:
    export, access = items(world)
    world.notes(BETWEEN[:1])
    world.read()
    shown = list_requests(world.store, RequestFilters()).data[0]["candidates"]
    assert [row["theme_id"] for row in shown] == [access, export]
    assert shown[0]["confidence"] > 0.4 > 0.1 > shown[1]["confidence"]


def test_the_order_of_arrival_makes_no_difference_after_a_run(
    tmp_path: Path, migrated_file: Path
) -> None:
    texts = [*BETWEEN, *CLEAR, "We need darker colours"]
    answers = []
    for place in range(2):
        file = shutil.copyfile(migrated_file, tmp_path / f"{place}.db")
        one = open_store(f"sqlite:///{file}")
        world = World(one, fake_language(ListeningReranker("okta")))
        items(world)
        numbered = list(enumerate(texts, start=1))
        random.Random(place).shuffle(numbered)
        for number, text in numbered:
            world.note(number, text)
            world.read()
        world.run()
        rows = tables_of(one)
        answers.append((rows["pair_scores"], world.groups()))
        one.close()
    assert answers[0][0]
    assert answers[0] == answers[1]


def test_a_new_item_is_held_against_what_waits_and_is_in_doubt(
    world: World, reranker: ListeningReranker
) -> None:
    world.notes([*BETWEEN, *CLEAR])
    world.read()
    _, access = items(world)
    assert 0 < len(requests_read(reranker)) <= 3
    assert requests_read(reranker) <= world.on(access)


def test_scores_are_erased_with_their_note(world: World) -> None:
    items(world)
    world.note(1, BETWEEN[0])
    world.read()
    assert kept(world) == 2
    delete_note(world.store, "manual", "n-1", now=world.now, actor="crm")
    assert kept(world) == 0


def test_without_a_re_ranker_a_run_forgets_what_one_had_said(world: World) -> None:
    items(world)
    world.notes(BETWEEN)
    world.read()
    assert kept(world) > 0
    world.language = fake_language()
    world.run()
    assert kept(world) == 0


def test_scores_of_another_model_are_read_anew(world: World, reranker: ListeningReranker) -> None:
    items(world)
    world.notes([*BETWEEN, *CLEAR])
    world.run()
    second = ListeningReranker("invoice")
    second.fingerprint = "listens-2"
    world.language = fake_language(second)
    world.run()
    assert requests_read(second) == requests_read(reranker)
    with world.store.read() as connection:
        known = [row.model for row in connection.execute(pair_scores_table.select())]
    assert set(known) == {"listens-2"}
