"""The taxonomy's pages: what they show, who may do what, and what a dry run leaves alone."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.flows.decide_item import propose_item
from service.flows.keys import create_key
from service.flows.taxonomy import list_items
from service.storage.engine import Store, open_store
from tests.api.conftest import NOW, make_client
from tests.flows.world import COLOUR, EXPORT, LOGIN, World, tables_of, texts_on
from tests.language_fakes import fake_language
from tests.web import pressing

Q3 = {"quarter": "2026-Q3"}
TREE = "/desk/taxonomy"
ATTACK = '"><script>alert(1)</script>'


@pytest.fixture(scope="module")
def filled_file(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Path:
    """Two items, one of them with requests on it, and two needs that nothing fits."""
    path = tmp_path_factory.mktemp("taxonomy") / "filled.db"
    shutil.copyfile(migrated_file, path)
    store = open_store(f"sqlite:///{path}")
    world = World(store)
    world.item("Access", "Sign on", description=LOGIN, examples=["Okta, please"])
    world.item("Billing", "Pay each invoice by card")
    world.notes([*texts_on(LOGIN, 4), *texts_on(EXPORT, 5), *texts_on(COLOUR, 3)])
    world.run()
    store.scrub()
    store.close()
    return path


@pytest.fixture
def world(tmp_path: Path, filled_file: Path) -> Iterator[World]:
    """A copy of it for each test."""
    shutil.copyfile(filled_file, tmp_path / "groundswell.db")
    store = open_store(f"sqlite:///{tmp_path / 'groundswell.db'}")
    yield World(store)
    store.close()


@pytest.fixture
def local(world: World) -> TestClient:
    return make_client(world.store, language=fake_language)


AsRole = Callable[[str], TestClient]


@pytest.fixture
def as_role(world: World) -> AsRole:
    def made(role: str) -> TestClient:
        client = make_client(world.store, auth="keys", language=fake_language)
        csm = "c-1" if role == "csm" else None
        key = create_key(world.store, role=role, name=role, csm_id=csm, now=NOW, actor="t").key
        client.headers["Authorization"] = f"Bearer {key}"
        return client

    return made


def tree(client: TestClient, **query: str) -> str:
    page = client.get(TREE, params={**Q3, **query})
    assert page.status_code == 200
    return page.text


def item_page(client: TestClient, need: str) -> tuple[str, str]:
    """The address of an item's page, and the page."""
    found = re.search(rf'href="({TREE}/items/[^"]+)">{re.escape(need)}<', tree(client))
    assert found, need
    address = unescape(found[1])
    return address, client.get(address).text


def about(page: str) -> dict[str, str]:
    """The hidden fields that say what a form is about."""
    names = ("item_id", "theme_id", "etag", "quarter")
    found = {name: re.search(rf'name="{name}" value="([^"]*)"', page) for name in names}
    return {name: unescape(hit[1]) for name, hit in found.items() if hit}


def post(client: TestClient, what: str, **fields: str) -> Any:
    return client.post(f"{TREE}/{what}", data={**Q3, **fields}, follow_redirects=False)


def done(client: TestClient, answer: Any) -> str:
    assert answer.status_code == 303, answer.text
    return client.get(answer.headers["location"]).text


def statuses(store: Store) -> dict[str, str]:
    return {one.item.customer_need: one.status.value for one in list_items(store).data}


def test_the_tree_shows_areas_needs_and_figures(world: World, local: TestClient) -> None:
    page = tree(local)
    for shown in ("Access", "Sign on", "They need single sign-on", "Okta, please", "Candidate"):
        assert shown in page
    row = page.split(">Sign on<")[1].split("</tr>")[0]
    heard = len(world.on(world.proposed_with("okta")))
    figures = re.findall(r'<td class="n">(.*?)</td>', row)
    assert figures[1] == f'{heard}<span class="quiet"> / {heard}</span>'
    assert 'href="/board/t_' in row and 'href="/desk/themes/t_' in row


def test_words_filter_areas_needs_descriptions_and_examples(local: TestClient) -> None:
    for q in ("access", "SIGN", "okta please", "single sign-on"):
        page = tree(local, q=q)
        assert ">Sign on<" in page and ">Pay each invoice by card<" not in page, q
    assert "No item holds these words" in tree(local, q="zebra")


def test_the_quarter_is_in_the_address(local: TestClient) -> None:
    row = tree(local, quarter="2026-Q1").split(">Sign on<")[1].split("</tr>")[0]
    assert "/board/" not in row and "quarter=2025-Q4" in tree(local, quarter="2026-Q1")
    assert local.get(TREE, params={"quarter": "2026"}).status_code == 422


