"""The page of a theme in a browser, and the whole walk: accept, merge, split, signals, undo."""

from __future__ import annotations

import re
from typing import Any

import pytest

from service.flows.theme_names import theme_names
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
from tests.flows.world import COLOUR, EXPORT, LOGIN, World, texts_on


@pytest.fixture
def world(sqlite_store: Store) -> World:
    """Three proposed themes and one live item."""
    world = World(sqlite_store)
    world.item("Data", "Quite another thing")
    world.notes([*texts_on(EXPORT, 5), *texts_on(LOGIN, 4), *texts_on(COLOUR, 3)])
    world.run()
    return world


def notice(page: Any) -> str:
    return str(page.locator(".notice").first.inner_text())


def signals(page: Any, url: str) -> str:
    """What the board of the quarter shows."""
    page.goto(f"{url}/?quarter=2026-Q3")
    return str(page.locator("main").inner_text())


def test_accept_merge_and_split_show_in_the_signals_at_once_and_are_taken_back(
    world: World, open_page: OpenPage
) -> None:
    export, login, colour = (world.proposed_with(words) for words in (EXPORT, LOGIN, COLOUR))
    with served(world.store) as app:
        page = open_page()
        # Accept one theme as a new item, by typing.
        page.goto(f"{app.url}/desk/themes/{export}")
        page.keyboard.press("i")
        page.keyboard.type("Data › Everything in bulk")
        press(page, "Enter")
        assert "Accepted" in notice(page) and "Data › Everything in bulk" in page.content()
        assert "Everything in bulk" in signals(page, app.url)
        # Merge another into it, by typing its name.
        sign_on = theme_names(world.store).labels[login]
        assert sign_on in signals(page, app.url)
        page.goto(f"{app.url}/desk/themes/{login}")
        page.keyboard.press("u")
        page.keyboard.type("Data › Everything in bulk")
        press(page, "Enter")
        assert page.url.split("?")[0].endswith(export) and "Merged" in notice(page)
        assert page.locator(".picks li").count() == 9
        assert sign_on not in signals(page, app.url)
        page.go_back()
        press(page, "z")
        assert "Taken back" in notice(page) and page.url.split("?")[0].endswith(login)
        assert sign_on in signals(page, app.url)
        # Split two off the third.
        page.goto(f"{app.url}/desk/themes/{colour}")
        before = len(theme_names(world.store).labels)
        page.keyboard.press("1")
        page.keyboard.press("2")
        press(page, "s")
        assert "Split off: 2 requests" in notice(page)
        assert len(theme_names(world.store).labels) == before + 1
        follow(page.get_by_role("link", name="see what was split off"))
        assert page.locator(".picks li").count() == 2
        assert str(page.locator("h1").inner_text()) in signals(page, app.url)


def test_a_decision_is_undone_where_it_is_told(world: World, open_page: OpenPage) -> None:
    theme_id = world.proposed_with(EXPORT)
    with served(world.store) as app:
        page = open_page()
        page.goto(f"{app.url}/desk/themes/{theme_id}")
        page.keyboard.press("l")
        page.keyboard.type("A better name")
        press(page, "Enter")
        assert page.locator("h1").inner_text() == "A better name"
        follow(page.get_by_role("button", name="Undo Renamed"))
        assert page.locator("h1").inner_text() != "A better name"
        assert page.locator("s").inner_text().startswith("Renamed")


def test_what_is_close_is_merged_by_its_button(world: World, open_page: OpenPage) -> None:
    theme_id = world.proposed_with(EXPORT)
    ids = [row["id"] for row in world.theme(theme_id)["members"]]
    world.decide(theme_id, "split", requests=ids[:2])
    with served(world.store) as app:
        page = open_page(script=False)
        page.goto(f"{app.url}/desk/themes/{theme_id}")
        follow(page.get_by_role("button", name=re.compile("^Merge into it ?:")).first)
        assert "Merged" in notice(page) and page.locator(".picks li").count() == 5


@pytest.mark.parametrize("width", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_everybody_can_read_it(
    world: World, open_page: OpenPage, width: dict[str, int], dark: bool
) -> None:
    theme_id = world.proposed_with(EXPORT)
    ids = [row["id"] for row in world.theme(theme_id)["members"]]
    world.decide(theme_id, "split", requests=ids[:2])
    world.decide(theme_id, "rename", label="Another name")
    with served(world.store) as app:
        page = open_page(width=width, dark=dark)
        page.goto(f"{app.url}/desk/themes/{theme_id}")
        page.locator("summary").click()
        assert violations(page) == []
        assert overflow(page) <= 0


def test_a_key_whose_field_is_empty_leads_to_the_field(world: World, open_page: OpenPage) -> None:
    with served(world.store) as app:
        page = open_page()
        page.goto(f"{app.url}/desk/themes/{world.proposed_with(LOGIN)}")
        for key, name in (("g", "into"), ("r", "label"), ("o", "item"), ("m", "item")):
            page.keyboard.press(key)
            assert page.evaluate("document.activeElement.name") == name
            page.keyboard.press("Escape")


def test_after_a_refused_name_typing_goes_on_in_its_field(
    world: World, open_page: OpenPage
) -> None:
    theme = world.proposed_with(LOGIN)
    with served(world.store) as app:
        page = open_page()
        page.goto(f"{app.url}/desk/themes/{theme}")
        page.keyboard.press("u")
        page.keyboard.type("Nothing of the sort")
        page.keyboard.press("Escape")
        press(page, "g")
        assert "Nothing of the sort" in page.locator("#into, [name=into]").first.input_value()
        page.keyboard.type("nor this")
        assert page.locator("[name=into]").first.input_value() == "nor this"
    assert world.theme(theme)["status"] == "proposed"
