"""The review page: the likeliest answer first, what it would change, and what others did."""

from __future__ import annotations

import html
import re
from datetime import date

import pytest
from fastapi.testclient import TestClient

from service.flows.keys import create_key
from service.storage.engine import Store
from tests.api.conftest import NOW, make_client
from tests.flows.world import EXPORT, LOGIN, World, texts_on
from tests.language_fakes import fake_language
from tests.web.notes_client import as_role
from tests.web.pressing import hidden_fields, press, queries, quotes_on

REVIEW = "/desk/review"


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
    return make_client(world.store, language=fake_language, fixed_day=date(2026, 9, 30))


def heading(page: str) -> str:
    found = re.search(r"<h1>([^<]+)</h1>", page)
    assert found
    return found[1]


def answers(page: str) -> list[str]:
    """What the buttons post, in their order."""
    inside = page.split('aria-label="Answer"')[1]
    return re.findall(r'name="action" value="([^"]+)"', inside)


def test_the_first_button_is_what_the_queue_suggests(world: World, client: TestClient) -> None:
    (row, *_) = client.get("/review").json()["data"]
    page = client.get(REVIEW).text
    body = row["suggested_action"]["body"]
    first = answers(page)[0]
    assert first.partition(":")[0] == body["action"]
    if body["action"] == "accept":
        assert first == f"accept:{body['feature_area']} › {body['customer_need']}"
    assert page.count('class="main"') == 1 and "reject" in answers(page)


def test_of_doubtful_requests_the_likeliest_place_comes_first(sqlite_store: Store) -> None:
    world = World(sqlite_store)
    world.item("Data", "Bulk export of invoice rows")
    world.item("Access", "Single sign-on through okta")
    odd = ("gull", "moss", "reed", "tarn", "wren", "yew")
    world.notes([f"{EXPORT} {word}ing {word}ish {word}ly." for word in odd])
    world.run()
    client = make_client(sqlite_store)
    (row, *_) = client.get("/review").json()["data"]
    assert row["kind"] == "requests"
    page = client.get(REVIEW).text
    assert answers(page)[0].partition(":")[0] == row["suggested_action"]["action"]
    assert {"confirm", "dismiss"} <= {*answers(page)}
    assert page.count('data-key="y"') == 1


def test_what_would_change_is_told_in_sentences(client: TestClient) -> None:
    page = client.get(REVIEW).text
    assert "rejected, it goes to Anecdote" in page or "of its own no longer" in page
    assert "of ARR is behind these requests." in page


def test_members_beyond_those_shown_are_a_link_away(sqlite_store: Store) -> None:
    world = World(sqlite_store)
    world.notes([*(t for _ in range(2) for t in texts_on(EXPORT, 8)), *texts_on(LOGIN, 3)])
    world.run()
    page = make_client(sqlite_store).get(REVIEW).text
    theme_id = world.proposed_with(EXPORT)
    assert len(quotes_on(page)) == 12
    assert f'<a href="/desk/themes/{theme_id}">4 more on its page</a>' in page


def test_the_tally_follows_each_answer(client: TestClient) -> None:
    assert "0 decided today by you, 2 left, 0 overdue" in client.get(REVIEW).text
    assert "1 decided today by you" in press(client, REVIEW, "reject").text


def test_what_others_decided_meanwhile_is_told_once(world: World, client: TestClient) -> None:
    page = client.get(REVIEW).text
    mine, other = hidden_fields(page), world.proposed_with(LOGIN)
    if mine["theme_id"] == other:
        other = world.proposed_with(EXPORT)
    label = world.theme(other)["label"]
    world.decide(other, "reject", reason="no")
    after = client.post(REVIEW, data={**mine, "action": "reject"})
    assert "Meanwhile:" in after.text and f"ops: Rejected: {label}" in after.text
    assert "local: Rejected" not in after.text
    assert "Meanwhile:" not in client.get(REVIEW).text