def test_everything_written_is_escaped(world: World, local: TestClient) -> None:
    world.item(f"Area {ATTACK}", f"Need {ATTACK}", description=ATTACK, examples=[ATTACK])
    _, page = item_page(local, "Sign on")
    listed = next(one for one in list_items(world.store).data if ATTACK in one.item.customer_need)
    own = local.get(f"{TREE}/items/{listed.id}").text
    pages = [tree(local), own, tree(local, q=ATTACK)]
    pages.append(post(local, "preview", action="merge", into=ATTACK, **about(page)).text)
    for shown in pages:
        assert "<script>alert" not in shown and "&lt;script&gt;" in shown


def test_cs_ops_makes_an_item_that_is_live_and_takes_it_back(
    world: World, local: TestClient
) -> None:
    assert "It is <b>live</b> at once" in tree(local)
    answer = post(local, "decide", action="add", area="Data", need="Export", description=EXPORT)
    page = done(local, answer)
    assert "Export" in page.split('role="status"')[1].split("</form>")[0]
    assert statuses(world.store)["Export"] == "live"
    undo = re.search(r'action="(/desk/undo/[^"]+)"', page)
    assert undo and "Taken back" in done(
        local, local.post(unescape(undo[1]), follow_redirects=False)
    )
    assert "Export" not in statuses(world.store)


@pytest.mark.parametrize("role", ["csm", "product"])
def test_anybody_else_proposes_and_cs_ops_answers(world: World, as_role: AsRole, role: str) -> None:
    asking, ops = as_role(role), as_role("cs_ops")
    assert "It starts as <b>proposed</b>" in tree(asking)
    answer = post(asking, "propose", area="Data", need="Export", description="All rows")
    assert "Proposed: Export" in done(asking, answer)
    assert statuses(world.store)["Export"] == "proposed"
    _, page = item_page(ops, "Export")
    answer = post(ops, "decide", action="add", area="Data", need="Export", **about(page))
    done(ops, answer)
    assert statuses(world.store)["Export"] == "live"


def test_cs_ops_refuses_what_was_proposed(world: World, local: TestClient) -> None:
    propose_item(
        world.store, {"feature_area": "Data", "customer_need": "Pony"}, now=NOW, actor="csm"
    )
    assert "Proposed: 1" in tree(local)
    _, page = item_page(local, "Pony")
    done(local, post(local, "decide", action="refuse", area="Data", need="Pony", **about(page)))
    assert statuses(world.store)["Pony"] == "retired"
    assert ">Pony<" not in tree(local) and ">Pony<" in tree(local, retired="1")


@pytest.mark.parametrize("role", ["csm", "product", "ingest"])
@pytest.mark.parametrize("what", ["decide", "preview"])
def test_only_cs_ops_decides(world: World, as_role: AsRole, role: str, what: str) -> None:
    client = as_role(role)
    before = tables_of(world.store, without=["api_keys", "audit"])
    answer = post(client, what, action="add", area="Data", need="Export")
    assert answer.status_code == 403
    assert tables_of(world.store, without=["api_keys", "audit"]) == before
    if role != "ingest":
        _, page = item_page(client, "Sign on")
        assert "/desk/taxonomy/decide" not in page


def test_an_item_is_renamed_and_keeps_its_theme(world: World, local: TestClient) -> None:
    _, page = item_page(local, "Sign on")
    known = about(page)["theme_id"]
    answer = post(
        local,
        "decide",
        action="edit",
        area="Identity",
        need="Single sign-on",
        description=LOGIN,
        examples="Okta, please",
        examples_as_shown="Okta, please",
        **about(page),
    )
    assert "Single sign-on" in done(local, answer)
    _, page = item_page(local, "Single sign-on")
    assert about(page)["theme_id"] == known and "Okta, please" in page


def test_examples_left_alone_keep_their_lines(world: World, local: TestClient) -> None:
    two_lines = "First line\nsecond line"
    world.item("Access", "Keys", examples=[two_lines])
    _, page = item_page(local, "Keys")
    shown = "First line second line"
    assert f"{shown}</textarea>" in page
    same = {"area": "Access", "need": "Keys", "description": "New words"}
    answer = post(
        local, "decide", action="edit", examples=shown, examples_as_shown=shown, **same,
        **about(page),
    )  # fmt: skip
    done(local, answer)
    (item,) = [one.item for one in list_items(world.store).data if one.item.customer_need == "Keys"]
    assert (item.description, item.examples) == ("New words", (two_lines,))


