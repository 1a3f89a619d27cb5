"""A file that was dropped, after the page was reloaded."""

from __future__ import annotations

from typing import Any

from service.storage.engine import Store
from tests.browser.conftest import OpenPage, served, violations
from tests.browser.test_notes import (
    BROKEN,
    BUT_FOR_ONE,
    DROP,
    csv,
    downloaded,
    drop,
    jsonl,
    row,
)


def test_a_reload_forgets_nothing(sqlite_store: Store, open_page: OpenPage) -> None:
    with served(sqlite_store) as app:
        page = open_page()
        page.goto(f"{app.url}/desk/notes")
        drop(page, "Größe.jsonl", jsonl(3, BROKEN), BUT_FOR_ONE)
        page.reload()
        page.get_by_text("Größe.jsonl is stored, but for the lines below").wait_for()
        assert "<b>half a line" in page.inner_text(".bad tbody") and violations(page) == []
        assert downloaded(page, "to mend and drop again") == f"{BROKEN}\n"
        page.goto(f"{app.url}/desk/notes")
        page.get_by_text("Add notes from a file").click()
        page.get_by_role("link", name="1 line not taken").click()
        page.get_by_text("Größe.jsonl is stored, but for the lines below").wait_for()


def test_what_was_cut_off_is_told_with_how_far_it_came(
    sqlite_store: Store, open_page: OpenPage
) -> None:
    with served(sqlite_store) as app:
        page = open_page()
        page.goto(f"{app.url}/desk/notes")

        def refuse_later(route: Any) -> None:
            if "upload=&" in route.request.url or route.request.url.endswith("upload="):
                route.continue_()
            else:
                route.fulfill(status=413, json={"error": {"message": "Cut off.", "code": "x"}})

        page.route("**/backfill/part?*", refuse_later)
        page.evaluate(DROP, ["n.csv", csv(row(n, "Wish") for n in range(2_500))])
        page.get_by_text("It stopped after 1,001 lines: Cut off.").wait_for()
        page.reload()
        page.get_by_text("Of n.csv 1,001 of 2,501 lines are stored.").wait_for()
