"""Unclassified by month as a page, and making an item of a candidate."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.flows.keys import create_key
from service.flows.taxonomy import list_items
from service.storage.engine import Store
from tests.api.conftest import NOW, make_client
from tests.flows.world import World
from tests.language_fakes import fake_language

PAGE = "/desk/taxonomy/unclassified"
Q3 = {"quarter": "2026-Q3"}
ATTACK = "<script>alert(1)</script>"


@pytest.fixture
def world(sqlite_store: Store) -> World:
    """Three requests of July that fit nothing."""
    world = World(sqlite_store)
    world.item("Data", "Something else altogether", description="tables")
    for number, animal in enumerate(["pony", "zebra", f"{ATTACK} camel"]):
        world.note(number, f"We need a {animal}.")
    world.run()
    return world


@pytest.fixture
def local(world: World) -> TestClient:
    return make_client(world.store, language=fake_language)


def form(page: str) -> dict[str, str]:
    names = ("theme_id", "etag", "quarter")
    found = {name: re.search(rf'name="{name}" value="([^"]*)"', page) for name in names}
    return {name: unescape(hit[1]) for name, hit in found.items() if hit}


def post(client: TestClient, what: str, **fields: str) -> Any:
    return client.post(f"/desk/taxonomy/{what}", data=fields, follow_redirects=False)


def test_the_counts_and_the_candidate_with_its_requests(local: TestClient) -> None:
    page = local.get(PAGE, params=Q3).text
    row = page.split("2026-07")[1].split("</tr>")[1]
    assert re.findall(r'<td class="n">(?:<a[^>]*>)?(\S+?)<', row) == ["–", "3", "–", "3"]
    assert 'href="/desk/waiting?area=Data"' in row
    for shown in ("Unclassified &gt; Data &gt; Degraded", "We need a pony.", "3 accounts"):
        assert shown in page
    assert re.search(r'href="/desk/notes/n_\w+#r-r_\w+"', page)
    assert ATTACK not in page and "&lt;script&gt;" in page


def test_a_quarter_with_nothing_says_so_and_where_there_is_something(local: TestClient) -> None:
    page = local.get(PAGE, params={"quarter": "2026-Q1"}).text
    assert "Everything that was heard in 2026-Q1 is on a theme" in page
    assert f'href="{PAGE}?quarter=2026-Q3">2026-Q3</a> (1)' in page


def test_a_candidate_is_looked_at_then_made_an_item(world: World, local: TestClient) -> None:
    said = {**form(local.get(PAGE, params=Q3).text), "area": "Zoo", "need": "Animals"}
    look = post(local, "preview", action="accept", **said)
    assert look.status_code == 200 and "not heard" in look.text
    assert [one.item.feature_area for one in list_items(world.store).data] == ["Data"]
    answer = post(local, "decide", action="accept", **said)
    assert answer.headers["location"].startswith(f"{PAGE}?quarter=2026-Q3&done=")
    assert "Accepted: Animals" in local.get(answer.headers["location"]).text
    assert len(world.on(world.proposed_with("pony"))) == 3


def test_what_was_typed_stays_where_it_is_refused(local: TestClient) -> None:
    said = {**form(local.get(PAGE, params=Q3).text), "area": "Zoo", "need": ""}
    for what in ("preview", "decide"):
        answer = post(local, what, action="accept", **said)
        assert answer.status_code == 422
        assert 'role="alert"' in answer.text and 'value="Zoo"' in answer.text


def test_of_two_the_second_is_told(local: TestClient) -> None:
    said = {**form(local.get(PAGE, params=Q3).text), "area": "Zoo", "need": "Animals"}
    assert post(local, "decide", action="reject", **said).status_code == 303
    late = post(local, "decide", action="accept", **said)
    assert late.status_code == 409 and 'role="alert"' in late.text


@pytest.mark.parametrize(("role", "decides"), [("product", False), ("cs_ops", True)])
def test_only_cs_ops_is_offered_an_answer(world: World, role: str, decides: bool) -> None:
    client = make_client(world.store, auth="keys", language=fake_language)
    key = create_key(world.store, role=role, name=role, csm_id=None, now=NOW, actor="t").key
    page = client.get(PAGE, params=Q3, headers={"Authorization": f"Bearer {key}"}).text
    assert ("Make it an item" in page) is decides
    # Product may not read notes, so it is not sent there.
    assert ("/desk/notes/n_" in page) is decides
