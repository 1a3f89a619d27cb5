"""The dry run: it says what then happens, to the row, and leaves nothing behind."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest

from models.errors import Conflict
from models.window import Calendar
from service.flows.decide import Prepared, prepare
from service.flows.decide_item import PreparedItem, prepare_item
from service.flows.portfolio import upsert_accounts
from service.flows.rehearse import Rehearsal, rehearse
from service.flows.signals import SignalQuery, SignalsAnswer, signals
from service.storage import requests
from service.storage.engine import Store
from tests.factories import lines_of
from tests.flows.world import COLOUR, EXPORT, LOGIN, World, tables_of, texts_on

TODAY = date(2026, 9, 30)
CALENDAR = Calendar(ZoneInfo("UTC"))
QUERY = SignalQuery(quarter="2026-Q3")
CARD = "We need to pay each invoice by card"


@pytest.fixture
def world(store: Store) -> World:
    """Two items with requests, two proposed themes, accounts with ARR, and some that wait."""
    return made(World(store), Random(1))


def made(world: World, random: Random) -> World:
    world.item("Billing", "Pay each invoice by card")
    world.item("Access", "Single sign-on", description=LOGIN)
    accounts = [
        {
            "account_id": f"a-{n}",
            "name": f"Account {n}",
            "arr": random.randrange(10_000, 400_000),
            "health": random.choice(["green", "yellow", "red"]),
            "segment": random.choice(["smb", "enterprise"]),
        }
        for n in range(1, 60)
    ]
    upsert_accounts(world.store, lines_of(*accounts), now=world.now, actor="t")
    subjects = [EXPORT, LOGIN, COLOUR, CARD]
    number = 1
    for subject in subjects:
        for text in texts_on(subject, random.randrange(4, 8)):
            month = random.choice(["06", "07", "08", "09"])
            account = f"a-{random.randrange(1, 25)}"
            at = f"2026-{month}-1{random.randrange(10)}T09:00:00Z"
            world.note(number, text, account_id=account, occurred_at=at)
            number += 1
    world.notes(["We need a pony.", "They need single okta."], first=number)
    world.run()
    return world


def asked(world: World, kind: str) -> Prepared | PreparedItem:
    card, okta = world.proposed_with("by card"), world.proposed_with("okta")
    export = world.proposed_with("export")
    said: dict[str, tuple[str, dict[str, Any]]] = {
        "merge": (card, {"action": "merge", "into": okta}),
        "merge a proposed one": (export, {"action": "merge", "into": okta}),
        "retire": (okta, {"action": "reject", "reason": "no"}),
        "rename": (
            okta,
            {"action": "edit", "feature_area": "Identity", "customer_need": "Okta"},
        ),
        "edit": (
            okta,
            {
                "action": "edit",
                "feature_area": "Access",
                "customer_need": "Single sign-on",
                "description": "A pony, which we need",
            },
        ),
        "accept": (
            export,
            {"action": "accept", "feature_area": "Data", "customer_need": "Bulk export of rows"},
        ),
        "reject": (export, {"action": "reject", "reason": "no"}),
        "rename the label": (okta, {"action": "rename", "label": "SSO"}),
    }
    common: dict[str, Any] = {"now": world.now, "actor": "ops", "language": world.language}
    if kind == "add":
        pony = {"feature_area": "Farm", "customer_need": "We need a pony"}
        return prepare_item(world.store, {"action": "add", **pony}, **common)
    theme, raw = said[kind]
    return prepare(world.store, theme, raw, **common)


KINDS = [
    "merge",
    "merge a proposed one",
    "retire",
    "rename",
    "edit",
    "accept",
    "reject",
    "rename the label",
    "add",
]


def dry(world: World, decision: Prepared | PreparedItem) -> Rehearsal:
    return rehearse(world.store, decision, QUERY, today=TODAY, calendar=CALENDAR)


@pytest.mark.parametrize("kind", KINDS)
def test_it_leaves_nothing_behind(world: World, kind: str) -> None:
    decision = asked(world, kind)
    before, version = tables_of(world.store), data_version(world.store)
    dry(world, decision)
    assert tables_of(world.store) == before
    assert data_version(world.store) == version


def test_nothing_of_it_is_kept_in_this_process(world: World) -> None:
    def board() -> SignalsAnswer:
        return signals(world.store, QUERY, today=TODAY, calendar=CALENDAR)

    before = board()
    dry(world, asked(world, "merge"))
    # The next write brings the store to the number that the rehearsal had counted on to.
    with world.store.write():
        pass
    assert board() == before


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("kind", KINDS)
def test_it_says_what_then_happens(sqlite_store: Store, kind: str, seed: int) -> None:
    world = made(World(sqlite_store), Random(seed))
    decision = asked(world, kind)
    foreseen = dry(world, decision)
    before = stands(world)
    decision.keep(world.store)
    after = stands(world)
    assert foreseen["signals"] == happened(before, after)
    steps = [
        (before.places[key], place)
        for key, place in after.places.items()
        if before.places[key] != place
    ]
    assert (foreseen["moved"], foreseen["taken_up"], foreseen["set_free"]) == (
        sum(None not in step for step in steps),
        sum(start is None for start, _ in steps),
        sum(end is None for _, end in steps),
    )


class Stand(NamedTuple):
    """The board as GET /signals answers it, and the theme of each request."""

    rows: dict[str, Any]
    places: dict[str, str | None]


def stands(world: World) -> Stand:
    answer = signals(world.store, QUERY, today=TODAY, calendar=CALENDAR)
    with world.store.read() as connection:
        found = {r.id: r.theme_id for r in requests.all_active(connection)}
    return Stand({row["theme_id"]: row for row in answer["data"]}, found)


SHOWN = ("label", "feature_area", "level", "requests", "accounts", "at_risk_accounts", "arr")


def happened(before: Stand, after: Stand) -> list[Any]:
    """What a reader of GET /signals sees when he compares two answers."""
    found = []
    for key in [*after.rows, *(key for key in before.rows if key not in after.rows)]:
        old, new = before.rows.get(key), after.rows.get(key)
        here, there = (set(row["account_ids"]) if row else set() for row in (old, new))
        sides = [row and {name: row[name] for name in SHOWN} for row in (old, new)]
        if sides[0] != sides[1] or here != there:
            found.append(
                {
                    "theme_id": key,
                    "before": sides[0],
                    "after": sides[1],
                    "gained": sorted(name.replace("a-", "Account ") for name in there - here),
                    "lost": sorted(name.replace("a-", "Account ") for name in here - there),
                }
            )
    return found


def test_who_gains_and_who_goes(world: World) -> None:
    card, okta = world.proposed_with("by card"), world.proposed_with("okta")
    rows = {row["theme_id"]: row for row in dry(world, asked(world, "merge"))["signals"]}
    gone, grown = rows[card], rows[okta]
    assert gone["before"] is not None and gone["after"] is None
    assert len(gone["lost"]) == gone["before"]["accounts"] and gone["gained"] == []
    assert grown["before"] is not None and grown["after"] is not None
    assert set(grown["gained"]) <= set(gone["lost"])
    assert grown["after"]["accounts"] == grown["before"]["accounts"] + len(grown["gained"])
    assert grown["after"]["arr"] > grown["before"]["arr"]


def test_what_is_freed_goes_waiting(world: World) -> None:
    members = len(world.on(world.proposed_with("export")))
    found = dry(world, asked(world, "reject"))
    assert (found["set_free"], found["moved"]) == (members, 0)


def test_a_change_without_effect_says_so(world: World) -> None:
    world.item("Farm", "Ponies")
    theme = world.item("Farm", "Stables")
    decision = prepare(
        world.store, theme, {"action": "reject", "reason": "no"}, now=world.now, actor="ops"
    )
    found = dry(world, decision)
    assert found["signals"] == []
    assert (found["moved"], found["taken_up"], found["set_free"]) == (0, 0, 0)


def test_it_is_refused_with_what_the_decision_would_be_refused_with(world: World) -> None:
    theme = world.proposed_with("export")
    stale = prepare(
        world.store,
        theme,
        {"action": "reject", "reason": "no"},
        now=world.now,
        actor="ops",
        if_match="t_other-1",
    )
    with pytest.raises(Conflict) as refused:
        dry(world, stale)
    assert refused.value.code == "stale_etag"


def data_version(store: Store) -> int:
    with store.read() as connection:
        return store.data_version(connection)
