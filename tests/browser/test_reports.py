"""Reports, process metrics and the digest in a browser: reach, read, print."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from service.storage.engine import Store
from tests.api.conftest import make_client
from tests.browser.conftest import (
    NARROW,
    WIDE,
    OpenPage,
    Served,
    follow,
    overflow,
    sent_twice,
    served,
    violations,
)
from tests.web.test_reports_pages import deliver, fill

PAGES = (
    "/desk/process?quarter=2026-Q3",
    "/desk/reports",
    "/desk/reports?csm=c-1",
    "/desk/digest?month=2026-07",
)


@pytest.fixture
def app(sqlite_store: Store) -> Iterator[Served]:
    """Thirty requests of three CSMs on one need, which is in the backlog; July's digest."""
    client = make_client(sqlite_store)
    fill(client, last=30)
    deliver(client, state="backlog", priority="P2", expected_review="Q4 planning")
    client.post("/digests/2026-07/issue")
    with served(sqlite_store, fixed_day=date(2026, 10, 1)) as serving:
        yield serving


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [WIDE, NARROW], ids=["wide", "narrow"])
def test_each_page_is_readable_for_all(
    app: Served, open_page: OpenPage, width: dict[str, int], dark: bool
) -> None:
    page = open_page(width=width, dark=dark)
    for address in PAGES:
        page.goto(app.url + address)
        assert violations(page) == [], address
        assert overflow(page) == 0, address


def test_what_one_csm_reported_is_found_from_the_first_page(
    app: Served, open_page: OpenPage
) -> None:
    page = open_page()
    page.goto(app.url)
    follow(page.get_by_role("link", name="My reports"))
    page.get_by_label("CSM: name or id").fill("priya")
    follow(page.get_by_role("button", name="Show"))
    assert page.locator("h1").inner_text() == "Reports of Priya Raman"
    assert page.locator(".reported > li").count() == 10
    follow(page.get_by_role("link", name="In the backlog"))
    assert "as P2" in page.locator(".reported").inner_text()


def test_it_is_found_without_a_script_too(app: Served, open_page: OpenPage) -> None:
    page = open_page(script=False)
    page.goto(f"{app.url}/desk/reports")
    follow(page.get_by_role("link", name="Tom Eklund"))
    assert page.locator("h1").inner_text() == "Reports of Tom Eklund"


def test_the_digest_prints_as_the_letter_alone(app: Served, open_page: OpenPage) -> None:
    page = open_page()
    page.goto(f"{app.url}/desk/digest?month=2026-07")
    page.emulate_media(media="print")
    assert page.locator("article.letter").is_visible() and page.locator("h1").is_visible()
    for away in ("header.top", ".filters", ".steps", ".to-do"):
        assert not page.locator(away).first.is_visible()


def test_a_second_press_answers_nothing_again(app: Served, open_page: OpenPage) -> None:
    page = open_page()
    page.goto(f"{app.url}/desk/digest?month=2026-07")
    assert page.get_by_role("button", name="Acknowledge").is_visible() and sent_twice(page) == []


def test_product_answers_on_the_page(app: Served, open_page: OpenPage) -> None:
    page = open_page()
    page.goto(f"{app.url}/desk/digest?month=2026-07")
    page.get_by_label("Who answers for product").fill("Sam Ortiz")
    page.get_by_label("Assessment").fill("P2, next quarter")
    follow(page.get_by_role("button", name="Acknowledge"))
    assert "Acknowledged by Sam Ortiz" in page.locator("article.letter").inner_text()
