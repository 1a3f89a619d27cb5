"""Notes in a browser: a file dropped on the page, words selected in a note."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from service.storage.engine import Store
from tests.api.conftest import note
from tests.browser.conftest import (
    NARROW,
    PATIENCE_MS,
    WIDE,
    OpenPage,
    follow,
    overflow,
    press,
    served,
    violations,
    without,
)
from tests.flows.world import EXPORT, World

HOSTILE = 'We need <script>alert(1)</script> "><img src=x onerror=alert(1)>'
COLUMNS = "source,external_id,account_id,csm_id,occurred_at,text"
BROKEN = '{"source": "crm", "text": "<b>half a line'

# A file let fall on the page, as a hand does it.
DROP = """([name, text]) => {
  const data = new DataTransfer();
  data.items.add(new File([text], name));
  const fall = (type) => document.body.dispatchEvent(
    new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
  fall("dragover");
  const over = document.querySelector(".drop").classList.contains("over");
  fall("drop");
  return over;
}"""
SELECT = """([from, to]) => {
  const walker = document.createTreeWalker(document.getElementById("posted"), NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  for (let node; (node = walker.nextNode()); ) {
    const place = node.data.indexOf(from);
    if (place >= 0) range.setStart(node, place);
    const end = node.data.indexOf(to);
    if (end >= 0) range.setEnd(node, end + to.length);
  }
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}"""


def jsonl(count: int, *broken: str) -> str:
    lines = [
        json.dumps(note(external_id=f"d-{n}", text=f"Dropped wish {n}.")) for n in range(count)
    ]
    return "\n".join([lines[0], *broken, *lines[1:]]) + "\n"


def csv(rows: Iterable[str]) -> str:
    return "\n".join([COLUMNS, *rows]) + "\n"


def row(number: int, text: str) -> str:
    return f"crm,{number},a-1,c-1,2026-07-01T09:00:00Z,{text}"


STORED = "All of it is stored."
BUT_FOR_ONE = "Stored, but for the line below."


def drop(page: Any, name: str, text: str, told: str = STORED) -> None:
    assert page.evaluate(DROP, [name, text]), "the page does not show that it takes the file"
    page.get_by_text(told).wait_for()


def count(page: Any, name: str) -> str:
    return str(page.locator(f"[data-count={name}]").inner_text())


def downloaded(page: Any, link: str) -> str:
    with page.expect_download() as started:
        page.get_by_role("link", name=link).click()
    return Path(started.value.path()).read_bytes().decode()


@pytest.fixture
def world(sqlite_store: Store) -> World:
    world = World(sqlite_store)
    world.item("Data", "Bulk export", description=EXPORT)
    world.note(1, f"Good 🙂 call.\r\n{EXPORT}.\r\nThey asked twice for a map.")
    world.note(2, HOSTILE)
    world.read()
    return world


def test_a_dropped_file_is_stored_but_for_its_broken_line(
    world: World, open_page: OpenPage
) -> None:
    with served(world.store) as app:
        page = open_page()
        page.goto(f"{app.url}/desk/notes")
        drop(page, "backfill.jsonl", jsonl(3, BROKEN), BUT_FOR_ONE)
        assert (count(page, "accepted"), count(page, "rejected")) == ("3", "1")
        bad = page.locator(".bad tbody tr")
        assert bad.count() == 1
        assert bad.locator("td").first.inner_text() == "2"
        assert "<b>half a line" in bad.inner_text() and page.locator(".bad b").count() == 0
        assert downloaded(page, "to mend and drop again") == f"{BROKEN}\n"
        listed = downloaded(page, "Download the list")
        assert listed.startswith("line,code,message,raw\r\n") and '"2","broken_json"' in listed
        page.locator("[data-is=reading]", has_text="3 wait").wait_for()
        drop(page, "backfill.jsonl", jsonl(3, BROKEN), BUT_FOR_ONE)
        assert (count(page, "accepted"), count(page, "duplicate")) == ("0", "3")
        follow(page.get_by_role("link", name="See the notes"))
        page.get_by_label("Words").fill("dropped")
        press(page, "Enter")
        page.get_by_text("3 notes found").wait_for()


def test_a_long_csv_goes_in_parts_that_cut_no_row(world: World, open_page: OpenPage) -> None:
    texts = ['"Two\nlines, with ""quotes"""', 'A 5" disk', '"one, two"']
    rows = [row(n, texts[n % 3]) for n in range(2_500)]
    rows[2_400] = "crm,broken"
    with served(world.store) as app:
        page = open_page()
        page.goto(f"{app.url}/desk/notes")
        drop(page, "notes.csv", csv(rows), BUT_FOR_ONE)
        assert (count(page, "accepted"), count(page, "rejected")) == ("2,499", "1")
        # The header, and before it 800 rows of two lines.
        assert page.locator(".bad tbody td").first.inner_text() == str(1 + 2_400 + 800 + 1)
        assert downloaded(page, "to mend and drop again") == f"{COLUMNS}\ncrm,broken\n"


def test_what_was_cut_off_goes_on(world: World, open_page: OpenPage) -> None:
    with served(world.store) as app:
        page = open_page()
        page.goto(f"{app.url}/desk/notes")
        asked: list[str] = []

        def refuse_second(route: Any) -> None:
            asked.append(route.request.url)
            if len(asked) == 2:
                route.fulfill(status=413, json={"error": {"message": "Cut off.", "code": "x"}})
            else:
                route.continue_()

        page.route("**/backfill/part?*", refuse_second)
        page.evaluate(DROP, ["n.csv", csv(row(n, "Wish") for n in range(2_500))])
        page.get_by_text("It stopped after 1,001 lines: Cut off.").wait_for()
        page.get_by_role("button", name="Continue").click()
        page.get_by_text(STORED).wait_for()
        assert count(page, "accepted") == "2,500" and len(asked) == 4


def test_how_far_the_reader_is_with_an_earlier_file_is_not_told_of_this_one(
    world: World, open_page: OpenPage
) -> None:
    with served(world.store) as app:
        page = open_page()
        page.goto(f"{app.url}/desk/notes")
        held: list[Any] = []
        page.route("**/progress", lambda route: route.continue_() if held else held.append(route))
        drop(page, "n.jsonl", jsonl(3))
        drop(page, "n.csv", csv(row(n, "Wish") for n in range(2)))
        page.locator("[data-is=reading]", has_text="of 2 notes").wait_for()
        held[0].continue_()
        # An answer of its own, which comes after that one.
        page.evaluate("fetch('/desk/notes/backfill/progress').then((answer) => answer.json())")
        assert "of 2 notes" in page.locator("[data-is=reading]").inner_text()


def test_a_file_that_is_refused_whole_says_why_and_offers_no_more(
    world: World, open_page: OpenPage
) -> None:
    with served(world.store) as app:
        page = open_page()
        page.goto(f"{app.url}/desk/notes/backfill")
        page.evaluate(DROP, ["notes.txt", "They want an export."])
        page.get_by_text("Only .csv and .jsonl files are read here").wait_for()
        assert not page.get_by_role("button", name="Continue").is_visible()
        assert not page.get_by_text("What was sent is kept").is_visible()


def test_a_file_is_chosen_without_javascript(
    world: World, open_page: OpenPage, tmp_path: Path
) -> None:
    file = tmp_path / "notes.jsonl"
    file.write_text(jsonl(2, BROKEN))
    with served(world.store) as app:
        page = open_page(script=False)
        page.goto(f"{app.url}/desk/notes")
        page.get_by_text("Add notes from a file").click()
        page.get_by_label("Drop a file here").set_input_files(file)
        follow(page.get_by_role("button", name="Load the file"))
        assert "notes.jsonl is stored, but for the lines below" in page.inner_text("main")
        assert downloaded(page, "to mend and drop again") == f"{BROKEN}\n"


def test_selected_words_become_a_request(world: World, open_page: OpenPage) -> None:
    with served(world.store) as app:
        page = open_page()
        page.goto(f"{app.url}/desk/notes?q=asked")
        follow(page.locator(".hits a"))
        page.evaluate(SELECT, ["They asked", "a map"])
        page.get_by_text("26 characters are selected.").wait_for()
        follow(page.get_by_role("button", name="Add the request"))
        page.get_by_text("2 requests in it").wait_for()
        assert "They asked twice for a map" in page.locator("mark").last.inner_text()
        follow(page.get_by_role("button", name="Undo").first)
        page.get_by_text("1 request in it").wait_for()


def test_words_selected_before_the_script_has_come_are_in_the_form(
    world: World, open_page: OpenPage
) -> None:
    with served(world.store) as app:
        page = open_page()
        page.goto(f"{app.url}/desk/notes?q=asked")
        address = page.locator(".hits a").evaluate("link => link.href")
        with without(page, address, "**/static/note.js"):
            page.evaluate(SELECT, ["They asked", "a map"])
        page.get_by_text("26 characters are selected.").wait_for()


def test_words_are_selected_by_keyboard_and_a_span_is_mended(
    world: World, open_page: OpenPage
) -> None:
    from playwright.sync_api import expect

    with served(world.store) as app:
        page = open_page()
        page.goto(f"{app.url}/desk/notes?q=asked")
        follow(page.locator(".hits a"))
        page.get_by_text("Change").click()
        page.locator("#posted").focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Shift+ArrowRight")
        page.keyboard.press("Shift+ArrowRight")
        # The browser tells of a selection by and by.
        expect(page.locator(".mending textarea")).to_have_value(
            re.compile("^Good 🙂"), timeout=PATIENCE_MS
        )
        follow(page.get_by_role("button", name="Set its words"))
        page.get_by_text("Words set by local").wait_for()
        assert page.locator("mark").inner_text().startswith("Good 🙂")


def test_what_notes_hold_is_text_and_never_runs(world: World, open_page: OpenPage) -> None:
    with served(world.store) as app:
        page = open_page()
        page.goto(f"{app.url}/desk/notes?q=alert")
        assert HOSTILE in page.locator(".hits").inner_text()
        follow(page.locator(".hits a"))
        assert page.locator("#posted").inner_text() == HOSTILE
        assert page.locator("main script, main img").count() == 0


@pytest.mark.parametrize("width", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_everybody_can_read_it(
    world: World, open_page: OpenPage, width: dict[str, int], dark: bool
) -> None:
    with served(world.store) as app:
        page = open_page(width=width, dark=dark)
        page.goto(f"{app.url}/desk/notes?q=export")
        drop(page, "backfill.jsonl", jsonl(2, BROKEN), BUT_FOR_ONE)
        assert violations(page) == [] and overflow(page) <= 0
        follow(page.locator(".hits a").first)
        page.get_by_text("Change").first.click()
        assert violations(page) == [] and overflow(page) <= 0
        page.goto(f"{app.url}/desk/notes/backfill")
        assert violations(page) == [] and overflow(page) <= 0
