from __future__ import annotations

import pytest

from models.errors import Conflict, InvalidInput, NotFound
from service.storage.engine import Store
from tests.flows.world import COLOUR, EXPORT, LOGIN, World, texts_on


@pytest.fixture
def world(store: Store) -> World:
    """Three proposed themes and one request that waits."""
    world = World(store)
    texts = [*texts_on(EXPORT, 5), *texts_on(LOGIN, 4), *texts_on(COLOUR, 3), "We need a pony."]
    world.notes(texts)
    world.run()
    return world


def test_accept_onto_a_new_item_makes_the_theme_that_items(world: World) -> None:
    theme = world.proposed_with("export")
    after = world.decide(theme, "accept", feature_area="Data", customer_need="Bulk export")
    assert after["id"] == theme
    assert after["status"] == "accepted"
    assert (after["feature_area"], after["customer_need"]) == ("Data", "Bulk export")
    assert after["label"] == "Bulk export"
    assert {member["assigned_by"] for member in after["members"]} == {"model"}
    assert after["members"][0]["feature_area"] == "Data"


def test_accept_onto_a_live_item_merges_into_its_theme(world: World) -> None:
    item = world.item("Access", "Quite another thing")
    theme = world.proposed_with("okta")
    after = world.decide(
        theme, "accept", feature_area="Access", customer_need="Quite another thing"
    )
    assert after["id"] == item
    assert after["asked_for"] == theme
    assert theme in after["merged_from"]
    assert len(world.on(item)) == 4
    assert world.on(theme) == set()


def test_accept_puts_what_waited_and_fits_on_the_item_at_once(world: World) -> None:
    world.note(50, "Also they need single sign-on with a pony.")
    world.read()
    theme = world.proposed_with("okta")
    assert world.theme_of("with a pony") is None
    world.decide(
        theme, "accept", feature_area="Access", customer_need="Need single sign-on with a pony"
    )
    assert world.theme_of("with a pony") == theme


def test_reject_frees_the_members(world: World) -> None:
    theme = world.proposed_with("okta")
    after = world.decide(theme, "reject", reason="not one thing")
    assert after["status"] == "rejected"
    assert after["members"] == []
    assert len(world.on(None)) == 5


def test_rejecting_an_items_theme_retires_the_item(world: World) -> None:
    theme = world.item("Access", LOGIN)
    after = world.decide(theme, "reject", reason="we dropped it")
    assert after["feature_area"] is None
    assert world.theme_of("okta soon") != theme


def test_rename_is_a_persons_label(world: World) -> None:
    theme = world.proposed_with("okta")
    assert world.decide(theme, "rename", label="SSO")["label"] == "SSO"
    world.run()
    assert world.theme(theme)["label"] == "SSO"


def test_merge_lets_the_target_answer_for_the_source(world: World) -> None:
    source, target = world.proposed_with("okta"), world.proposed_with("export")
    after = world.decide(source, "merge", into=target)
    assert after["id"] == target
    assert len(world.on(target)) == 9
    assert world.theme(source)["asked_for"] == source


def test_merging_two_items_retires_the_source_item(world: World) -> None:
    source, target = world.item("Access", LOGIN), world.item("Data", EXPORT)
    world.decide(source, "merge", into=target)
    with world.store.read() as connection:
        from service.storage.themes import live_items

        assert [item.theme_id for item in live_items(connection)] == [target]


def test_split_makes_a_proposed_theme_of_its_own(world: World) -> None:
    theme = world.proposed_with("export")
    chosen = world.ids(["rows soon", "rows today"])
    world.decide(theme, "split", requests=chosen)
    new = world.theme(str(world.theme_of("rows soon")))
    assert new["id"] != theme
    assert (new["status"], new["origin"]) == ("proposed", "split")
    assert {member["assigned_by"] for member in new["members"]} == {"person"}
    assert new["proposal"]["due_at"] is not None
    assert len(world.on(theme)) == 3


def test_move_puts_requests_on_another_theme(world: World) -> None:
    source, target = world.proposed_with("okta"), world.proposed_with("export")
    world.decide(source, "move", requests=world.ids(["okta soon"]), to=target)
    moved = world.request_like("okta soon")
    assert (moved.theme_id, moved.assigned_by) == (target, "person")


def test_move_to_nothing_leaves_the_request_waiting(world: World) -> None:
    theme = world.proposed_with("okta")
    world.decide(theme, "move", requests=world.ids(["okta soon"]), to=None)
    assert world.request_like("okta soon").theme_id is None


def test_confirm_takes_what_waits_too(world: World) -> None:
    theme = world.proposed_with("okta")
    world.decide(theme, "confirm", requests=world.ids(["okta soon", "pony"]))
    assert world.request_like("pony").theme_id == theme
    assert world.request_like("okta soon").assigned_by == "person"


