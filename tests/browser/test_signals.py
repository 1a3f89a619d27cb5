"""The board and the receipt in a browser: readable by everybody, light, and worked by a click."""

from __future__ import annotations

import re
from typing import Any

import pytest

from models.identity import note_id
from service.flows.ingest import ingest_note
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
from tests.factories import NOW, raw_note
from tests.flows.spoken_signals import exports_and_access, note_with_request, say, with_portfolio
from tests.stored import put_request, put_theme

BOARD = "/?quarter=2026-Q3"
ATTACK = '<script>alert(1)</script> "><img src=x onerror=alert(1)>'


@pytest.fixture
def store(sqlite_store: Store) -> Store:
    """A signal, an anecdote, and a theme that notes with markup speak of."""
    exports_and_access(with_portfolio(sqlite_store))
    say(sqlite_store, "a-2", occurred_at="2026-05-03T09:30:00Z", verbatim="early")
    text = f"Before {ATTACK} we met. They cannot {ATTACK} export. After {ATTACK} lunch."
    ingest_note(sqlite_store, raw_note(7, text=text), now=NOW, actor="test")
    theme = put_theme(sqlite_store, "t_n", label=f"Export {ATTACK}")
    span = f"They cannot {ATTACK} export."
    put_request(
        sqlite_store,
        note_id("manual", "n-7"),
        text=span,
        theme_id=theme,
        assigned_by="model",
        severity="blocking",
    )
    return sqlite_store


def open_receipt(page: Any, url: str, label: str = "Bulk export") -> None:
    page.goto(f"{url}{BOARD}")
    follow(page.locator("tbody").get_by_role("link", name=label))
    assert label in page.locator("h1").inner_text()


@pytest.mark.parametrize("width", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_everybody_can_read_both(
    store: Store, open_page: OpenPage, width: dict[str, int], dark: bool
) -> None:
    with served(store) as app:
        page = open_page(width=width, dark=dark)
        page.goto(f"{app.url}{BOARD}")
        assert violations(page) == [] and overflow(page) <= 0
        open_receipt(page, app.url)
        page.locator("summary", has_text="Put in the backlog").click()
        assert violations(page) == [] and overflow(page) <= 0


def test_on_a_phone_every_figure_of_a_row_is_on_the_screen(
    store: Store, open_page: OpenPage
) -> None:
    with served(store) as app:
        page = open_page(width=NARROW)
        page.goto(f"{app.url}{BOARD}")
        for cell in page.locator(".board tbody tr").first.locator("td, th").all():
            box = cell.bounding_box()
            assert box and box["x"] >= 0 and box["x"] + box["width"] <= NARROW["width"]
        assert page.locator(".board").evaluate("e => e.parentElement.scrollWidth") <= 390


def test_both_are_there_without_javascript(store: Store, open_page: OpenPage) -> None:
    with served(store) as app:
        page = open_page(script=False)
        open_receipt(page, app.url)
        assert "One more at-risk account makes this a P1." in page.locator("main").inner_text()
        page.locator("summary", has_text="Decline").click()
        page.get_by_label("Reason, told to each CSM").fill("Out of scope.")
        follow(page.get_by_role("button", name="Decline"))
        assert "Declined by local" in page.locator(".steps-line").inner_text()


def test_a_theme_is_put_in_the_backlog_and_taken_back_by_a_click(
    store: Store, open_page: OpenPage
) -> None:
    with served(store) as app:
        page = open_page()
        open_receipt(page, app.url)
        page.locator("summary", has_text="Put in the backlog").click()
        page.get_by_label("Priority").select_option("P2")
        page.get_by_label("Expected review").fill("Q4 planning")
        follow(page.get_by_role("button", name="Put in the backlog"))
        assert "Put in the backlog as P2 by local" in page.locator(".steps-line").inner_text()
        follow(page.get_by_role("button", name="Undo"))
        assert "Taken back" in page.locator(".notice").inner_text()
        assert "backlog" not in page.locator(".steps-line").inner_text()


def test_one_key_takes_it_back(store: Store, open_page: OpenPage) -> None:
    with served(store) as app:
        page = open_page()
        open_receipt(page, app.url)
        page.locator("summary", has_text="Decline").click()
        page.get_by_label("Reason, told to each CSM").fill("Out of scope.")
        follow(page.get_by_role("button", name="Decline"))
        press(page, "z")
        assert "Taken back" in page.locator(".notice").inner_text()


def test_filters_work_as_a_form_and_the_address_is_a_link(
    store: Store, open_page: OpenPage
) -> None:
    with served(store) as app:
        page = open_page()
        page.goto(f"{app.url}{BOARD}")
        page.get_by_label("Area").select_option("Access")
        follow(page.get_by_role("button", name="Show"))
        rows = page.locator(".board tbody th")
        assert [row.split("\n")[0] for row in rows.all_inner_texts()] == ["Single sign-on"]
        other = open_page()
        other.goto(page.url)
        assert other.locator(".board tbody th").all_inner_texts() == rows.all_inner_texts()
        assert other.get_by_label("Area").input_value() == "Access"


def test_what_notes_hold_is_text_inside_its_mark(store: Store, open_page: OpenPage) -> None:
    with served(store) as app:
        page = open_page()
        page.goto(f"{app.url}{BOARD}")
        follow(page.locator("tbody th a", has_text="Export <script>"))
        assert page.locator("mark").inner_text() == f"They cannot {ATTACK} export."
        around = page.locator("blockquote").inner_text()
        assert around.startswith(f"Before {ATTACK}") and around.endswith(f"{ATTACK} lunch.")
        assert page.locator("main script, main img").count() == 0


def test_neither_page_weighs_more_than_300_kb(store: Store, open_page: OpenPage) -> None:
    long_label = "Something that is asked for in many words by a great many accounts, again "
    for number in range(120):
        theme = put_theme(store, f"t_{number}", label=f"{long_label}{number}")
        note_with_request(store, theme)
        say(store, f"a-{number + 20}", verbatim=f"{'We copy rows by hand. ' * 9}{number}")
    with served(store) as app:
        page = open_page()
        answers: list[Any] = []
        # What the browser has already is answered with 304, which has no body to weigh.
        page.on("response", lambda answer: answers.append(answer) if answer.ok else None)
        page.goto(f"{app.url}{BOARD}", wait_until="networkidle")
        assert page.locator(".board tbody tr").count() == 100
        assert sum(len(answer.body()) for answer in answers) < 300_000
        label = re.compile("Bulk export")
        answers.clear()
        follow(page.locator("tbody").get_by_role("link", name=label))
        page.wait_for_load_state("networkidle")
        assert page.locator("mark").count() == 40
        assert sum(len(answer.body()) for answer in answers) < 300_000
