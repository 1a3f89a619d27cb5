"""The map under a hand: point, click, draw a line, by mouse and by keyboard."""

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
    sent_twice,
    served,
    violations,
    without,
)
from tests.flows.world import EXPORT, LOGIN, World, texts_on

ATTACK = '<script>alert(1)</script> "><img src=x onerror=alert(1)>'


@pytest.fixture
def world(sqlite_store: Store) -> World:
    """Two proposed themes and a live item."""
    world = World(sqlite_store)
    world.item("Data", "Quite another thing")
    hostile = f"{LOGIN} {ATTACK}"
    for number, text in enumerate([*texts_on(EXPORT, 6), *texts_on(hostile, 4)], start=1):
        world.note(number, text)
    world.run()
    return world


def open_map(page: Any, url: str, query: str = "") -> None:
    page.goto(f"{url}/desk/map?quarter=2026-Q3{query}")
    page.wait_for_selector("#map[data-ready]")
    page.locator("#sheet").scroll_into_view_if_needed()


def place_of(page: Any, request_id: str) -> tuple[float, float]:
    """Where a request stands in the window."""
    box = page.locator("#sheet").bounding_box()
    x, y = page.evaluate("id => picture.at(picture.data.ids.indexOf(id))", request_id)
    return box["x"] + x, box["y"] + y


def rest_on(page: Any, request_id: str) -> None:
    page.mouse.move(*place_of(page, request_id))
    page.locator("#glance").wait_for(state="visible")


def line_around(page: Any, request_ids: list[str]) -> None:
    """Draw a box around these requests, and whatever stands between them."""
    # A click may scroll the page, so first this and then the places.
    page.get_by_role("button", name="Draw a line").click()
    places = [place_of(page, request_id) for request_id in request_ids]
    across, along = [x for x, _ in places], [y for _, y in places]
    left, right, top, low = min(across) - 9, max(across) + 9, min(along) - 9, max(along) + 9
    page.mouse.move(left, top)
    page.mouse.down()
    for corner in ((right, top), (right, low), (left, low)):
        page.mouse.move(*corner, steps=4)
    page.mouse.up()


def test_resting_on_a_request_shows_its_quote(world: World, open_page: OpenPage) -> None:
    with served(world.store) as app:
        page = open_page()
        open_map(page, app.url)
        rest_on(page, world.request_like("export of invoice rows soon").id)
        shown = page.locator("#glance").inner_text()
        assert "We need bulk export of invoice rows soon" in shown and "a-1" in shown


def test_what_notes_hold_is_text_and_never_runs(world: World, open_page: OpenPage) -> None:
    with served(world.store) as app:
        page = open_page()
        open_map(page, app.url)
        rest_on(
            page,
            world.request_like(
                'okta <script>alert(1)</script> "><img src=x onerror=alert(1)> soon'
            ).id,
        )
        assert "<script>alert(1)</script>" in page.locator("#glance").inner_text()
        assert page.locator("main script, main .glance img").count() == 0


def test_a_click_leads_to_the_theme(world: World, open_page: OpenPage) -> None:
    with served(world.store) as app:
        page = open_page()
        open_map(page, app.url)
        page.mouse.click(*place_of(page, world.request_like("invoice rows soon").id))
        page.wait_for_url(f"**/desk/themes/{world.proposed_with('invoice')}")


def test_a_line_around_some_splits_them_off_and_undo_takes_it_back(
    world: World, open_page: OpenPage
) -> None:
    theme = world.proposed_with("invoice")
    with served(world.store) as app:
        page = open_page()
        open_map(page, app.url)
        line_around(page, world.ids([f"{EXPORT} soon", f"{EXPORT} today"]))
        count = int(page.locator("#told").inner_text().split()[0])
        assert 2 <= count < 6
        follow(page.get_by_role("button", name="Split, merge or move"))
        assert f"{count} requests chosen" in page.locator("h1").inner_text()
        assert len(world.on(theme)) == 6
        follow(page.get_by_role("button", name="off as a new theme"))
        assert "Split off" in page.locator(".notice").first.inner_text()
        assert len(world.on(theme)) == 6 - count
        follow(page.get_by_role("button", name="Undo"))
        assert len(world.on(theme)) == 6


def test_a_line_is_drawn_by_keyboard(world: World, open_page: OpenPage) -> None:
    with served(world.store) as app:
        page = open_page()
        open_map(page, app.url)
        page.locator("#sheet").focus()
        page.keyboard.press("l")
        # Nearly the whole sheet, corner by corner.
        for steps in (
            {"ArrowLeft": 9, "ArrowUp": 5},
            {"ArrowRight": 18},
            {"ArrowDown": 10},
            {"ArrowLeft": 18},
        ):
            for key, times in steps.items():
                for _ in range(times):
                    page.keyboard.press(f"Shift+{key}")
            page.keyboard.press("Enter")
        page.keyboard.press("c")
        assert page.locator("#told").inner_text().startswith("10 chosen: 6 on")
        page.keyboard.press("Escape")
        assert page.locator("#chosen").is_hidden()


def test_the_legend_hides_what_is_unticked(world: World, open_page: OpenPage) -> None:
    with served(world.store) as app:
        page = open_page()
        open_map(page, app.url)
        page.locator(".legend input").first.uncheck()
        assert page.evaluate("picture.shown.filter(Boolean).length") == 4


def test_what_is_unticked_before_the_points_have_come_is_hidden_too(
    world: World, open_page: OpenPage
) -> None:
    with served(world.store) as app:
        page = open_page()
        with without(page, f"{app.url}/desk/map?quarter=2026-Q3", "**/desk/map/points*"):
            page.locator(".legend input").first.uncheck()
        page.wait_for_selector("#map[data-ready]")
        assert page.evaluate("picture.shown.filter(Boolean).length") == 4


def test_a_second_press_decides_nothing_again(world: World, open_page: OpenPage) -> None:
    with served(world.store) as app:
        page = open_page()
        open_map(page, app.url)
        page.evaluate("choose([0, 1, 8])")
        follow(page.get_by_role("button", name="Split, merge or move"))
        assert sent_twice(page) == []


def test_without_javascript_the_table_has_the_themes(world: World, open_page: OpenPage) -> None:
    with served(world.store) as app:
        page = open_page(script=False)
        page.goto(f"{app.url}/desk/map?quarter=2026-Q3")
        assert page.locator("#map").is_hidden()
        assert "The picture is drawn by a script" in page.locator("main").inner_text()
        follow(page.locator("tbody a").first)
        assert "/desk/themes/" in page.url


@pytest.mark.parametrize("width", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_everybody_can_read_it(
    world: World, open_page: OpenPage, width: dict[str, int], dark: bool
) -> None:
    with served(world.store) as app:
        page = open_page(width=width, dark=dark)
        open_map(page, app.url, "&colour=level")
        assert violations(page) == []
        assert overflow(page) <= 0
        page.evaluate("choose([0, 1, 8])")
        follow(page.get_by_role("button", name="Split, merge or move"))
        assert violations(page) == []
        assert overflow(page) <= 0
