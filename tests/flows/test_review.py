from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from models.decisions import parse_decision
from models.errors import InvalidInput
from models.policy import COMBINED
from models.window import Calendar
from service.flows.portfolio import upsert_accounts
from service.flows.review import review_queue
from service.storage.engine import Store
from service.storage.tables import requests
from tests.factories import lines_of
from tests.flows.world import COLOUR, EXPORT, LOGIN, World, texts_on

# Words that no subject has, so that a text with them is near to none.
ODD = "sandwiches with mustard, pickles, gravy and lemonade"
CALENDAR = Calendar(ZoneInfo("UTC"))


@pytest.fixture
def world(store: Store) -> World:
    """Two proposed themes: one of five accounts, one of two; and an item nothing is on."""
    world = World(store)
    world.item("Data", "Quite another thing")
    for number, text in enumerate([*texts_on(EXPORT, 5), *texts_on(LOGIN, 2)], start=1):
        world.note(number, text, csm_id="c-1")
    world.run()
    return world


def queue(world: World, **page: Any) -> list[dict[str, Any]]:
    found = review_queue(world.store, now=world.now, calendar=CALENDAR, policy=COMBINED, **page)
    return [dict(row) for row in found.data]


def arr(world: World, **amounts: int) -> None:
    """ARR of accounts: a_1=500."""
    rows = [
        {"account_id": name.replace("_", "-"), "arr": amount, "health": "green"}
        for name, amount in amounts.items()
    ]
    upsert_accounts(world.store, lines_of(*rows), now=world.now, actor="t")


def doubt(world: World, words: str, confidence: float = 0.4) -> None:
    """Make the machine as sure of a request as this."""
    with world.store.write() as connection:
        connection.execute(
            update(requests).where(requests.c.text.contains(words)).values(confidence=confidence)
        )


def test_a_proposed_theme_comes_with_its_requests_and_its_etag(world: World) -> None:
    row = next(row for row in queue(world) if "export" in row["requests"][0]["text"])
    assert row["kind"] == "theme"
    assert row["theme"]["id"] == world.proposed_with("export")
    assert row["theme"]["etag"] == world.theme(row["theme"]["id"])["etag"]
    assert len(row["requests"]) == 5
    assert row["due_at"] == world.now + timedelta(hours=48)


def test_what_changes_a_level_comes_first(world: World) -> None:
    # Five accounts meet `frequency`; two of small ARR meet nothing.
    arr(world, **{f"a_{n}": 100 for n in range(1, 8)}, a_99=1_000_000)
    first, second = queue(world)
    assert "export" in first["requests"][0]["text"]
    assert first["impact"]["signals"] == [
        {"theme_id": first["theme"]["id"], "from": "candidate", "to": "anecdote"}
    ]
    assert second["impact"]["signals"] == []


def test_equal_changes_are_ordered_by_arr(world: World) -> None:
    # Nobody's requests are of this quarter, so no answer changes a signal.
    world.later(days=200)
    arr(world, a_6=9_000, a_1=10)
    first, second = queue(world)
    assert "okta" in first["requests"][0]["text"]
    assert first["impact"] == {"signals": [], "arr": Decimal(9_000)}
    assert second["impact"]["arr"] == Decimal(10)


def test_accepting_onto_an_item_weighs_on_the_item(world: World) -> None:
    theme = world.proposed_with("okta")
    world.decide(theme, "confirm", requests=world.ids(["okta soon", "okta today"]))
    item = world.item("Access", LOGIN)
    for number, word in enumerate(("one", "two"), start=50):
        world.note(number, f"{LOGIN} number {word}.", csm_id="c-1")
    world.run()
    row = next(row for row in queue(world) if row["theme"]["id"] == theme)
    # Two accounts each; together they meet `frequency`.
    assert row["impact"]["signals"] == [{"theme_id": item, "from": "anecdote", "to": "candidate"}]


def test_a_proposal_is_overdue_after_its_time(world: World) -> None:
    assert not any(row["overdue"] for row in queue(world))
    world.later(hours=49)
    assert all(row["overdue"] for row in queue(world))


@pytest.mark.parametrize("answer", ["accept", "reject", "merge"])
def test_an_answered_theme_leaves_the_queue(world: World, answer: str) -> None:
    theme, other = world.proposed_with("okta"), world.proposed_with("export")
    said = {
        "accept": {"feature_area": "Access", "customer_need": "Sign on"},
        "reject": {"reason": "no"},
        "merge": {"into": other},
    }[answer]
    world.decide(theme, answer, **said)
    assert theme not in {row["theme"]["id"] for row in queue(world) if row["kind"] == "theme"}


def doubtful(world: World) -> dict[str, Any]:
    return next(row for row in queue(world) if row["kind"] == "requests")