def test_what_was_typed_and_ticked_is_still_there_after_a_refusal(client: TestClient) -> None:
    first = quotes_on(client.get(REVIEW).text)[0]
    answer = press(client, REVIEW, "merge", [first], into="No such theme", item="Data", label="X")
    assert answer.status_code == 422 and "There is no theme of this name" in answer.text
    for name, value in {"into": "No such theme", "item": "Data", "label": "X"}.items():
        assert re.search(rf'<input name="{name}"[^>]* value="{value}"', answer.text)
    assert re.findall(r'value="([^"]+)" id="[^"]+" checked', answer.text) == [first]


def test_what_was_typed_for_one_question_is_not_put_to_the_next(
    world: World, client: TestClient
) -> None:
    mine = hidden_fields(client.get(REVIEW).text)
    world.decide(mine["theme_id"], "reject", reason="no")
    answer = client.post(REVIEW, data={**mine, "action": "rename", "label": "Another name"})
    assert answer.status_code == 409 and "Another name" not in answer.text


def test_a_new_item_is_written_with_what_a_keyboard_has_and_the_page_says_what_was_made(
    world: World, client: TestClient
) -> None:
    label = heading(client.get(REVIEW).text)
    after = press(client, REVIEW, "accept", item="Data > Quite another thing").text
    assert f"Accepted as Quite another thing: {label}" in after
    answer = press(client, REVIEW, "accept", item="Quite another thing")
    assert answer.status_code == 422 and "its area, then &gt;, then its need" in answer.text


def test_a_conflict_tells_who_was_first(world: World, client: TestClient) -> None:
    mine = hidden_fields(client.get(REVIEW).text)
    world.decide(mine["theme_id"], "reject", reason="no")
    answer = client.post(REVIEW, data={**mine, "action": "reject"})
    assert answer.status_code == 409
    assert "Somebody else has decided" in answer.text and "ops: Rejected:" in answer.text


def test_a_question_that_is_answered_is_followed_by_the_next(client: TestClient) -> None:
    first = heading(client.get(REVIEW).text)
    assert heading(press(client, REVIEW, "reject").text) != first


def test_the_page_is_closed_to_who_does_not_review(world: World) -> None:
    made = create_key(world.store, role="product", name="pm", csm_id=None, now=NOW, actor="t")
    client = make_client(world.store, auth="keys")
    page = client.get(REVIEW, headers={"Authorization": f"Bearer {made.key}"})
    assert page.status_code == 403


def test_it_costs_as_many_queries_with_a_large_queue_as_with_a_small_one(
    sqlite_store: Store,
) -> None:
    world = World(sqlite_store)
    world.notes([*texts_on(EXPORT, 8), *texts_on(LOGIN, 3)])
    world.run()
    client = make_client(sqlite_store)
    counts = []
    for _ in range(2):
        client.get(REVIEW)
        with queries(sqlite_store) as asked:
            client.get(REVIEW)
        counts.append(len(asked))
        subjects = [f"They need {word} {word}ing {word}ish" for word in ("gull", "moss", "reed")]
        world.notes([t for subject in subjects for t in texts_on(subject, 4)], first=50)
        world.run()
        client.get(REVIEW)
    assert counts[0] == counts[1] <= 35


@pytest.mark.parametrize("action", ["reject", "nonsense"])
def test_it_is_not_shown_to_product_by_posting_to_it_either(world: World, action: str) -> None:
    answer = as_role(world.store, "product").post(REVIEW, data={"action": action})
    assert answer.status_code == 403 and EXPORT not in answer.text


def test_a_number_that_is_none_of_a_decision_is_passed_over(client: TestClient) -> None:
    assert client.get(REVIEW, params={"seen": "9" * 900}).status_code == 200
    assert client.post(REVIEW, data={"seen": "9" * 5_000, "action": "x"}).status_code == 422


def own_link(page: str) -> str:
    """The address of the question on the page."""
    found = re.search(r'<a href="([^"]+)">Link to this question</a>', page)
    assert found
    return html.unescape(found[1])


