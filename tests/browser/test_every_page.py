"""What holds on every page: anybody can read it, it is light, and it asks nothing of a script."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from service.flows.themes import list_themes
from service.storage.engine import Store
from service.web.navigation import PLACES
from tests.browser.conftest import NARROW, WIDE, OpenPage, overflow, sent_twice, served, violations
from tests.flows.world import EXPORT, LOGIN, World, texts_on

HEAVIEST = 300_000
HOSTILE = 'We need <script>alert(1)</script> "><img src=x onerror=alert(1)> in the export'
# Drawn by Swagger UI, which is not ours; and the sign-in, which has tests of its own.
ELSEWHERE = ("/docs", "/login")
QUARTER = "2026-Q3"


@dataclass(frozen=True)
class Desk:
    """A served organisation, and an address of each kind of page."""

    url: str
    addresses: tuple[str, ...]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, migrated_file: Any) -> Iterator[Desk]:
    """Some of everything: an item, proposed themes, requests that wait, a hostile note."""
    from shutil import copyfile

    from service.storage.engine import open_store

    path = tmp_path_factory.mktemp("desk") / "store.db"
    copyfile(migrated_file, path)
    store = open_store(f"sqlite:///{path}")
    theme, note = _fill(store)
    kinds = [
        *(place.path for place in PLACES if place.path not in ELSEWHERE),
        f"/board/{theme}",
        f"/desk/themes/{theme}",
        f"/desk/notes/{note}",
        "/desk/notes?q=export",
        "/desk/reports?csm=c-1",
    ]
    with served(store) as app:
        yield Desk(app.url, tuple(_in_quarter(kind) for kind in kinds))


def _fill(store: Store) -> tuple[str, str]:
    world = World(store)
    world.item("Data", "Bulk export of invoice rows")
    texts = [*texts_on(EXPORT, 6), *texts_on(LOGIN, 4), HOSTILE, "They need quince jelly."]
    notes = [world.note(number, text) for number, text in enumerate(texts, start=1)]
    world.run()
    rows = list_themes(store, status="accepted", now=world.now).data
    return str(rows[0]["id"]), notes[10]


def _in_quarter(address: str) -> str:
    return f"{address}{'&' if '?' in address else '?'}quarter={QUARTER}"


@pytest.mark.parametrize("width", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_and_no_page_is_wider_than_its_window(
    desk: Desk, open_page: OpenPage, width: dict[str, int], dark: bool
) -> None:
    page = open_page(width=width, dark=dark)
    for address in desk.addresses:
        page.goto(desk.url + address)
        assert violations(page) == [], address
        assert overflow(page) <= 0, address


def test_no_page_weighs_more_than_it_may_or_asks_another_site(
    desk: Desk, open_page: OpenPage
) -> None:
    for address in desk.addresses:
        page = open_page()
        answers: list[Any] = []
        page.on("response", lambda answer, to=answers: to.append(answer))
        page.goto(desk.url + address, wait_until="networkidle")
        # Not as they come: their bodies may not be there yet when the page is.
        weights = {answer.url: len(answer.body()) for answer in answers}
        assert all(asked.startswith(desk.url) for asked in weights), address
        charts = [asked for asked in weights if "/static/vendor/" in asked]
        assert sum(weights[asked] for asked in weights if asked not in charts) < HEAVIEST, address


def test_each_page_has_its_content_without_a_script(desk: Desk, open_page: OpenPage) -> None:
    with_script, without = open_page(), open_page(script=False)
    for address in desk.addresses:
        for page in (with_script, without):
            page.goto(desk.url + address)
        assert without.locator("h1").inner_text() == with_script.locator("h1").inner_text(), address
        assert len(without.locator("main").inner_text()) > 100, address


def test_a_second_press_sends_nothing_again(desk: Desk, open_page: OpenPage) -> None:
    page = open_page()
    for address in desk.addresses:
        page.goto(desk.url + address)
        assert sent_twice(page) == [], address


def test_what_notes_hold_runs_on_no_page(desk: Desk, open_page: OpenPage) -> None:
    page = open_page()
    for address in desk.addresses:
        page.goto(desk.url + address)
        assert page.locator("main script, main img[onerror]").count() == 0, address
