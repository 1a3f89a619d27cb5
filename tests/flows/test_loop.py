"""What became of what a CSM reported."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from models.errors import InvalidInput, NotFound
from models.policy import COMBINED
from models.window import Calendar
from service.flows.loop import LoopQuery, loop, reporters
from service.flows.portfolio import upsert_accounts, upsert_csms
from service.masking import OPEN, Sight
from service.storage.engine import Store
from tests.factories import lines_of
from tests.flows.world import EXPORT, LOGIN, World
from tests.models.factories import UTC_CALENDAR

TODAY = date(2026, 9, 30)


@pytest.fixture
def world(store: Store) -> World:
    """Two live items; c-1 asked for exports and for something else, others for exports."""
    made = World(store)
    made.item("Reporting", "Bulk export", examples=[EXPORT + "."])
    made.item("Access", "Single sign-on", examples=[LOGIN + "."])
    made.note(1, f"{EXPORT} soon.", csm_id="c-1")
    made.note(2, f"{EXPORT} today.", csm_id="c-2", occurred_at="2026-07-09T10:00:00Z")
    made.note(3, f"{EXPORT} please.", csm_id="c-3", occurred_at="2026-07-20T10:00:00Z")
    made.note(4, "They need purple unicorns.", csm_id="c-1", occurred_at="2026-08-01T09:00:00Z")
    made.read()
    upsert_csms(store, lines_of({"csm_id": "c-1", "name": "Priya"}), now=made.now, actor="t")
    names = [{"account_id": "a-1", "name": "Acme"}]
    upsert_accounts(store, lines_of(*names), now=made.now, actor="t")
    return made


def ask(
    world: World,
    csm_id: str = "c-1",
    *,
    sight: Sight = OPEN,
    calendar: Calendar = UTC_CALENDAR,
    **query: Any,
) -> dict[str, Any]:
    asked = LoopQuery(csm_id=csm_id, **query)
    judged = {"today": TODAY, "calendar": calendar, "policy": COMBINED}
    return dict(loop(world.store, asked, sight=sight, **judged))  # type: ignore[arg-type]


def row_on(answer: dict[str, Any], words: str) -> dict[str, Any]:
    return next(row for row in answer["data"] if words in row["text"])


def theme_of(world: World) -> str:
    theme_id = world.theme_of("soon")
    assert theme_id
    return theme_id


def test_all_that_the_csm_reported_is_there_newest_first_and_nothing_else(world: World) -> None:
    answer = ask(world)
    assert [row["text"] for row in answer["data"]] == [
        "They need purple unicorns.",
        f"{EXPORT} soon.",
    ]
    assert (answer["name"], answer["quarter"]) == ("Priya", "2026-Q3")


def test_a_request_says_where_it_went_and_who_else_said_so(world: World) -> None:
    row = row_on(ask(world), "soon")
    assert (row["state"], row["account_name"]) == ("open", "Acme")
    assert (row["theme"]["feature_area"], row["theme"]["customer_need"]) == (
        "Reporting",
        "Bulk export",
    )
    assert row["theme"]["reported_by"] == {"csms": 3, "accounts": 3}
    # Of a team of three, two CSMs do, and the second came on 9 July.
    assert (row["theme"]["level"], row["theme"]["recognised_at"]) == (
        "candidate",
        date(2026, 7, 9),
    )


def test_what_fits_nothing_waits(world: World) -> None:
    row = row_on(ask(world), "unicorns")
    assert (row["state"], row["theme"]) == ("waiting", None)


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ({"state": "backlog", "priority": "P2", "expected_review": "Q4 planning"}, "backlog"),
        ({"state": "shipped", "release_note": "Out now."}, "shipped"),
        ({"state": "declined", "reason": "Too rare."}, "declined"),
        ({"state": "closed", "reason": "workaround documented"}, "closed"),
    ],
)
def test_what_product_said_is_told_with_its_time(
    world: World, said: dict[str, Any], state: str
) -> None:
    world.decide(theme_of(world), "deliver", **said)
    row = row_on(ask(world), "soon")
    assert (row["state"], row["theme"]["delivered_at"]) == (state, world.now)
    assert {name: row["theme"]["delivery"][name] for name in said} == said
    assert [change["action"] for change in row["changes"]] == ["deliver"]


def test_an_undone_delivery_is_not_told(world: World) -> None:
    done = world.decide(theme_of(world), "deliver", state="shipped", release_note="Out.")
    world.undo(done["decision_id"])
    row = row_on(ask(world), "soon")
    assert (row["state"], row["theme"]["delivered_at"], row["changes"]) == ("open", None, [])


def test_what_was_dismissed_is_still_told_with_why(world: World) -> None:
    ids = world.ids(["soon"])
    world.decide(theme_of(world), "dismiss", requests=ids, reason="Only a joke")
    row = row_on(ask(world), "soon")
    assert (row["state"], row["theme"]) == ("dismissed", None)
    assert [(c["action"], c["reason"]) for c in row["changes"]] == [("dismiss", "Only a joke")]


def test_what_was_merged_says_into_what(world: World) -> None:
    other = world.theme(theme_of(world))["id"]
    into = next(t for t in _themes(world) if t != other)
    world.decide(other, "merge", into=into)
    row = row_on(ask(world), "soon")
    assert (row["theme"]["id"], row["theme"]["merged_from"]) == (into, ["Bulk export"])
    assert [change["action"] for change in row["changes"]] == ["merge"]


def _themes(world: World) -> list[str]:
    from service.storage import themes

    with world.store.read() as connection:
        return [item.theme_id for item in themes.live_items(connection)]


def test_states_count_all_and_a_filter_shows_some(world: World) -> None:
    answer = ask(world, state="waiting")
    assert [row["text"] for row in answer["data"]] == ["They need purple unicorns."]
    assert {name: n for name, n in answer["states"].items() if n} == {"waiting": 1, "open": 1}


@pytest.mark.parametrize(
    "said",
    [
        {"state": "backlog", "priority": "P2", "expected_review": "Q4"},
        {"state": "shipped", "release_note": "x"},
    ],
)
def test_the_store_counts_states_as_the_rows_tell_them(world: World, said: Any) -> None:
    world.decide(theme_of(world), "deliver", **said)
    for state, count in ask(world)["states"].items():
        assert [row["state"] for row in ask(world, state=state)["data"]] == [state] * count


def test_only_what_was_touched_since_a_day_is_changed(world: World) -> None:
    world.decide(theme_of(world), "deliver", state="shipped", release_note="Out.")
    answer = ask(world, changed=True)
    assert ([row["text"] for row in answer["data"]], answer["changed"]) == ([f"{EXPORT} soon."], 1)
    tomorrow = str(TODAY + timedelta(days=1))
    assert (
        ask(world, since=tomorrow)["changed"],
        row_on(ask(world, since=tomorrow), "soon")["changes"],
    ) == (0, [])


@pytest.mark.parametrize(("since", "changed"), [("0001-01-01", 1), ("9999-12-31", 0)])
def test_any_day_can_be_asked_since(world: World, since: str, changed: int) -> None:
    world.decide(theme_of(world), "deliver", state="shipped", release_note="Out.")
    tokyo = Calendar(ZoneInfo("Asia/Tokyo"))
    assert ask(world, since=since, calendar=tokyo)["changed"] == changed


def test_pages_go_on_where_the_last_one_ended(world: World) -> None:
    first = ask(world, limit=1)
    second = ask(world, limit=1, cursor=first["next_cursor"])
    assert [row["text"] for row in (*first["data"], *second["data"])] == [
        "They need purple unicorns.",
        f"{EXPORT} soon.",
    ]
    assert second["next_cursor"] == ""


def test_words_are_masked_for_who_may_not_read_them(world: World) -> None:
    world.note(9, f"{EXPORT} so call +1 415 555 0132.", csm_id="c-1")
    world.read()
    assert "415" in row_on(ask(world), "so call")["text"]
    assert "[phone]" in row_on(ask(world, sight=Sight()), "so call")["text"]


def test_an_unknown_csm_is_refused_unless_they_ask_for_themselves(world: World) -> None:
    with pytest.raises(NotFound):
        ask(world, "c-99")
    answer = ask(world, "c-99", sight=Sight(own_csm_id="c-99"))
    assert (answer["data"], answer["name"]) == ([], None)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"state": "lost"}, "unknown_state"),
        ({"since": "soon"}, "bad_date"),
        ({"cursor": "x"}, "bad_cursor"),
    ],
)
def test_what_can_not_be_asked_is_refused(world: World, query: Any, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        ask(world, **query)
    assert refused.value.code == code


def test_every_csm_is_told_with_how_much_they_reported(world: World) -> None:
    rows = {row["csm_id"]: row for row in reporters(world.store)}
    assert {key: row["requests"] for key, row in rows.items()} == {"c-1": 2, "c-2": 1, "c-3": 1}
    assert rows["c-1"]["name"] == "Priya"
