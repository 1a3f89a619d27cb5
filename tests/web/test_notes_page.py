"""Notes: found by their words, and shown with their requests."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event

from service.storage.engine import Store
from tests.api.conftest import make_client
from tests.flows.world import EXPORT, LOGIN, World
from tests.language_fakes import fake_language
from tests.web.notes_client import NOTES, as_role, note_link, posted, request_id, say

HOSTILE = 'We need <script>alert(1)</script> "><img src=x onerror=alert(1)>'


@pytest.fixture
def world(sqlite_store: Store) -> World:
    """Two notes that were read: one request on an item, one that waits."""
    world = World(sqlite_store)
    world.item("Data", "Bulk export", description=EXPORT)
    world.note(1, f"Good call.\r\n{EXPORT}. Bye.", account_id="a-1", csm_id="c-1")
    world.note(2, f"{LOGIN}.", account_id="a-2", csm_id="c-2")
    world.read()
    return world


@pytest.fixture
def local(sqlite_store: Store) -> TestClient:
    """The local administrator, with the models at hand."""
    return make_client(sqlite_store, language=fake_language)


@contextmanager
def counted(store: Store) -> Iterator[list[str]]:
    asked: list[str] = []

    def note_down(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    event.listen(store._reader, "before_cursor_execute", note_down)
    try:
        yield asked
    finally:
        event.remove(store._reader, "before_cursor_execute", note_down)


def test_a_search_shows_what_it_found_marked_with_where_it_is_from(
    world: World, local: TestClient
) -> None:
    page = local.get(NOTES, params={"q": "expo"}).text
    assert "<mark>export</mark>" in page
    for shown in ("a-1", "c-1", "2026-07-03", "manual", "n-1", "1 request"):
        assert shown in page
    assert "single sign-on" not in page and "1 note found" in page


def test_filters_are_in_the_address_and_stay_in_the_form(world: World, local: TestClient) -> None:
    page = local.get(NOTES, params={"q": "need", "csm": "c-2", "account": "a-2"}).text
    assert "1 note found" in page and "single sign-on" in page
    assert '<option value="c-2" selected>' in page and 'value="a-2"' in page
    assert "No note holds all of that" in local.get(NOTES, params={"quarter": "2020-Q1"}).text
    assert local.get(NOTES, params={"quarter": "soon"}).status_code == 422
    assert local.get(NOTES, params={"state": "lost"}).status_code == 422


@pytest.mark.parametrize(
    "typed",
    ['"', "'; DROP TABLE notes", "AND OR NOT *", "🙂", "(", pytest.param("x" * 10_000, id="long")],
)
def test_nothing_that_can_be_typed_breaks_the_search(
    world: World, local: TestClient, typed: str
) -> None:
    assert local.get(NOTES, params={"q": typed}).status_code == 200


def test_what_holds_no_word_is_said_to(world: World, local: TestClient) -> None:
    page = local.get(NOTES, params={"q": "🙂 !!"}).text
    assert "no letter or digit" in page and "2 notes found" in page


def test_pages_follow_one_another_without_a_gap(sqlite_store: Store, local: TestClient) -> None:
    World(sqlite_store).notes([f"Call number {n}" for n in range(60)])
    first = local.get(NOTES, params={"q": "call"}).text
    link = re.search(r'href="([^"]+)" rel="next"', first)
    assert link
    second = local.get(html.unescape(link[1])).text
    seen = [re.findall(rf"{NOTES}/(n_[0-9a-f]+)", page) for page in (first, second)]
    assert [len(ids) for ids in seen] == [50, 10] and len({*seen[0], *seen[1]}) == 60


def test_an_empty_store_offers_the_file(local: TestClient) -> None:
    page = local.get(NOTES).text
    assert "There are no notes yet" in page and '<details class="backfill" open>' in page


def test_texts_are_escaped_in_the_search_and_in_the_note(
    sqlite_store: Store, local: TestClient
) -> None:
    world = World(sqlite_store)
    world.note(1, HOSTILE, account_id="<b>acme</b>")
    world.read()
    for address in (f"{NOTES}?q=alert", note_link(local, q="alert"), f"{NOTES}?q=<script>"):
        page = local.get(address).text
        assert "<script>alert" not in page and "<img src=x" not in page and "<b>acme" not in page
    assert posted(local.get(note_link(local, q="alert")).text) == HOSTILE


def test_a_note_shows_its_requests_in_place_and_what_became_of_them(
    world: World, local: TestClient
) -> None:
    page = local.get(note_link(local, q="export")).text
    assert posted(page) == f"Good call.\r\n{EXPORT}. Bye."
    mark = re.search(r'<mark class="\w+" id="r-(\w+)"><a href="#of-(\w+)"[^>]*>([^<]*)<', page)
    assert mark and mark[1] == mark[2] and EXPORT in mark[3]
    assert f'id="of-{mark[1]}"' in page
    assert "Data › Bulk export" in page and "The machine put it there" in page
    assert re.search(r'href="/desk/themes/t_\w+"', page)
    assert re.search(r'href="/board/t_\w+\?quarter=2026-Q3"', page)


def test_what_waits_says_how_close_its_best_item_is(world: World, local: TestClient) -> None:
    page = local.get(note_link(local, q="okta")).text
    assert "It waits" in page and "Its best item is only" in page


def test_a_note_that_is_not_there_is_a_page(local: TestClient) -> None:
    page = local.get(f"{NOTES}/n_none")
    assert page.status_code == 404 and page.headers["content-type"].startswith("text/html")


def test_a_missed_request_is_added_by_its_words_and_taken_back(
    world: World, local: TestClient
) -> None:
    link = note_link(local, q="export")
    answer = say(local, link, "add", quote="Good call", severity="blocking")
    assert answer.status_code == 303
    page = local.get(answer.headers["location"]).text
    assert page.count('id="r-') == 2 and "Added by local" in page
    assert "Added a request</span>" in page
    undo = re.search(r'action="(/desk/undo/\w+\?back=[^"]+)"', page)
    assert undo
    assert local.post(html.unescape(undo[1])).text.count('id="r-') == 1


def test_a_place_that_was_selected_counts_by_code_points(world: World, local: TestClient) -> None:
    world.note(3, "🙂 no, no. Fine 🙂 no.", account_id="a-3")
    link = note_link(local, q="fine")
    answer = say(local, link, "add", quote="no", start="6", end="8", severity="minor")
    page = local.get(answer.headers["location"]).text
    assert re.search(r"no, <mark[^>]*><a[^>]*>no</a></mark>\. Fine", page)


@pytest.mark.parametrize(
    ("quote", "said"),
    [("no", "2 times"), ("nowhere", "are not in the note"), ("", "Select the words")],
)
def test_a_quote_that_names_no_one_place_is_refused_with_what_was_typed(
    world: World, local: TestClient, quote: str, said: str
) -> None:
    world.note(3, "It said no, and no again.", account_id="a-3")
    answer = say(local, note_link(local, q="again"), "add", quote=quote, severity="minor")
    assert answer.status_code == 422 and said in answer.text
    assert f">{quote}</textarea>" in answer.text


def test_what_was_selected_in_an_older_text_is_refused(world: World, local: TestClient) -> None:
    link = note_link(local, q="export")
    answer = local.post(link, data={"action": "add", "quote": "call", "revision": "7"})
    assert answer.status_code == 409 and "has been edited" in answer.text


@pytest.mark.parametrize(
    ("action", "fields", "said"),
    [
        ("mend", {"quote": "bulk export"}, "Words set by local"),
        ("dismiss", {}, "Dismissed by local"),
        ("severity", {"severity": "blocking"}, 'blocking</span> <span class="quiet">by local'),
        ("hold", {}, "is held"),
    ],
)
def test_a_word_of_cs_ops_on_a_request_is_shown_with_who_said_it(
    world: World, local: TestClient, action: str, fields: dict[str, str], said: str
) -> None:
    link = note_link(local, q="export")
    id_ = request_id(local.get(link).text)
    answer = say(local, link, action, request_id=id_, **fields)
    assert answer.status_code == 303, answer.text
    assert said in local.get(answer.headers["location"]).text


def test_what_waits_is_moved_onto_an_item_by_name(world: World, local: TestClient) -> None:
    link = note_link(local, q="okta")
    id_ = request_id(local.get(link).text)
    refused = say(local, link, "move", request_id=id_, item="Data › Nothing")
    assert refused.status_code == 422 and "Data › Nothing" in refused.text
    answer = say(local, link, "move", request_id=id_, item="Data › Bulk export")
    page = local.get(answer.headers["location"]).text
    assert "Confirmed by local" in page and "Data › Bulk export</a>" in page


def test_a_csm_reads_notes_masked_but_for_their_own_and_decides_nothing(
    sqlite_store: Store,
) -> None:
    world = World(sqlite_store)
    told = "Call jane.doe@acme.com. We need bulk export of invoice rows."
    world.note(1, told, account_id="a-1", csm_id="c-1")
    world.note(2, told, account_id="a-2", csm_id="c-2")
    world.read()
    client = as_role(sqlite_store, "csm", "c-1")
    own, other = (client.get(note_link(client, account=f"a-{n}")).text for n in (1, 2))
    assert "jane.doe@acme.com" in own and "jane.doe" not in other
    assert "[email]" in other and 'id="r-' in other
    assert "[email]" in client.get(NOTES, params={"account": "a-2"}).text
    assert "Add a request" not in own
    assert say(client, note_link(client, account="a-1"), "add", quote="bulk").status_code == 403


def test_pages_ask_the_store_as_often_however_many_rows(
    sqlite_store: Store, local: TestClient
) -> None:
    world = World(sqlite_store)
    world.item("Data", "Bulk export", description=EXPORT)
    world.note(1, f"{EXPORT}.")
    world.note(2, " ".join(f"{EXPORT} number {n}." for n in range(20)))
    world.read()
    few, many = note_link(local, account="a-1"), note_link(local, account="a-2")
    asked = []
    for address in (few, many, f"{NOTES}?q=number", f"{NOTES}?q=need"):
        local.get(address)
        with counted(sqlite_store) as statements:
            local.get(address)
        asked.append(len(statements))
    assert asked[0] == asked[1] and asked[2] == asked[3]
