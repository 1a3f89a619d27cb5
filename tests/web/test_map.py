"""The map's page, its points, a quote, and what is done with a selection."""

from __future__ import annotations

import re
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event

from service.flows.keys import create_key
from service.storage.engine import Store
from tests.api.conftest import NOW, make_client
from tests.flows.world import COLOUR, EXPORT, LOGIN, World, texts_on

Q3 = {"quarter": "2026-Q3"}


@pytest.fixture
def world(sqlite_store: Store) -> World:
    """A live item and two proposed themes, all heard in one quarter."""
    world = World(sqlite_store)
    world.item("Data", "Bulk export of invoice rows")
    for number, text in enumerate(
        [*texts_on(EXPORT, 5), *texts_on(LOGIN, 4), *texts_on(COLOUR, 3)]
    ):
        world.note(number + 1, text)
    world.run()
    return world


@pytest.fixture
def local(world: World) -> TestClient:
    """The local administrator."""
    return make_client(world.store)


def points(client: TestClient, **query: str) -> dict[str, Any]:
    answer = client.get("/desk/map/points", params={**Q3, **query})
    assert answer.status_code == 200
    return dict(answer.json())


def keyed(store: Store, role: str, csm_id: str | None = None) -> TestClient:
    client = make_client(store, auth="keys")
    made = create_key(store, role=role, name=role, csm_id=csm_id, now=NOW, actor="test")
    client.headers["Authorization"] = f"Bearer {made.key}"
    return client


def test_the_page_holds_every_theme_as_a_table(local: TestClient, world: World) -> None:
    page = local.get("/desk/map", params=Q3)
    assert page.status_code == 200
    for theme in points(local)["themes"]:
        assert f'href="/desk/themes/{theme["id"]}"' in page.text
    assert "12 requests" in page.text


def test_the_points_are_all_requests_of_the_quarter_within_the_picture(local: TestClient) -> None:
    found = points(local)
    assert len(found["ids"]) == len(set(found["ids"])) == 12
    assert len(found["theme"]) == len(found["x"]) == len(found["y"]) == 12
    assert all(0 <= place <= found["grid"] for place in (*found["x"], *found["y"]))
    assert max(found["theme"]) < len(found["themes"]) == len(found["islands"])


def test_the_same_store_gives_the_same_picture_and_says_so(local: TestClient) -> None:
    first = local.get("/desk/map/points", params=Q3)
    again = local.get(
        "/desk/map/points", params=Q3, headers={"If-None-Match": first.headers["etag"]}
    )
    assert again.status_code == 304 and not again.content


def test_colours_are_in_the_address(local: TestClient) -> None:
    by_theme = local.get("/desk/map", params=Q3).text
    by_level = local.get("/desk/map", params={**Q3, "colour": "level"}).text
    assert 'data-colour="theme"' in by_theme and 'data-of="candidate"' not in by_theme
    assert 'data-colour="level"' in by_level and 'data-of="candidate"' in by_level
    assert local.get("/desk/map", params={**Q3, "colour": "red"}).status_code == 422


def test_a_quote_is_shown_as_the_caller_may_see_it(world: World) -> None:
    world.note(90, "We need a call back on +49 30 901820 about bulk export of rows.")
    world.read()
    mine = world.request_like("901820").id
    ops, product = keyed(world.store, "cs_ops"), keyed(world.store, "product")
    asked = {"id": mine}
    assert "901820" in ops.get("/desk/map/quote", params=asked).json()["text"]
    assert "[phone]" in product.get("/desk/map/quote", params=asked).json()["text"]
    assert ops.get("/desk/map/quote", params={"id": "r_none"}).status_code == 404


def test_who_may_not_decide_has_no_button_and_no_way(world: World) -> None:
    product = keyed(world.store, "product")
    page = product.get("/desk/map", params=Q3)
    assert page.status_code == 200 and "Split, merge or move" not in page.text
    ids = points(product)["ids"]
    for address in ("/desk/map/selection", "/desk/map/decision"):
        assert product.post(address, data={"requests": ids[0]}).status_code == 403
    assert keyed(world.store, "ingest").get("/desk/map").status_code == 403


def chosen(client: TestClient, ids: list[str]) -> str:
    answer = client.post("/desk/map/selection", data={"requests": " ".join(ids), **Q3})
    assert answer.status_code == 200
    return answer.text


