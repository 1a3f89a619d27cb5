"""What is held between decisions changes no answer: all is placed as if all were judged anew."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, delete, select, update

from service.flows import staying
from service.flows.settling import settle
from service.storage.engine import Store, migrate, open_store
from service.storage.tables import requests, themes, vectors
from tests.flows.world import World
from tests.language_fakes import ListeningReranker, fake_language

WORDS = ("okta", "keys", "export", "invoice", "rows", "dark", "evening", "merge", "audit", "bulk")
ENCODER = "words-1"


def a_world(
    store: Store, chance: random.Random, reranker: ListeningReranker | None = None
) -> World:
    world = World(store, fake_language(reranker))
    for number in range(5):
        world.item("Area", " ".join(chance.sample(WORDS, 3)) + f" item{number}")
    world.notes(wishes(chance, 24))
    world.run()
    return world


def wishes(chance: random.Random, count: int) -> list[str]:
    return [f"We need {' '.join(chance.sample(WORDS, 4))} {chance.random()}." for _ in range(count)]


def placed(connection: Connection) -> list[tuple[Any, ...]]:
    columns = (requests.c.id, requests.c.theme_id, requests.c.assigned_by, requests.c.confidence)
    rows = connection.execute(select(*columns, requests.c.unclassified_area))
    return sorted(tuple(row) for row in rows)


def settled(store: Store, places: dict[str, Any], *, anew: bool) -> list[tuple[Any, ...]]:
    """Where all is after settling from these places, in a write that is taken back."""
    with store.rehearse() as connection:
        for request_id, place in places.items():
            connection.execute(
                update(requests)
                .where(requests.c.id == request_id, requests.c.assigned_by == "model")
                .where(requests.c.bound.is_(False))
                .values(**place)
            )
        everything = set(connection.scalars(select(requests.c.id)))
        # Named one by one, nothing that is held is asked.
        settle(connection, ENCODER, among=everything if anew else None)
        return placed(connection)


def assert_as_anew(store: Store, chance: random.Random) -> None:
    with store.read() as connection:
        ids = list(connection.scalars(select(requests.c.id).order_by(requests.c.id)))
        items = list(connection.scalars(select(themes.c.id).where(themes.c.status == "accepted")))
    some = {
        key: {"theme_id": chance.choice(items), "confidence": chance.random()}
        for key in chance.sample(ids, len(ids) // 3)
    }
    for places in ({}, some):
        expected = settled(store, places, anew=True)
        found = settled(store, places, anew=False)
        assert [row[:3] for row in found] == [row[:3] for row in expected]
        assert [row[4] for row in found] == [row[4] for row in expected]
        assert [row[3] for row in found] == pytest.approx([row[3] for row in expected], abs=2e-6)


def act(world: World, chance: random.Random, number: int) -> str | None:
    """One thing that somebody does; the decision's id where it is one."""
    with world.store.read() as connection:
        rows = [
            tuple(row) for row in connection.execute(select(requests.c.id, requests.c.theme_id))
        ]
        known = list(connection.execute(select(themes.c.id, themes.c.status)))
    items = sorted(theme for theme, status in known if status == "accepted")
    theme = chance.choice(items)
    members = sorted(key for key, on in rows if on == theme)[:2]
    kind = chance.choice(["confirm", "move", "dismiss", "accept", "merge", "edit", "notes"])
    if kind == "notes":
        world.notes(wishes(chance, 3), first=100 + 10 * number)
        world.read()
        return None
    if kind == "accept":
        proposed = sorted(theme for theme, status in known if status == "proposed")
        if not proposed:
            return None
        said = {"feature_area": "Area", "customer_need": " ".join(chance.sample(WORDS, 3))}
        return decided(world, chance.choice(proposed), "accept", **said)
    if kind == "edit":
        need = " ".join(chance.sample(WORDS, 3)) + str(number)
        return decided(world, theme, "edit", feature_area="Area", customer_need=need)
    others = [other for other in items if other != theme]
    if kind == "merge":
        return decided(world, theme, "merge", into=chance.choice(others)) if others else None
    if not members or not others:
        return None
    said = {"move": {"to": chance.choice([None, *others])}, "dismiss": {"reason": "chatter"}}.get(
        kind, {}
    )
    return decided(world, theme, kind, requests=members, **said)


def decided(world: World, theme: str, action: str, **said: Any) -> str:
    return str(world.decide(theme, action, **said)["decision_id"])


@pytest.mark.parametrize("reads_again", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_whatever_happens_all_is_placed_as_if_all_were_judged_anew(
    sqlite_store: Store, seed: int, reads_again: bool
) -> None:
    chance = random.Random(seed)
    reranker = ListeningReranker("okta") if reads_again else None
    world = a_world(sqlite_store, chance, reranker)
    for number in range(6):
        made = act(world, chance, number)
        assert_as_anew(sqlite_store, chance)
        if made is not None and chance.random() < 0.5:
            world.undo(made)
            assert_as_anew(sqlite_store, chance)


def test_too_many_to_hold_are_all_judged(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staying, "MOST_BYTES", 1_000)
    chance = random.Random(1)
    a_world(sqlite_store, chance)
    assert_as_anew(sqlite_store, chance)


def test_requests_without_rows_stay_where_they_are(sqlite_store: Store) -> None:
    chance = random.Random(1)
    a_world(sqlite_store, chance)
    with sqlite_store.write() as connection:
        connection.execute(
            delete(vectors).where(vectors.c.vector_key.in_(select(requests.c.vector_key)))
        )
    with sqlite_store.read() as connection:
        before = placed(connection)
    assert settled(sqlite_store, {}, anew=False) == before


def test_two_stores_share_nothing(tmp_path: Path) -> None:
    for name, turned in (("one", False), ("other", True)):
        url = f"sqlite:///{tmp_path / name}.db"
        migrate(url)
        store = open_store(url)
        chance = random.Random(2)
        a_world(store, chance)
        if turned:
            turn_requests(store)
        assert_as_anew(store, chance)


def turn_requests(store: Store) -> None:
    """The same requests' keys stand for other rows: each has the next one's."""
    with store.write() as connection:
        rows: Sequence[Any] = connection.execute(
            select(vectors.c.vector_key, vectors.c.data)
            .where(vectors.c.vector_key.in_(select(requests.c.vector_key)))
            .order_by(vectors.c.vector_key)
        ).all()
        for row, following in zip(rows, [*rows[1:], rows[0]], strict=True):
            connection.execute(
                update(vectors)
                .where(vectors.c.vector_key == row.vector_key)
                .values(data=following.data)
            )


def test_what_is_erased_is_held_no_longer_after_the_next_look(sqlite_store: Store) -> None:
    chance = random.Random(3)
    a_world(sqlite_store, chance)
    assert_as_anew(sqlite_store, chance)
    with sqlite_store.rehearse() as connection:
        held, _ = staying.held_rows(connection, ENCODER)
        before = len(held)
        erased = connection.scalars(select(requests.c.id).order_by(requests.c.id).limit(5)).all()
        connection.execute(update(requests).where(requests.c.id.in_(erased)).values(held=True))
        settle(connection, ENCODER)
        assert len(held) < before
