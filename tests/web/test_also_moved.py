"""After a decision: which other signals went to another level by it."""

from __future__ import annotations

import html
import re
from datetime import date

import pytest
from fastapi.testclient import TestClient

from models.policy import Level
from service.flows.moved_levels import MovedSignal
from service.storage.engine import Store
from service.web.decided import also_moved
from tests.api.conftest import make_client
from tests.flows.world import EXPORT, LOGIN, World, texts_on
from tests.language_fakes import fake_language
from tests.web.pressing import press

REVIEW = "/desk/review"


@pytest.fixture
def world(sqlite_store: Store) -> World:
    """A theme that one account asks for, and one of three."""
    world = World(sqlite_store)
    world.notes(texts_on(LOGIN, 3))
    for number, text in enumerate(texts_on(EXPORT, 2), start=10):
        world.note(number, text, account_id="a-10", csm_id="c-1")
    world.run()
    return world


@pytest.fixture
def client(world: World) -> TestClient:
    return make_client(world.store, language=fake_language, fixed_day=date(2026, 9, 30))


def told(page: str) -> str:
    """The line on what was done, without its links."""
    found = re.search(r'<form class="notice".*?</form>', page, re.DOTALL)
    assert found
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", found[0])).split())


def merge(world: World, client: TestClient) -> str:
    """Merge the larger theme into the other; the page after it."""
    theme_id, into = world.proposed_with(LOGIN), world.proposed_with(EXPORT)
    page: str = press(client, f"/desk/themes/{theme_id}", f"merge:{into}").text
    return page


def test_a_signal_that_rose_besides_is_told_with_a_link(world: World, client: TestClient) -> None:
    client.get(REVIEW)
    page = merge(world, client)
    into = world.proposed_with(EXPORT)
    label = world.theme(into)["label"]
    assert f"Also, by what it moved or taught: {label} rose from Anecdote to Candidate." in told(
        page
    )
    assert f'<a href="/board/{into}">{label}</a>' in page


def test_it_is_called_what_it_is_called_by_now(world: World, client: TestClient) -> None:
    client.get(REVIEW)
    decided = re.search(r'action="/desk/undo/([^"?]+)', merge(world, client))
    assert decided
    world.decide(world.proposed_with(EXPORT), "rename", label="Something else by now")
    page = client.get(REVIEW, params={"done": decided[1]}).text
    assert "taught: Something else by now rose from" in told(page)


def test_what_was_taken_back_is_told_no_more(world: World, client: TestClient) -> None:
    client.get(REVIEW)
    undo = re.search(r'action="(/desk/undo/[^"]+)"', merge(world, client))
    assert undo
    assert "Also," not in client.post(html.unescape(undo[1])).text


def test_nothing_is_told_where_others_wrote_since_somebody_looked(
    world: World, client: TestClient
) -> None:
    client.get(REVIEW)
    world.note(9, "Nothing at all.")
    assert "Also," not in merge(world, client)


def test_a_decision_that_moves_nothing_else_says_nothing(world: World, client: TestClient) -> None:
    client.get(REVIEW)
    theme_id = world.proposed_with(LOGIN)
    assert "Also," not in press(client, f"/desk/themes/{theme_id}", "reject").text


def test_of_many_signals_the_first_are_named() -> None:
    moved = [MovedSignal("t", f"S{n}", Level.P1, Level.SIGNAL if n else None) for n in range(5)]
    shown = [f"{name} {how}".strip() for name, _, how in also_moved(moved)]
    assert shown == [
        "S0 is off the board, where it was P1",
        "S1 fell from P1 to Signal",
        "S2 fell from P1 to Signal",
        "and 2 more",
    ]
