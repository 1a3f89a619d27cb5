"""The page of what waits: its orders and filters, and one press an answer."""

from __future__ import annotations

import re
from hashlib import md5

import pytest
from fastapi.testclient import TestClient

from service.flows.theme_names import theme_names
from service.storage.engine import Store
from tests.api.conftest import make_client
from tests.flows.world import World
from tests.web.pressing import press, queries, quotes_on

WAITING = "/desk/waiting"
ALONE = (
    "They need a purple giraffe statue.",
    "They need quiet violin lessons downstairs.",
    "They need frozen lemon umbrellas overnight.",
)


@pytest.fixture
def world(sqlite_store: Store) -> World:
    """Three requests that are like nothing else, the second of the largest account."""
    world = World(sqlite_store)
    for area, need in (("Data", "Bulk export"), ("Access", "Okta sign-on"), ("Look", "Colours")):
        world.item(area, need)
    for number, text in enumerate(ALONE, start=1):
        world.note(number, text, occurred_at=f"2026-07-0{number}T09:00:00Z", csm_id=f"c-{number}")
    world.run()
    return world


@pytest.fixture
def client(world: World) -> TestClient:
    client = make_client(world.store)
    accounts = [
        {"account_id": f"a-{number}", "name": f"Firm {number}", "arr": arr}
        for number, arr in ((1, 20_000), (2, 900_000), (3, None))
    ]
    client.put("/accounts", json=accounts)
    return client


def _strange_words(number: int) -> str:
    """Six words that no other number has, of letters alone."""
    letters = str.maketrans("0123456789", "ghijklmnop")
    return " ".join(md5(f"{number} {n}".encode()).hexdigest()[:8] for n in range(6)).translate(
        letters
    )


def shown(page: str) -> list[str]:
    return re.findall(r"<q>([^<]*)</q>", page)


def test_the_oldest_come_first_and_say_how_long_they_wait(client: TestClient) -> None:
    page = client.get(WAITING).text
    assert shown(page) == [text.rstrip(".") if f"<q>{text}" not in page else text for text in ALONE]
    assert "waiting 92 days" in page and "Firm 1" in page


def test_the_most_arr_first_and_unknown_last(client: TestClient) -> None:
    page = client.get(WAITING, params={"order": "arr"}).text
    words = [text.split()[3] for text in shown(page)]
    assert words == [ALONE[n].split()[3] for n in (1, 0, 2)]


@pytest.mark.parametrize("order", ["oldest", "arr"])
def test_pages_hold_each_request_once(sqlite_store: Store, order: str) -> None:
    world = World(sqlite_store)
    world.item("Data", "Bulk export")
    for number in range(1, 26):
        world.note(number, f"They need {_strange_words(number)}.")
    world.run()
    client = make_client(sqlite_store)
    first = client.get(WAITING, params={"order": order}).text
    more = re.search(r'<a href="([^"]+)" rel="next"', first)
    assert more and len(quotes_on(first)) == 20
    ids = [*quotes_on(first), *quotes_on(client.get(more[1].replace("&amp;", "&")).text)]
    assert len(ids) == len(set(ids)) == 25


def test_filters_are_in_the_address(world: World, client: TestClient) -> None:
    world.decide(
        theme_names(world.store).items[0].theme_id,
        "severity",
        requests=world.ids(["giraffe"]),
        severity="blocking",
    )
    for query, words in (
        ({"account": "a-2"}, ["violin"]),
        ({"csm": "c-3"}, ["lemon"]),
        ({"severity": "blocking"}, ["giraffe"]),
    ):
        found = shown(client.get(WAITING, params=query).text)
        assert len(found) == 1 and all(word in found[0] for word in words)
    assert "Clear them" in client.get(WAITING, params={"account": "a-9"}).text