def second_in_queue(client: TestClient) -> str:
    """The address of the question behind the first."""
    skip = re.search(r'<a href="([^"]+)" data-key="j">', client.get(REVIEW).text)
    assert skip
    return own_link(client.get(html.unescape(skip[1])).text)


def test_a_question_is_found_under_its_address_wherever_it_stands(client: TestClient) -> None:
    address = second_in_queue(client)
    page = client.get(address).text
    assert heading(page) != heading(client.get(REVIEW).text) and own_link(page) == address
    # What stands before it comes next, and is what a skip leads to.
    assert f'<a href="{REVIEW}" data-key="j">' in page
    first = own_link(client.get(REVIEW).text)
    assert f'href="{REVIEW}?after=' in client.get(first).text


def test_an_answered_question_says_by_whom_and_offers_the_next(
    world: World, client: TestClient
) -> None:
    address = second_in_queue(client)
    theme_id = hidden_fields(client.get(address).text)["theme_id"]
    label = world.theme(theme_id)["label"]
    world.decide(theme_id, "reject", reason="no")
    page = client.get(address).text
    assert heading(page) == "This question has been answered"
    assert f"Rejected: {label} (ops, " in page and 'name="action"' not in page
    assert f'<a class="button" href="{REVIEW}" data-key="j">' in page


def test_behind_an_answer_under_its_address_comes_the_queue_and_an_undo_leads_back(
    client: TestClient,
) -> None:
    address = second_in_queue(client)
    asked, top = heading(client.get(address).text), heading(client.get(REVIEW).text)
    after = press(client, address, "reject").text
    assert heading(after) == top and "Rejected: " in after
    undo = re.search(r'action="(/desk/undo/[^"]+)"', after)
    assert undo
    assert heading(client.post(html.unescape(undo[1])).text) == asked


def test_what_does_not_answer_a_question_leaves_it_asked(client: TestClient) -> None:
    address = second_in_queue(client)
    assert heading(press(client, address, "rename", label="Another name").text) == "Another name"


def test_a_refusal_under_an_address_shows_the_same_question(client: TestClient) -> None:
    address = second_in_queue(client)
    asked = heading(client.get(address).text)
    answer = press(client, address, "merge", into="No such theme")
    assert answer.status_code == 422 and heading(answer.text) == asked


def test_doubtful_requests_have_an_address_too(sqlite_store: Store) -> None:
    world = World(sqlite_store)
    world.item("Data", "Bulk export of invoice rows")
    world.item("Access", "Single sign-on through okta")
    odd = ("gull", "moss", "reed", "tarn", "wren", "yew")
    world.notes([f"{EXPORT} {word}ing {word}ish {word}ly." for word in odd])
    world.run()
    client = make_client(sqlite_store)
    page = client.get(REVIEW).text
    address, asked = own_link(page), quotes_on(page)
    assert quotes_on(client.get(address).text) == asked
    # Under a name of the same requests from before they were put together anew.
    other = address.replace(asked[0], asked[1])
    assert quotes_on(client.get(other).text) == asked
    assert "Confirmed" in press(client, address, "confirm", asked).text
    assert "Confirmed: 6 requests" in client.get(address).text


@pytest.mark.parametrize("name", ["t_none", "t_none.r_none", "..", "x" * 900])
def test_an_address_of_no_question_says_so(client: TestClient, name: str) -> None:
    page = client.get(REVIEW, params={"question": name})
    assert page.status_code == 200 and heading(page.text) == "There is no such question"


def test_a_question_that_came_after_the_order_was_worked_out_is_found(
    world: World, client: TestClient
) -> None:
    client.get(REVIEW)
    world.notes(texts_on("They need darker colours in evening screens", 4), first=60)
    world.run()
    theme_id = world.proposed_with("darker colours")
    page = client.get(REVIEW, params={"question": theme_id}).text
    assert hidden_fields(page)["theme_id"] == theme_id
