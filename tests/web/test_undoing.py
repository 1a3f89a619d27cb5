"""Taking back a decision on the page that shows it, and why that can be refused."""

from __future__ import annotations

import html
import re
from datetime import date
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.flows.taxonomy import upsert_items
from service.storage.engine import Store
from tests.api.conftest import make_client
from tests.factories import lines_of, raw_item
from tests.flows.world import EXPORT, LOGIN, World, texts_on
from tests.language_fakes import fake_language
from tests.web.notes_client import as_role


@pytest.fixture
def world(sqlite_store: Store) -> World:
    """A proposed theme and a live item."""
    world = World(sqlite_store)
    world.item("Data", "Quite another thing")
    world.notes([*texts_on(EXPORT, 5), *texts_on(LOGIN, 3)])
    world.run()
    return world


@pytest.fixture
def client(world: World) -> TestClient:
    return make_client(world.store, language=fake_language, fixed_day=date(2026, 9, 30))


def undo(client: TestClient, decision_id: str, back: str) -> Any:
    """Press Undo on the page at `back`; what it answers, redirects followed."""
    return client.post(f"/desk/undo/{decision_id}", params={"back": back})


def alert(page: str) -> str:
    """What the page says in its one alert, without its links."""
    (found,) = re.findall(r'<p class="notice refused" role="alert"><span>(.*?)</span></p>', page)
    return html.unescape(re.sub(r"<a .*?</a>", "", found)).strip()


def built_upon(world: World) -> tuple[str, str]:
    """A theme that was renamed, and renamed again by somebody else; and the first decision."""
    theme_id = world.proposed_with(EXPORT)
    first = world.decide(theme_id, "rename", label="Rows")["decision_id"]
    world.decide(theme_id, "rename", label="All the rows")
    return theme_id, first


@pytest.mark.parametrize(
    "page",
    [
        "/desk/review",
        "/desk/themes/{theme}",
        "/board/{theme}?quarter=2026-Q3",
        "/desk/map?quarter=2026-Q3",
        "/desk/taxonomy",
        "/desk/taxonomy/unclassified",
        "/desk/waiting",
        "/desk/notes/{note}",
    ],
)
def test_a_refused_undo_is_told_where_the_person_was(
    world: World, client: TestClient, page: str
) -> None:
    theme_id, first = built_upon(world)
    back = page.format(
        theme=theme_id, note=world.request_like("export of invoice rows soon").note_id
    )
    answer = undo(client, first, back)
    assert answer.status_code == 200 and answer.url.path == back.partition("?")[0]
    said = alert(answer.text)
    assert said.startswith("Not taken back: Renamed to Rows: All the rows.")
    assert "ops has decided: Renamed: All the rows. That stands; undo it first" in said
    assert f'href="/desk/themes/{theme_id}#decisions"' in answer.text
    assert f"/desk/undo/{first}" not in answer.text
    assert world.theme(theme_id)["label"] == "All the rows"


def test_what_is_in_the_way_is_looked_up_anew(world: World, client: TestClient) -> None:
    theme_id, first = built_upon(world)
    refused = undo(client, first, "/desk/review")
    (_, later) = world.theme(theme_id)["decisions"]
    world.undo(later["id"])
    again = client.get(refused.url)
    assert "Not taken back" not in again.text and f"/desk/undo/{first}" in again.text


def test_a_second_undo_says_who_was_first(world: World, client: TestClient) -> None:
    made = world.decide(world.proposed_with(EXPORT), "rename", label="Rows")["decision_id"]
    world.undo(made)
    assert alert(undo(client, made, "/desk/review").text).startswith("ops had taken that back")


def test_what_an_upload_has_changed_since_is_to_be_decided_anew(
    world: World, client: TestClient
) -> None:
    item = {"feature_area": "Data", "customer_need": "Quite another thing"}
    theme_id = next(t["theme_id"] for t in client.get("/taxonomy").json()["data"])
    made = world.decide(theme_id, "edit", **item, description="One word.")["decision_id"]
    changed = raw_item(*item.values(), description="Another word.")
    upsert_items(world.store, lines_of(changed), now=world.now, actor="t", live=True)
    said = alert(undo(client, made, "/desk/taxonomy").text)
    assert "An upload or an edited note has changed the same thing since." in said


def test_one_s_own_undone_decision_is_not_told_as_somebody_elses(
    world: World, client: TestClient
) -> None:
    seen = re.search(r'name="seen" value="(\d+)"', client.get("/desk/review").text)
    _, first = built_upon(world)
    assert seen
    page = client.get("/desk/review", params={"done": f"{first}.kept", "seen": seen[1]}).text
    assert page.split("Meanwhile:")[1].split("</ul>")[0].count("<li>") == 1


@pytest.mark.parametrize("back", ["/", "https://elsewhere.test/desk/", "//elsewhere.test/desk/"])
def test_a_refusal_never_leads_to_another_site(world: World, client: TestClient, back: str) -> None:
    _, first = built_upon(world)
    assert undo(client, first, back).status_code == 409


def test_what_is_no_decision_is_still_not_found(client: TestClient) -> None:
    assert undo(client, "none", "/desk/review").status_code == 404
    assert "Not taken back" not in client.get("/desk/review", params={"done": ".kept"}).text


def test_who_does_not_review_takes_nothing_back(world: World) -> None:
    _, first = built_upon(world)
    assert undo(as_role(world.store, "product"), first, "/desk/review").status_code == 403