def test_one_press_puts_it_on_a_candidate_and_undo_brings_it_back(
    world: World, client: TestClient
) -> None:
    page = client.get(WAITING).text
    button = re.search(r'value="(assign:(t_\w+):(r_\w+))"', page)
    assert button
    answer = press(client, WAITING, button[1])
    assert "Confirmed: 1 request on" in answer.text and len(shown(answer.text)) == 2
    assert world.request_like("giraffe").theme_id == button[2]
    undo = re.search(r'action="(/desk/undo/[^"]+)"', answer.text)
    assert undo
    assert len(shown(client.post(undo[1].replace("&amp;", "&")).text)) == 3


def test_several_go_where_is_typed_in_one_decision(world: World, client: TestClient) -> None:
    ticked = quotes_on(client.get(WAITING).text)[:2]
    answer = press(client, WAITING, "choose", ticked, item="Access › Okta sign-on")
    assert "Confirmed: 2 requests on Okta sign-on" in answer.text
    assert len(world.on(world.request_like("giraffe").theme_id)) == 2


@pytest.mark.parametrize(
    ("action", "said"),
    [("dismiss", "Dismissed as not a request: 2"), ("hold", "Kept off every item: 2")],
)
def test_ticked_ones_go_away(client: TestClient, action: str, said: str) -> None:
    ticked = quotes_on(client.get(WAITING).text)[:2]
    answer = press(client, WAITING, action, ticked)
    assert said in answer.text and len(shown(answer.text)) == 1
    held = client.get(WAITING, params={"held": "yes"}).text
    assert len(shown(held)) == (2 if action == "hold" else 0)


def test_a_name_that_is_no_items_keeps_what_was_ticked_and_typed(client: TestClient) -> None:
    ticked = quotes_on(client.get(WAITING).text)[:1]
    answer = press(client, WAITING, "choose", ticked, item="Access › Nothing")
    assert answer.status_code == 422
    assert "no item of this name" in answer.text and 'value="Access › Nothing"' in answer.text
    assert answer.text.count(" checked") == 1


def test_what_somebody_else_has_put_away_is_refused(world: World, client: TestClient) -> None:
    page = client.get(WAITING).text
    first = quotes_on(page)[0]
    items = theme_names(world.store).items
    world.decide(items[0].theme_id, "confirm", requests=[first])
    answer = client.post(WAITING, data={"action": f"assign:{items[1].theme_id}:{first}"})
    assert answer.status_code == 422 and "Not on this theme" in answer.text
    assert world.request_like("giraffe").theme_id == items[0].theme_id


def test_nothing_that_waits_is_said(sqlite_store: Store) -> None:
    assert "Nothing waits" in make_client(sqlite_store).get(WAITING).text


@pytest.mark.parametrize("query", ["?order=loudest", "?severity=huge", "?cursor=xyz"])
def test_a_bad_address_is_a_page_that_says_so(client: TestClient, query: str) -> None:
    page = client.get(WAITING + query)
    assert page.status_code == 422 and page.headers["content-type"].startswith("text/html")


def test_it_costs_as_many_queries_with_many_rows_as_with_few(
    world: World, client: TestClient
) -> None:
    counts = []
    client.get(WAITING)
    for query in ({"account": "a-1"}, {}):
        with world.store.write():
            pass
        with queries(world.store) as asked:
            client.get(WAITING, params=query)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 30


def test_an_account_and_a_csm_of_one_id_keep_their_own_names(sqlite_store: Store) -> None:
    world = World(sqlite_store)
    world.item("Data", "Bulk export")
    world.note(1, ALONE[0], account_id="1", csm_id="1")
    world.run()
    client = make_client(sqlite_store)
    client.put("/accounts", json=[{"account_id": "1", "name": "Acme"}])
    client.put("/csms", json=[{"csm_id": "1", "name": "Jane"}])
    page = client.get(WAITING, params={"account": "1", "csm": "1"}).text
    assert ">Acme</a>" in page and ">Jane</a>" in page
    assert "Account: Acme" in page and "CSM: Jane" in page
