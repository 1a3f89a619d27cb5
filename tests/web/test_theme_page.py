"""The page of a theme: what is on it, where it comes from, and what is decided there."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient

from service.flows.keys import create_key
from service.storage.engine import Store
from tests.api.conftest import NOW, make_client
from tests.flows.world import EXPORT, LOGIN, World, texts_on
from tests.language_fakes import fake_language
from tests.web.pressing import press, queries, quotes_on


@pytest.fixture
def world(sqlite_store: Store) -> World:
    """Two proposed themes and one live item."""
    world = World(sqlite_store)
    world.item("Data", "Quite another thing")
    world.notes([*texts_on(EXPORT, 5), *texts_on(LOGIN, 3)])
    world.run()
    return world


@pytest.fixture
def client(world: World) -> TestClient:
    return make_client(world.store, language=fake_language)


def page_of(theme_id: str) -> str:
    return f"/desk/themes/{theme_id}"


def test_it_shows_members_figures_and_history(world: World, client: TestClient) -> None:
    page = client.get(page_of(world.proposed_with(EXPORT))).text
    assert len(quotes_on(page)) == 5
    assert "<dt>Requests</dt><dd>5</dd>" in page and "<dt>Accounts</dt><dd>5</dd>" in page
    assert "Born in run 1 of 5 requests." in page
    assert "put here by the machine" in page


def test_each_request_leads_to_its_place_in_its_note(world: World, client: TestClient) -> None:
    request = world.request_like("okta soon")
    page = client.get(page_of(request.theme_id or "")).text
    assert f'href="/desk/notes/{request.note_id}#r-{request.id}"' in page


def test_exemplars_come_first_and_pages_hold_every_member_once(
    sqlite_store: Store,
) -> None:
    world = World(sqlite_store)
    world.notes([f"{EXPORT} number{n}." for n in range(40)])
    world.run()
    client = make_client(sqlite_store)
    theme_id = world.proposed_with(EXPORT)
    first = client.get(page_of(theme_id)).text
    assert "typical of it" in first.split("<q>")[1]
    more = re.search(r'<a href="([^"]+)" rel="next">More requests', first)
    assert more
    shown = [*quotes_on(first), *quotes_on(client.get(more[1]).text)]
    assert len(shown) == len(set(shown)) == 40


def test_an_id_that_was_merged_leads_to_the_survivor_and_says_so(
    world: World, client: TestClient
) -> None:
    old, into = world.proposed_with(LOGIN), world.proposed_with(EXPORT)
    label = world.theme(old)["label"]
    world.decide(old, "merge", into=into)
    answer = client.get(page_of(old))
    assert answer.url.path == page_of(into)
    assert f"“{label}” was merged into this theme" in answer.text


def test_a_merge_is_pressed_told_and_taken_back(world: World, client: TestClient) -> None:
    old, into = world.proposed_with(LOGIN), world.proposed_with(EXPORT)
    answer = press(client, page_of(old), f"merge:{into}")
    assert answer.url.path == page_of(into)
    undo = re.search(r'action="(/desk/undo/[^"]+)"', answer.text)
    assert undo and "Merged:" in answer.text
    back = client.post(undo[1])
    assert back.url.path == page_of(old) and "Taken back." in back.text
    assert world.theme(old)["status"] == "proposed"


def test_what_was_typed_and_ticked_is_still_there_after_a_refusal(
    world: World, client: TestClient
) -> None:
    address = page_of(world.proposed_with(EXPORT))
    ticked = quotes_on(client.get(address).text)[:2]
    answer = press(client, address, "merge", ticked, into="No such theme")
    assert answer.status_code == 422 and 'name="into" value="No such theme"' in answer.text
    assert re.findall(r'value="([^"]+)" id="[^"]+" checked', answer.text) == ticked


def test_ticked_requests_are_split_off_and_the_new_theme_is_a_link(
    world: World, client: TestClient
) -> None:
    theme_id = world.proposed_with(EXPORT)
    ticked = quotes_on(client.get(page_of(theme_id)).text)[:2]
    answer = press(client, page_of(theme_id), "split", ticked)
    made = re.search(r'<a href="([^"]+)">see what was split off', answer.text)
    assert made
    assert sorted(quotes_on(client.get(made[1]).text)) == sorted(ticked)


def test_every_decision_is_told_with_who_and_can_be_undone_there(
    world: World, client: TestClient
) -> None:
    theme_id = world.proposed_with(EXPORT)
    press(client, page_of(theme_id), "rename", label="Rows in bulk")
    page = client.get(page_of(theme_id)).text
    assert "Renamed to “Rows in bulk”" in page and "local</span>" in page
    told = page.split("<h2>Decisions</h2>")[1]
    undo = re.search(r'action="(/desk/undo/[^"]+)"', told)
    assert undo
    after = client.post(undo[1]).text.split("<h2>Decisions</h2>")[1]
    assert "<s>Renamed to “Rows in bulk”</s>" in after and "/desk/undo/" not in after


def test_a_decision_under_a_later_one_offers_no_undo(world: World, client: TestClient) -> None:
    theme_id = world.proposed_with(EXPORT)
    world.decide(theme_id, "rename", label="First")
    world.decide(theme_id, "rename", label="Second")
    told = client.get(page_of(theme_id)).text.split("<h2>Decisions</h2>")[1]
    assert told.count("/desk/undo/") == 1
    assert told.index("Second") < told.index("/desk/undo/") < told.index("First")


def test_a_stale_page_changes_nothing_and_says_so(world: World, client: TestClient) -> None:
    theme_id = world.proposed_with(EXPORT)
    stale = {"theme_id": theme_id, "etag": f"{theme_id}-0", "action": "reject"}
    answer = client.post(page_of(theme_id), data=stale)
    assert answer.status_code == 409
    assert "Somebody else has decided" in answer.text
    assert world.theme(theme_id)["status"] == "proposed"


def test_what_is_close_to_it_can_be_merged_and_what_was_kept_apart_says_so(
    sqlite_store: Store,
) -> None:
    world = World(sqlite_store)
    world.notes([*texts_on(EXPORT, 6), *texts_on(LOGIN, 4)])
    world.run()
    theme_id = world.proposed_with(EXPORT)
    client = make_client(sqlite_store)
    ticked = quotes_on(client.get(page_of(theme_id)).text)[:3]
    press(client, page_of(theme_id), "split", ticked)
    close = client.get(page_of(theme_id)).text.split("<h2>Close to it</h2>")[1]
    assert "kept apart by a decision" in close
    assert re.search(r'value="merge:t_[0-9a-f]+"', close)


def test_an_item_takes_a_proposed_theme_in(world: World, client: TestClient) -> None:
    item, proposed = world.item("Access", LOGIN), world.proposed_with(EXPORT)
    press(client, page_of(item), f"take:{proposed}")
    assert world.theme(proposed)["id"] == item


def test_its_signal_is_that_of_the_last_quarter_in_which_it_was_heard_of(
    world: World, client: TestClient
) -> None:
    theme_id = world.proposed_with(EXPORT)
    page = client.get(page_of(theme_id)).text
    assert f'href="/board/{theme_id}?quarter=2026-Q3"' in page
    assert client.get(f"/board/{theme_id}?quarter=2026-Q3").status_code == 200


def test_months_are_in_a_table_too(world: World, client: TestClient) -> None:
    page = client.get(page_of(world.proposed_with(EXPORT))).text
    month = re.search(r'<th scope="row">2026-07</th><td class="n">(\d+)</td>', page)
    assert month and month[1] == "5"


def test_a_rejected_theme_says_what_became_of_it(world: World, client: TestClient) -> None:
    theme_id = world.proposed_with(EXPORT)
    world.decide(theme_id, "reject", reason="no")
    page = client.get(page_of(theme_id)).text
    assert "This theme was rejected" in page and "It holds no requests" in page
    assert "because: no" in page


def test_texts_are_escaped(sqlite_store: Store) -> None:
    world = World(sqlite_store)
    attack = 'We need <script>alert(1)</script> "><img src=x onerror=alert(1)>'
    world.notes([*texts_on(attack, 4), *texts_on(LOGIN, 4)])
    world.run()
    page = make_client(sqlite_store).get(page_of(world.proposed_with("<script>"))).text
    assert "<script>alert" not in page and "<img src=x" not in page


@pytest.mark.parametrize(("role", "ticks"), [("cs_ops", True), ("product", False), ("csm", False)])
def test_who_may_not_decide_reads_it_without_buttons(world: World, role: str, ticks: bool) -> None:
    csm_id = "c-1" if role == "csm" else None
    made = create_key(world.store, role=role, name=role, csm_id=csm_id, now=NOW, actor="test")
    client = make_client(world.store, auth="keys")
    headers = {"Authorization": f"Bearer {made.key}"}
    theme_id = world.proposed_with(EXPORT)
    page = client.get(page_of(theme_id), headers=headers)
    assert page.status_code == 200 and EXPORT in page.text
    assert bool(quotes_on(page.text)) is ticks
    assert ('name="action" value="reject"' in page.text) is ticks
    pressed = client.post(page_of(theme_id), headers=headers, data={"action": "reject"})
    assert (pressed.status_code == 403) is not ticks


def test_quotes_are_masked_for_who_may_not_read_notes(sqlite_store: Store) -> None:
    world = World(sqlite_store)
    world.notes([*(f"{EXPORT}, call +1 415 555 010{n}." for n in range(4)), *texts_on(LOGIN, 4)])
    world.run()
    address = page_of(world.proposed_with(EXPORT))
    made = create_key(sqlite_store, role="product", name="pm", csm_id=None, now=NOW, actor="test")
    client = make_client(sqlite_store, auth="keys")
    page = client.get(address, headers={"Authorization": f"Bearer {made.key}"}).text
    assert "[phone]" in page and "555 0101" not in page
    assert "555 0101" in make_client(sqlite_store).get(address).text


def test_it_costs_as_many_queries_with_many_rows_as_with_few(sqlite_store: Store) -> None:
    world = World(sqlite_store)
    world.notes([*texts_on(EXPORT, 4), *(t for n in range(4) for t in texts_on(LOGIN, 8))])
    world.run()
    client = make_client(sqlite_store)
    counts = []
    client.get(page_of(world.proposed_with(EXPORT)))
    for words in (EXPORT, LOGIN):
        address = page_of(world.proposed_with(words))
        with sqlite_store.write():
            pass
        with queries(sqlite_store) as asked:
            client.get(address)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 45


def test_an_unknown_theme_is_a_page(client: TestClient) -> None:
    page = client.get(page_of("t_none"))
    assert page.status_code == 404 and page.headers["content-type"].startswith("text/html")
