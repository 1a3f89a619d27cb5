from __future__ import annotations

from decimal import Decimal

import pytest

from models.errors import InvalidInput, NotFound
from service.flows.export import export_requests, export_themes
from service.flows.portfolio import upsert_accounts
from service.flows.themes import list_themes
from service.storage.engine import Store
from tests.factories import lines_of
from tests.flows.world import EXPORT, LOGIN, World, texts_on


@pytest.fixture
def world(store: Store) -> World:
    world = World(store)
    world.notes([*texts_on(EXPORT, 5), *texts_on(LOGIN, 4)])
    world.run()
    return world


def test_a_theme_weighs_what_its_requests_do(world: World) -> None:
    accounts = [
        {"account_id": "a-6", "arr": "1000.50"},
        {"account_id": "a-7", "arr": 2000},
    ]
    upsert_accounts(world.store, lines_of(*accounts), now=world.now, actor="t")
    theme = world.proposed_with("okta")
    world.decide(theme, "severity", requests=world.ids(["okta soon"]), severity="blocking")
    shown = world.theme(theme)
    assert (shown["requests"], shown["accounts"], shown["csms"]) == (4, 4, 4)
    assert shown["arr"] == Decimal("3000.50")
    assert shown["arr_unknown_accounts"] == ["a-8", "a-9"]
    assert shown["severities"] == {
        "blocking": {"requests": 1, "accounts": 1},
        "degraded": {"requests": 3, "accounts": 3},
        "minor": {"requests": 0, "accounts": 0},
    }


def test_one_text_of_one_account_is_one_request_however_often_it_is_pasted(world: World) -> None:
    for number in (50, 51, 52):
        world.note(number, f"{LOGIN} soon.", account_id="a-6", csm_id=f"c-{number}")
    world.read()
    shown = world.theme(world.proposed_with("okta"))
    assert (shown["requests"], shown["csms"]) == (4, 4)


def test_exemplars_are_texts_of_members(world: World) -> None:
    theme = world.proposed_with("okta")
    shown = world.theme(theme)
    assert shown["exemplars"]
    assert set(shown["exemplars"]) <= world.on(theme)


def test_themes_are_listed_by_status(world: World) -> None:
    login, export = world.proposed_with("okta"), world.proposed_with("export")
    world.decide(login, "accept", feature_area="Access", customer_need="Sign on")

    def listed(status: str | None) -> set[str]:
        return {row["id"] for row in list_themes(world.store, status=status, now=world.now).data}

    assert listed("accepted") == {login}
    assert listed("proposed") == {export}
    assert listed("rejected") == set()
    assert listed(None) == {login, export}
    with pytest.raises(InvalidInput) as refused:
        listed("wonderful")
    assert refused.value.code == "unknown_status"


def test_pages_of_themes_follow_one_another(world: World) -> None:
    first = list_themes(world.store, now=world.now, limit=1)
    second = list_themes(world.store, now=world.now, limit=1, cursor=first.next_cursor)
    assert {row["id"] for row in (*first.data, *second.data)} == {
        world.proposed_with("okta"),
        world.proposed_with("export"),
    }
    assert second.next_cursor == ""


def test_a_chain_of_merges_answers_with_the_last(world: World) -> None:
    login, export = world.proposed_with("okta"), world.proposed_with("export")
    item = world.item("Data", "Quite another thing")
    world.decide(login, "merge", into=export)
    world.decide(export, "merge", into=item)
    shown = world.theme(login)
    assert (shown["id"], shown["asked_for"]) == (item, login)
    assert shown["merged_from"] == sorted([login, export])
    assert [decision["action"] for decision in shown["decisions"]] == ["merge", "merge"]


def test_a_proposal_says_new_or_which_item_and_its_runners_up(world: World) -> None:
    assert world.theme(world.proposed_with("okta"))["proposal"]["is_new"]
    world.item("Access", "Quite another thing")
    world.item("Data", "A third thing")
    world.run()
    proposal = world.theme(world.proposed_with("okta"))["proposal"]
    assert {other["customer_need"] for other in proposal["alternatives"]} == {
        "Quite another thing",
        "A third thing",
    }


def test_an_unknown_theme_is_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        world.theme("t_nowhere")


def test_everything_is_exported_once(world: World) -> None:
    assert len({row["id"] for row in export_requests(world.store)}) == 9
    assert len({row["id"] for row in export_themes(world.store, now=world.now)}) == 2
