"""The review desk as CS Ops works on it: by keyboard, two at once, without a mouse."""

from __future__ import annotations

from typing import Any

import pytest

from service.flows.theme_names import theme_names
from service.storage import decisions
from service.storage.engine import Store
from tests.browser.conftest import (
    NARROW,
    WIDE,
    OpenPage,
    follow,
    overflow,
    press,
    served,
    violations,
)
from tests.flows.world import EXPORT, LOGIN, World, texts_on

# A need of its own for each: they share no word but the one the fake reader goes by.
WORDS = [
    "apple",
    "basket",
    "candle",
    "dragon",
    "engine",
    "falcon",
    "garden",
    "hammer",
    "island",
    "jungle",
    "kettle",
    "lemon",
    "mirror",
    "needle",
    "orange",
    "pillow",
    "quartz",
    "ribbon",
    "saddle",
    "temple",
    "umbrella",
    "violin",
    "window",
    "xylophone",
    "yacht",
    "zebra",
    "anchor",
    "bridge",
    "copper",
    "desert",
]


@pytest.fixture
def world(sqlite_store: Store) -> World:
    """Two proposed themes and one live item."""
    world = World(sqlite_store)
    world.item("Data", "Quite another thing")
    for number, text in enumerate([*texts_on(EXPORT, 5), *texts_on(LOGIN, 3)], start=1):
        world.note(number, text)
    world.run()
    return world


def many(world: World, themes: int) -> None:
    """So many proposed themes of three requests."""
    number = 100
    for n in range(themes):
        word = WORDS[n]
        subject = f"We need {word} {word}ing {word}ish {word}like {word}some {word}ward"
        for text in texts_on(subject, 3):
            world.note(number, text)
            number += 1
    world.run()


def proposed(store: Store) -> int:
    labels = theme_names(store).labels
    live = {item.theme_id for item in theme_names(store).items}
    return len(set(labels) - live)


def decisions_taken(store: Store) -> int:
    with store.read() as connection:
        return len(decisions.after(connection, 0))


def heading(page: Any) -> str:
    return str(page.locator("h1").inner_text())


def test_thirty_proposals_are_answered_by_keyboard_alone(
    sqlite_store: Store, open_page: OpenPage
) -> None:
    world = World(sqlite_store)
    many(world, 30)
    assert proposed(sqlite_store) >= 30
    with served(sqlite_store) as app:
        page = open_page()
        page.goto(f"{app.url}/desk/review")
        for place in range(30):
            seen = heading(page)
            press(page, "n" if place % 3 == 2 else "y")
            assert seen in page.locator(".notice").inner_text()
    assert decisions_taken(sqlite_store) == 30


def test_an_answer_is_taken_back_by_one_key(world: World, open_page: OpenPage) -> None:
    with served(world.store) as app:
        page = open_page()
        page.goto(f"{app.url}/desk/review")
        asked, before = heading(page), proposed(world.store)
        press(page, "n")
        assert heading(page) != asked and proposed(world.store) == before - 1
        press(page, "z")
        assert "Taken back" in page.locator(".notice").inner_text()
        assert heading(page) == asked and proposed(world.store) == before


def test_a_key_held_down_answers_one_question(world: World, open_page: OpenPage) -> None:
    with served(world.store) as app:
        page = open_page()
        page.goto(f"{app.url}/desk/review")
        with page.expect_navigation():
            page.keyboard.down("n")
        asked = heading(page)
        # What the keyboard repeats by itself, and then a key of its own.
        page.keyboard.down("n")
        page.keyboard.up("n")
        page.keyboard.press("?")
        assert heading(page) == asked and decisions_taken(world.store) == 1


def test_a_page_that_is_shown_again_can_be_answered_again(
    world: World, open_page: OpenPage
) -> None:
    with served(world.store) as app:
        page = open_page()
        page.goto(f"{app.url}/desk/review")
        page.route("**/desk/review", lambda route: route.fulfill(status=204))
        with page.expect_response("**/desk/review"):
            page.keyboard.press("n")
        page.unroute("**/desk/review")
        # What a browser tells of a page that it had kept whole, when somebody goes back to it.
        page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
        press(page, "n")
    assert decisions_taken(world.store) == 1