def test_two_at_once_never_overwrite_each_other(world: World, local: TestClient) -> None:
    _, page = item_page(local, "Sign on")
    known = about(page)
    words = {"area": "Access", "need": "Sign on"}
    done(local, post(local, "decide", action="edit", description="First", **words, **known))
    mine = {"description": "Second", "examples": "New", "examples_as_shown": "Okta, please"}
    second = post(local, "decide", action="edit", **mine, **words, **known)
    assert second.status_code == 409
    assert "Somebody else has changed this" in second.text
    for kept in ("Second</textarea>", "New</textarea>", 'as_shown" value="Okta, please"'):
        assert kept in second.text
    (item,) = [o.item for o in list_items(world.store).data if o.item.customer_need == "Sign on"]
    assert item.description == "First"


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"action": "merge", "into": "Nothing › like it"}, 422),
        ({"action": "edit", "area": "Billing", "need": "Pay each invoice by card"}, 409),
        ({"action": "edit", "area": "", "need": "x"}, 422),
        ({"action": "dance"}, 422),
    ],
)
@pytest.mark.parametrize("what", ["decide", "preview"])
def test_a_refusal_keeps_what_was_typed(
    local: TestClient, what: str, fields: dict[str, str], status: int
) -> None:
    _, page = item_page(local, "Sign on")
    answer = post(local, what, **fields, **about(page))
    assert answer.status_code == status
    assert 'role="alert"' in answer.text
    shown = unescape(answer.text)
    for typed in ("into", "need"):
        assert fields.get(typed, "") in shown
    # Only what was refused is shown as it was typed.
    assert (f'name="need" value="{fields.get("need", "Sign on")}"') in shown


def test_what_was_retired_is_called_so(world: World, local: TestClient) -> None:
    _, page = item_page(local, "Sign on")
    answer = post(local, "decide", action="retire", **about(page))
    assert "Retired: " in done(local, answer)


@pytest.mark.parametrize("action", ["merge", "retire", "edit", "add"])
def test_a_preview_shows_what_would_change_and_stores_nothing(
    world: World, local: TestClient, action: str
) -> None:
    _, page = item_page(local, "Sign on")
    before = tables_of(world.store)
    fields = {
        "merge": {"into": "Billing › Pay each invoice by card"},
        "retire": {},
        "edit": {"area": "Identity", "need": "Okta", "description": LOGIN},
        "add": {"area": "Data", "need": "Export", "description": EXPORT},
    }[action]
    seen = {} if action == "add" else about(page)
    answer = post(local, "preview", action=action, **fields, **seen)
    assert answer.status_code == 200, answer.text
    assert "nothing is stored yet" in answer.text
    assert tables_of(world.store) == before
    heard = len(world.on(world.proposed_with("okta")))
    if action in ("merge", "retire"):
        assert f"{heard} → <b>0</b>" in answer.text and "gone" in answer.text
    kept = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', answer.text))
    again = local.post(
        f"{TREE}/decide",
        data={name: unescape(value) for name, value in kept.items()},
        follow_redirects=False,
    )
    assert again.status_code == 303
    assert tables_of(world.store) != before


def test_the_download_can_be_put_back_and_changes_nothing(world: World, local: TestClient) -> None:
    world.item("Ärea, “two”", "=SUM(1)", description="line\nline", examples=["a\nb", "[c]"])
    propose_item(world.store, {"feature_area": "X", "customer_need": "Y"}, now=NOW, actor="csm")
    before = tables_of(world.store, without=["data_version", "touched"])
    download = local.get(f"{TREE}.csv")
    assert download.headers["content-type"].startswith("text/csv")
    assert "attachment" in download.headers["content-disposition"]
    answer = local.put(
        "/taxonomy", content=download.content, headers={"Content-Type": "text/csv"}
    ).json()
    assert (answer["duplicate"], answer["accepted"], answer["rejected"]) == (3, 0, [])
    assert tables_of(world.store, without=["data_version", "touched"]) == before


def test_the_number_of_queries_is_the_same_for_few_and_for_many(
    world: World, local: TestClient
) -> None:
    addresses = [
        TREE + "?quarter=2026-Q3",
        item_page(local, "Sign on")[0],
        f"{TREE}/unclassified?quarter=2026-Q3",
    ]

    def queries() -> list[int]:
        found = []
        for address in addresses:
            # Another data version, so that nothing is kept from before.
            with world.store.write():
                pass
            with pressing.queries(world.store) as seen:
                assert local.get(address).status_code == 200
            found.append(len(seen))
        return found

    # The first drawing of a process knows of nothing that was touched since.
    queries()
    world.item("Area 9", "Need number 99")
    world.notes(texts_on("We need a thing called soup", 6), first=90)
    world.run()
    few = queries()
    for number in range(30):
        world.item(f"Area {number % 5}", f"Need number {number}")
    world.notes([f"We need a thing called {n} soon." for n in range(60)], first=100)
    world.run()
    assert queries() == few
    assert max(few) <= 20
