"""What waits, worked through by keyboard, and without a script."""

from __future__ import annotations

from typing import Any

import pytest

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
from tests.flows.world import World

ALONE = (
    "They need a purple giraffe statue.",
    "They need quiet violin lessons downstairs.",
    "They need frozen lemon umbrellas overnight.",
)


@pytest.fixture
def world(sqlite_store: Store) -> World:
    """Three requests that are like nothing else, and three items."""
    world = World(sqlite_store)
    for area, need in (("Data", "Bulk export"), ("Access", "Okta sign-on"), ("Look", "Colours")):
        world.item(area, need)
    for number, text in enumerate(ALONE, start=1):
        world.note(number, text, occurred_at=f"2026-07-0{number}T09:00:00Z")
    world.run()
    return world


def rows(page: Any) -> int:
    return int(page.locator(".picks li").count())


def test_it_is_worked_through_by_keyboard(world: World, open_page: OpenPage) -> None:
    with served(world.store) as app:
        page = open_page()
        page.goto(f"{app.url}/desk/waiting")
        press(page, "q")
        assert "Confirmed: 1 request" in page.locator(".notice").inner_text() and rows(page) == 2
        press(page, "z")
        assert "Taken back" in page.locator(".notice").inner_text() and rows(page) == 3
        page.keyboard.press("1")
        page.keyboard.press("3")
        page.keyboard.press("i")
        page.keyboard.type("Access › Okta sign-on")
        press(page, "Enter")
        assert "Confirmed: 2 requests on Okta sign-on" in page.locator(".notice").inner_text()
        page.keyboard.press("a")
        press(page, "x")
        assert "Dismissed" in page.locator(".notice").inner_text()
        assert "Nothing waits" in page.locator("main").inner_text()


def test_it_works_without_javascript(world: World, open_page: OpenPage) -> None:
    with served(world.store) as app:
        page = open_page(script=False)
        page.goto(f"{app.url}/desk/waiting")
        page.get_by_label("Order").select_option("arr")
        follow(page.get_by_role("button", name="Show"))
        assert "order=arr" in page.url
        page.locator(".picks input").first.check()
        follow(page.get_by_role("button", name="Keep off"))
        assert "Kept off every item" in page.locator(".notice").inner_text()
        assert rows(page) == 2 and "order=arr" in page.url
        follow(page.get_by_role("button", name="Undo"))
        assert rows(page) == 3


@pytest.mark.parametrize("width", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_everybody_can_read_it(
    world: World, open_page: OpenPage, width: dict[str, int], dark: bool
) -> None:
    with served(world.store) as app:
        page = open_page(width=width, dark=dark)
        page.goto(f"{app.url}/desk/waiting")
        assert rows(page) == 3
        assert violations(page) == []
        assert overflow(page) <= 0