def test_doubtful_assignments_to_an_item_are_asked_about(world: World) -> None:
    item = world.item("Looks", COLOUR)
    world.notes(texts_on(COLOUR, 3), first=50)
    world.read()
    doubt(world, "colours", confidence=0.9)
    assert all(row["kind"] == "theme" for row in queue(world))
    doubt(world, "colours")
    row = doubtful(world)
    assert row["theme"]["id"] == item
    assert len(row["requests"]) == 3


def test_a_row_holds_at_most_twelve_requests(world: World) -> None:
    world.item("Looks", COLOUR)
    world.notes([f"{COLOUR} number {chr(97 + n) * 4}." for n in range(15)], first=50)
    world.read()
    doubt(world, "colours")
    rows = [row for row in queue(world) if row["kind"] == "requests"]
    assert sorted(len(row["requests"]) for row in rows) == [3, 12]


@pytest.mark.parametrize("answer", ["confirm", "move", "dismiss"])
def test_answered_requests_leave_the_queue(world: World, answer: str) -> None:
    world.item("Looks", COLOUR)
    world.notes(texts_on(COLOUR, 3), first=50)
    world.read()
    doubt(world, "colours")
    row = doubtful(world)
    said: dict[str, Any] = {"requests": [request["id"] for request in row["requests"]]}
    if answer == "move":
        said["to"] = None
    if answer == "dismiss":
        said["reason"] = "chatter"
    world.decide(row["theme"]["id"], answer, if_match=row["theme"]["etag"], **said)
    assert not any(row["kind"] == "requests" for row in queue(world))


def test_waiting_requests_are_asked_about_with_their_best_item(world: World) -> None:
    item = world.item("Looks", "Pony saddles")
    world.note(50, f"We need a pony, {ODD}.")
    world.read()
    assert world.theme_of("pony") is None
    row = doubtful(world)
    assert row["theme"]["id"] == item
    world.decide(item, "confirm", requests=[row["requests"][0]["id"]])
    assert world.theme_of("pony") == item
    assert not any(row["kind"] == "requests" for row in queue(world))


def test_a_group_is_asked_about_once(store: Store) -> None:
    # Too few to be clustered, so they wait.
    world = World(store)
    world.item("Data", "Quite another thing")
    world.notes([f"We need a {animal}." for animal in ("pony", "zebra", "camel")])
    world.run()
    about = [(row["kind"], row["theme"]["origin"]) for row in queue(world)]
    assert about == [("theme", "unclassified")]


def test_pages_follow_one_another_without_gap_or_repeat(world: World) -> None:
    world.item("Looks", COLOUR)
    world.notes(texts_on(COLOUR, 8), first=50)
    world.read()
    doubt(world, "colours")
    whole = [row["theme"]["id"] for row in queue(world)]
    seen, cursor = [], ""
    while True:
        page = review_queue(
            world.store, now=world.now, calendar=CALENDAR, policy=COMBINED, cursor=cursor, limit=1
        )
        seen += [row["theme"]["id"] for row in page.data]
        cursor = page.next_cursor
        if not cursor:
            break
    assert seen == whole


def test_a_cursor_that_nothing_answered_is_refused(world: World) -> None:
    with pytest.raises(InvalidInput) as refused:
        queue(world, cursor="nonsense")
    assert refused.value.code == "bad_cursor"


def test_the_likeliest_answer_can_be_posted_as_it_is(world: World) -> None:
    item = world.item("Looks", COLOUR)
    world.notes(texts_on(COLOUR, 3), first=50)
    world.read()
    doubt(world, "colours")
    row = doubtful(world)
    best = row["suggested_action"]
    assert (best["action"], best["body"]["action"]) == ("confirm", "confirm")
    assert 0.0 <= row["alternatives"][0]["confidence"] <= best["confidence"] <= 1.0
    said = {key: value for key, value in best["body"].items() if key != "action"}
    world.decide(item, best["action"], **said)
    assert not any(row["kind"] == "requests" for row in queue(world))


def test_a_proposed_theme_offers_what_it_may_be_and_to_reject_it(world: World) -> None:
    row = next(row for row in queue(world) if "okta" in row["requests"][0]["text"])
    offered = [row["suggested_action"], *row["alternatives"]]
    assert {offer["action"] for offer in offered} == {"accept", "reject"}
    for offer in offered:
        assert parse_decision(offer["body"]).action.value == offer["action"]


def test_what_came_with_a_group_is_asked_about_where_it_is_strange(world: World) -> None:
    world.note(50, f"We need a pony, {ODD}.")
    world.read()
    strange = world.request_like("pony").id
    with world.store.write() as connection:
        connection.execute(
            update(requests)
            .where(requests.c.id == strange)
            .values(theme_id=world.proposed_with("okta"), assigned_by="model", confidence=0.9)
        )
    theme = world.proposed_with("okta")
    world.decide(theme, "accept", feature_area="Access", customer_need="Single sign-on okta")
    row = doubtful(world)
    assert [request["id"] for request in row["requests"]] == [strange]
    world.decide(theme, "confirm", requests=[strange])
    assert not any(row["kind"] == "requests" for row in queue(world))