def test_of_two_reviewers_the_second_sees_the_first_and_overwrites_nothing(
    world: World, open_page: OpenPage
) -> None:
    with served(world.store) as app:
        ana, ben = open_page(), open_page()
        for page in (ana, ben):
            page.goto(f"{app.url}/desk/review")
        asked = heading(ana)
        press(ana, "n")
        press(ben, "y")
        assert "Somebody else has decided" in ben.get_by_role("alert").inner_text()
        assert heading(ben) != asked
    assert asked not in theme_names(world.store).labels.values()


def test_a_reviewer_sees_what_another_decided_meanwhile(world: World, open_page: OpenPage) -> None:
    with served(world.store) as app:
        page = open_page()
        page.goto(f"{app.url}/desk/review")
        asked = heading(page)
        other = next(
            theme_id
            for theme_id, label in theme_names(world.store).labels.items()
            if label not in (asked, "Quite another thing")
        )
        world.decide(other, "reject", reason="no")
        press(page, "n")
        assert "ops: Rejected: " in page.locator(".others").inner_text()
        assert asked in page.locator(".notice").inner_text()


def test_an_item_is_chosen_by_typing_and_enter(world: World, open_page: OpenPage) -> None:
    with served(world.store) as app:
        page = open_page()
        page.goto(f"{app.url}/desk/review")
        page.keyboard.press("i")
        page.keyboard.type("Data › Single place for it")
        press(page, "Enter")
        assert "Accepted" in page.locator(".notice").inner_text()
    assert "Single place for it" in [item.customer_need for item in theme_names(world.store).items]


def test_ticked_quotes_are_split_off(world: World, open_page: OpenPage) -> None:
    with served(world.store) as app:
        page = open_page()
        page.goto(f"{app.url}/desk/review")
        before = proposed(world.store)
        page.keyboard.press("1")
        page.keyboard.press("2")
        assert page.locator("input[name=requests]:checked").count() == 2
        press(page, "s")
        assert "Split off" in page.locator(".notice").inner_text()
    assert proposed(world.store) == before + 1


def test_a_button_that_lacks_its_quotes_says_so(world: World, open_page: OpenPage) -> None:
    with served(world.store) as app:
        page = open_page()
        page.goto(f"{app.url}/desk/review")
        asked = heading(page)
        press(page, "s")
        assert "Tick the quotes" in page.get_by_role("alert").inner_text()
        assert heading(page) == asked


def test_it_works_without_javascript(world: World, open_page: OpenPage) -> None:
    with served(world.store) as app:
        page = open_page(script=False)
        page.goto(f"{app.url}/desk/review")
        asked = heading(page)
        follow(page.get_by_role("button", name="Not one need"))
        assert asked in page.locator(".notice").inner_text()
        follow(page.get_by_role("button", name="Undo"))
        assert heading(page) == asked


@pytest.mark.parametrize("width", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_everybody_can_read_it(
    world: World, open_page: OpenPage, width: dict[str, int], dark: bool
) -> None:
    with served(world.store) as app:
        page = open_page(width=width, dark=dark)
        page.goto(f"{app.url}/desk/review")
        assert violations(page) == []
        assert overflow(page) <= 0


def test_what_notes_hold_is_text_and_never_runs(sqlite_store: Store, open_page: OpenPage) -> None:
    world = World(sqlite_store)
    attack = 'We need <script>alert(1)</script> "><img src=x onerror=alert(1)>'
    for number, text in enumerate([*texts_on(EXPORT, 5), *texts_on(attack, 5)], start=1):
        world.note(number, text)
    world.run()
    with served(sqlite_store) as app:
        page = open_page()
        page.goto(f"{app.url}/desk/review")
        while "<script>" not in page.locator(".picks").inner_text():
            follow(page.get_by_role("link", name="Skip"))
        assert page.locator("main script, main img").count() == 0
        assert "Review" in page.title()