def test_a_dismissed_request_is_on_no_theme_and_in_no_list(world: World) -> None:
    from service.flows.requests import RequestFilters, list_requests

    theme = world.proposed_with("okta")
    after = world.decide(theme, "dismiss", requests=world.ids(["okta soon"]), reason="chatter")
    assert after["requests"] == 3
    shown = list_requests(world.store, RequestFilters(q="okta soon")).data
    assert shown == []


def test_a_persons_severity_is_shown_as_a_persons(world: World) -> None:
    theme = world.proposed_with("okta")
    world.decide(theme, "severity", requests=world.ids(["okta soon"]), severity="blocking")
    judged = world.request_like("okta soon")
    assert (judged.severity, judged.severity_by) == ("blocking", "person")


def test_deliver_keeps_what_product_does(world: World) -> None:
    theme = world.proposed_with("okta")
    after = world.decide(
        theme, "deliver", state="backlog", priority="P2", expected_review="Q4 planning"
    )
    assert after["delivery"]["state"] == "backlog"
    assert after["delivery"]["priority"] == "P2"


def test_every_decision_is_on_record(world: World) -> None:
    theme = world.proposed_with("okta")
    after = world.decide(theme, "rename", label="SSO", reason="says more")
    (kept,) = after["decisions"]
    assert kept["id"] == after["decision_id"]
    assert (kept["action"], kept["actor"], kept["reason"]) == ("rename", "ops", "says more")


def test_a_decision_makes_earlier_etags_stale(world: World) -> None:
    theme = world.proposed_with("okta")
    etag = world.theme(theme)["etag"]
    world.decide(theme, "rename", label="SSO", if_match=f'"{etag}"')
    with pytest.raises(Conflict) as refused:
        world.decide(theme, "rename", label="Login", if_match=f'"{etag}"')
    assert refused.value.code == "stale_etag"
    assert world.theme(theme)["label"] == "SSO"


def test_moving_requests_away_makes_the_targets_etag_stale(world: World) -> None:
    source, target = world.proposed_with("okta"), world.proposed_with("export")
    etag = world.theme(target)["etag"]
    world.decide(source, "move", requests=world.ids(["okta soon"]), to=target)
    with pytest.raises(Conflict):
        world.decide(target, "reject", reason="no", if_match=etag)


@pytest.mark.parametrize(
    ("action", "said", "error", "code"),
    [
        ("merge", {"into": "SELF"}, InvalidInput, "merge_into_itself"),
        ("merge", {"into": "t_nowhere"}, NotFound, "unknown_theme"),
        ("move", {"requests": ["OWN"], "to": "t_nowhere"}, NotFound, "unknown_theme"),
        ("confirm", {"requests": ["r_nobody"]}, InvalidInput, "unknown_request"),
        ("confirm", {"requests": ["OTHER"]}, InvalidInput, "not_members"),
        ("split", {"requests": ["OTHER"]}, InvalidInput, "not_members"),
        ("split", {"requests": ["ALL"]}, InvalidInput, "split_of_all"),
    ],
)
def test_a_refused_decision_changes_nothing(
    world: World, action: str, said: dict, error: type[Exception], code: str
) -> None:
    from tests.flows.world import tables_of

    theme = world.proposed_with("okta")
    names = {
        "SELF": [theme],
        "OWN": world.ids(["okta soon"]),
        "OTHER": world.ids(["rows soon"]),
        "ALL": world.ids([f"okta {word}" for word in ("soon", "today", "please", "really")]),
    }
    filled = {
        key: [one for name in value for one in names.get(name, [name])]
        if isinstance(value, list)
        else names.get(value, [value])[0]
        for key, value in said.items()
    }
    before = tables_of(world.store)
    with pytest.raises(error) as refused:
        world.decide(theme, action, **filled)
    assert refused.value.code == code  # type: ignore[attr-defined]
    assert tables_of(world.store) == before


def test_an_unknown_theme_is_not_found(world: World) -> None:
    with pytest.raises(NotFound) as refused:
        world.decide("t_nowhere", "rename", label="x")
    assert refused.value.code == "unknown_theme"


@pytest.mark.parametrize("ending", ["reject", "merge"])
def test_what_has_ended_takes_no_more_decisions(world: World, ending: str) -> None:
    theme, other = world.proposed_with("okta"), world.proposed_with("export")
    said = {"reason": "no"} if ending == "reject" else {"into": other}
    world.decide(theme, ending, **said)
    for action, again in (("rename", {"label": "x"}), ("reject", {"reason": "no"})):
        with pytest.raises(Conflict):
            world.decide(theme, action, **again)
    with pytest.raises(Conflict):
        world.decide(other, "merge", into=theme)
    with pytest.raises(Conflict):
        world.decide(other, "move", requests=world.ids(["rows soon"]), to=theme)


def test_an_items_theme_is_not_merged_into_a_proposed_one(world: World) -> None:
    item = world.item("Access", "Quite another thing")
    with pytest.raises(Conflict) as refused:
        world.decide(item, "merge", into=world.proposed_with("okta"))
    assert refused.value.code == "merge_into_proposed"
