"""The taxonomy as CS Ops keeps it: by keyboard, with a look before each step; and scriptless."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from service.flows.taxonomy import list_items
from service.storage.engine import Store
from tests.browser.conftest import (
    NARROW,
    WIDE,
    OpenPage,
    Served,
    follow,
    overflow,
    press,
    served,
    violations,
    without,
)
from tests.flows.world import LOGIN, World, texts_on

TREE = "/desk/taxonomy?quarter=2026-Q3"


@pytest.fixture
def app(sqlite_store: Store) -> Iterator[Served]:
    """Two items, one with requests on it, and a candidate for a third."""
    world = World(sqlite_store)
    world.item("Access", "Sign on", description=LOGIN, examples=["Okta, please"])
    world.item("Data", "Quite another thing")
    world.notes(texts_on(LOGIN, 4))
    for number, animal in enumerate(["pony", "zebra", "camel"], start=60):
        world.note(number, f"We need a {animal}.")
    world.run()
    with served(sqlite_store) as application:
        yield application


def statuses(app: Served) -> dict[str, str]:
    return {one.item.customer_need: one.status.value for one in list_items(app.store).data}


def open_by_key(page: Any, key: str) -> None:
    """Press what the page says the key is for."""
    page.keyboard.press(key)


def test_an_item_is_made_merged_after_a_look_and_undone_by_keyboard(
    app: Served, open_page: OpenPage
) -> None:
    page = open_page()
    page.goto(f"{app.url}{TREE}")
    open_by_key(page, "i")
    page.get_by_label("Feature area").focus()
    page.keyboard.type("Access")
    page.keyboard.press("Tab")
    page.keyboard.type("Okta")
    with page.expect_navigation():
        page.get_by_role("button", name="Make it live").press("Enter")
    assert "Made live: Okta" in page.locator(".notice").inner_text()

    with page.expect_navigation():
        page.get_by_role("link", name="Sign on", exact=True).press("Enter")
    open_by_key(page, "g")
    page.get_by_label("The item that stays").focus()
    page.keyboard.type("Access › Okta")
    press(page, "Enter")
    assert "nothing is stored yet" in page.locator("main").inner_text()
    row = page.get_by_role("row").filter(has_text="Okta")
    assert "gains" in row.inner_text()
    assert statuses(app)["Sign on"] == "live"
    press(page, "y")
    assert "Merged: Sign on into Okta" in page.locator(".notice").inner_text()
    assert statuses(app)["Sign on"] == "retired"
    press(page, "z")
    assert "Taken back" in page.locator(".notice").inner_text()
    assert statuses(app)["Sign on"] == "live"


def test_it_works_without_javascript(app: Served, open_page: OpenPage) -> None:
    page = open_page(script=False)
    page.goto(f"{app.url}{TREE}")
    page.get_by_label("Area, need or words in them").fill("okta")
    follow(page.get_by_role("button", name="Show"))
    follow(page.get_by_role("link", name="Sign on", exact=True))
    page.locator("summary", has_text="Edit or rename").click()
    page.get_by_label("Customer need").fill("Single sign-on")
    form = page.locator("form", has=page.get_by_label("Customer need"))
    follow(form.get_by_role("button", name="Preview"))
    assert "was: Sign on" in page.locator("main").inner_text()
    follow(page.get_by_role("button", name="Save it"))
    assert "Edited: Single sign-on" in page.locator(".notice").inner_text()
    follow(page.get_by_role("button", name="Undo"))
    assert statuses(app)["Sign on"] == "live" and "Single sign-on" not in statuses(app)


def test_a_candidate_is_made_an_item_at_once(app: Served, open_page: OpenPage) -> None:
    page = open_page()
    page.goto(f"{app.url}{TREE}")
    follow(page.get_by_role("link", name="Unclassified by month"))
    card = page.locator(".card", has_text="Unclassified >")
    assert "We need a pony." in card.inner_text()
    card.get_by_label("Feature area").fill("Zoo")
    card.get_by_label("Customer need").fill("Animals")
    follow(card.get_by_role("button", name="Preview"))
    follow(page.get_by_role("button", name="Make it an item"))
    assert "Accepted: Animals" in page.locator(".notice").inner_text()
    assert statuses(app)["Animals"] == "live"


def test_typing_hides_what_does_not_hold_the_words(app: Served, open_page: OpenPage) -> None:
    page = open_page()
    page.goto(f"{app.url}{TREE}")
    page.get_by_label("Area, need or words in them").press_sequentially("quite")
    assert page.get_by_role("link", name="Quite another thing", exact=True).is_visible()
    assert not page.get_by_role("link", name="Sign on", exact=True).is_visible()
    assert page.locator("[data-count]").inner_text() == "1"


def test_words_typed_before_the_script_has_come_count(app: Served, open_page: OpenPage) -> None:
    page = open_page()
    with without(page, f"{app.url}{TREE}", "**/static/taxonomy.js"):
        page.get_by_label("Area, need or words in them").fill("quite")
    assert not page.get_by_role("link", name="Sign on", exact=True).is_visible()
    assert page.locator("[data-count]").inner_text() == "1"


@pytest.mark.parametrize("width", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_everybody_can_read_it(
    app: Served, open_page: OpenPage, width: dict[str, int], dark: bool
) -> None:
    page = open_page(width=width, dark=dark)
    page.goto(f"{app.url}{TREE}")
    look_at(page)
    follow(page.get_by_role("link", name="Unclassified by month"))
    look_at(page)
    page.goto(f"{app.url}{TREE}")
    follow(page.get_by_role("link", name="Sign on", exact=True))
    look_at(page)
    page.get_by_label("The item that stays").fill("Data › Quite another thing")
    follow(page.locator("form", has=page.locator("#into")).get_by_role("button", name="Preview"))
    look_at(page)


def look_at(page: Any) -> None:
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert violations(page) == []
    assert overflow(page) <= 0