def form_of(page: str, action: str) -> dict[str, str]:
    """The form's hidden fields, and its first button that does this."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    button = re.search(rf'name="action" value="({action}[^"]*)"', page)
    assert button, f"no button for {action}"
    return {**dict(found), "action": button[1]}


def test_some_of_a_theme_are_split_off_after_a_question(local: TestClient, world: World) -> None:
    theme = world.proposed_with("okta")
    ids = world.ids(texts_on(LOGIN, 2))
    page = chosen(local, ids)
    assert "2 requests chosen" in page and "They need single sign-on" in page
    assert len(world.on(theme)) == 4
    answer = local.post("/desk/map/decision", data=form_of(page, "split"), follow_redirects=False)
    assert answer.status_code == 303 and answer.headers["location"].startswith("/desk/map?")
    assert len(world.on(theme)) == 2
    assert "Undo" in local.get(answer.headers["location"]).text


def test_two_themes_are_merged(local: TestClient, world: World) -> None:
    login, colour = world.proposed_with("okta"), world.proposed_with("evening")
    ids = world.ids([texts_on(LOGIN, 1)[0], texts_on(COLOUR, 1)[0]])
    form = form_of(chosen(local, ids), "merge") | {"source": login, "target": colour}
    answer = local.post("/desk/map/decision", data=form, follow_redirects=False)
    assert answer.status_code == 303
    assert len(world.on(colour)) == 7


def test_requests_are_moved_to_an_item_by_its_path(local: TestClient, world: World) -> None:
    form = form_of(chosen(local, world.ids(texts_on(LOGIN, 2))), "move")
    form[item_of(form)] = "Data › Bulk export of invoice rows"
    answer = local.post("/desk/map/decision", data=form, follow_redirects=False)
    assert answer.status_code == 303
    assert len(world.on(world.theme_of("okta really."))) == 2


def test_enter_in_a_field_moves_and_never_merges(local: TestClient, world: World) -> None:
    login = world.proposed_with("okta")
    form = form_of(chosen(local, world.ids([*texts_on(LOGIN, 2), texts_on(COLOUR, 1)[0]])), "typed")
    form |= {"source": login, "target": world.proposed_with("evening")}
    assert local.post("/desk/map/decision", data=form).status_code == 422
    form[f"item:{login}"] = "Data › Bulk export of invoice rows"
    answer = local.post("/desk/map/decision", data=form, follow_redirects=False)
    assert answer.status_code == 303 and len(world.on(login)) == 2


def test_waiting_requests_are_put_on_an_item(local: TestClient, world: World) -> None:
    world.note(92, "We need a parrot in every meeting room.")
    world.read()
    form = form_of(chosen(local, [world.request_like("parrot").id]), "move")
    assert form["action"] == "move:"
    form["item:"] = "Data › Bulk export of invoice rows"
    answer = local.post("/desk/map/decision", data=form, follow_redirects=False)
    assert answer.status_code == 303
    assert world.request_like("parrot").assigned_by == "person"


def item_of(form: dict[str, str]) -> str:
    """The field beside the button that was found."""
    return f"item:{form['action'].partition(':')[2]}"


def test_a_refusal_shows_the_selection_again_and_stores_nothing(
    local: TestClient, world: World
) -> None:
    theme = world.proposed_with("okta")
    form = form_of(chosen(local, world.ids(texts_on(LOGIN, 2))), "split")
    world.decide(theme, "rename", label="Sign-on")
    stale = local.post("/desk/map/decision", data=form)
    assert stale.status_code == 409 and 'role="alert"' in stale.text
    form = form_of(stale.text, "move")
    unknown = local.post("/desk/map/decision", data={**form, item_of(form): "Nowhere"})
    assert unknown.status_code == 422 and "There is no theme of this name" in unknown.text
    assert 'value="Nowhere"' in unknown.text
    assert len(world.on(theme)) == 4


def test_an_empty_selection_is_told_of_on_the_map(local: TestClient) -> None:
    answer = local.post("/desk/map/selection", data={"requests": "", **Q3})
    assert answer.status_code == 422
    assert "draw a line" in answer.text and 'id="map"' in answer.text


def test_notes_are_escaped_in_the_selection(world: World) -> None:
    attack = 'We need <script>alert(1)</script> "><img src=x onerror=alert(1)> in exports.'
    world.note(91, attack)
    world.read()
    page = chosen(make_client(world.store), [world.request_like("<script>").id])
    assert "<script>alert" not in page and "<img src=x" not in page
    assert "&lt;script&gt;" in page


def test_an_empty_quarter_says_so(local: TestClient) -> None:
    page = local.get("/desk/map", params={"quarter": "2025-Q1"}).text
    assert "Nothing was heard in 2025-Q1" in page and "<canvas" not in page


def test_the_library_is_kept_by_the_browser(local: TestClient) -> None:
    page = local.get("/desk/map", params=Q3).text
    (address,) = re.findall(r'src="(/static/vendor/[^"]+)"', page)
    library = local.get(address)
    assert library.status_code == 200 and "immutable" in library.headers["cache-control"]


def test_queries_do_not_grow_with_the_requests(world: World) -> None:
    few = queries(world)
    for number, text in enumerate(texts_on(EXPORT, 8) + texts_on(LOGIN, 8), start=100):
        world.note(number, f"{text} Number {number}.")
    world.run()
    assert queries(world) == few


def queries(world: World) -> list[int]:
    """How many statements the page, its points and a selection each take."""
    client = make_client(world.store)
    ids = " ".join(points(client)["ids"])
    world.decide(world.proposed_with("okta"), "rename", label="Sign-on")
    counted = []
    seen: list[str] = []

    def count(*call: Any) -> None:
        seen.append(call[2])

    engine = world.store._reader
    event.listen(engine, "before_cursor_execute", count)
    try:
        for ask in (
            lambda: client.get("/desk/map", params=Q3),
            lambda: client.get("/desk/map/points", params=Q3),
            lambda: client.post("/desk/map/selection", data={"requests": ids, **Q3}),
        ):
            seen.clear()
            assert ask().status_code == 200
            counted.append(len(seen))
    finally:
        event.remove(engine, "before_cursor_execute", count)
    return counted
