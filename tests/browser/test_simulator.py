"""The simulator while a slider moves, and without a script."""

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
    served,
    violations,
    without,
)
from tests.flows.world import EXPORT, World, texts_on

ADDRESS = "/desk/simulator?quarter=2026-Q3"


@pytest.fixture
def world(sqlite_store: Store) -> World:
    """One need of four accounts of one CSM, which is a candidate."""
    world = World(sqlite_store)
    world.item("Data", "Bulk export of invoice rows")
    for number, text in enumerate(texts_on(EXPORT, 4), start=1):
        world.note(number, text, csm_id="c-1")
    world.run()
    return world


def result(page: Any) -> str:
    return str(page.locator("#result").inner_text())


def test_a_slider_changes_the_page_and_the_address(world: World, open_page: OpenPage) -> None:
    with served(world.store) as app:
        page = open_page()
        page.goto(f"{app.url}{ADDRESS}")
        assert "This is the policy in force" in result(page)
        slider = page.get_by_role("slider", name="Accounts, at least")
        slider.focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        page.locator("#result", has_text="Would have been at another level").wait_for()
        assert page.locator("#n-frequency").input_value() == "5"
        assert "frequency=5" in page.url
        page.goto(page.url)
        assert "GROUNDSWELL_POLICY_FREQUENCY=5" in result(page)


def test_a_bad_number_is_told_while_it_is_typed(world: World, open_page: OpenPage) -> None:
    with served(world.store) as app:
        page = open_page()
        page.goto(f"{app.url}{ADDRESS}")
        page.locator("#n-churn").fill("many")
        page.locator("#e-churn").wait_for()
        assert "whole number" in page.locator("#e-churn").inner_text()
        page.locator("#n-churn").fill("2")
        page.locator("#e-churn").wait_for(state="detached")


def test_a_number_typed_before_the_script_has_come_counts(
    world: World, open_page: OpenPage
) -> None:
    with served(world.store) as app:
        page = open_page()
        with without(page, f"{app.url}{ADDRESS}", "**/static/simulator.js"):
            page.locator("#n-frequency").fill("5")
        page.locator("#result", has_text="Would have been at another level").wait_for()
        assert "frequency=5" in page.url


def test_it_works_without_javascript(world: World, open_page: OpenPage) -> None:
    with served(world.store) as app:
        page = open_page(script=False)
        page.goto(f"{app.url}{ADDRESS}")
        assert page.locator("input[type=range]").first.is_hidden()
        page.locator("#n-frequency").fill("5")
        follow(page.get_by_role("button", name="Show"))
        assert "Would have been at another level" in result(page)


@pytest.mark.parametrize("width", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_everybody_can_read_it(
    world: World, open_page: OpenPage, width: dict[str, int], dark: bool
) -> None:
    with served(world.store) as app:
        page = open_page(width=width, dark=dark)
        for query in ("&frequency=5", "&churn=many"):
            page.goto(f"{app.url}{ADDRESS}{query}")
            assert violations(page) == []
            assert overflow(page) <= 0
