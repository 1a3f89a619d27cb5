"""One theme for a person who looks at it: the same figures as the API, counted another way."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from models.errors import NotFound
from models.window import Calendar
from service.flows.portfolio import upsert_accounts
from service.flows.theme_view import ThemeView, theme_view
from service.storage import themes
from service.storage.engine import Store
from tests.factories import lines_of
from tests.flows.world import EXPORT, LOGIN, World, texts_on

UTC, KOLKATA = Calendar(ZoneInfo("UTC")), Calendar(ZoneInfo("Asia/Kolkata"))


@pytest.fixture
def world(store: Store) -> World:
    """Two proposed themes, on each database."""
    world = World(store)
    world.notes([*texts_on(EXPORT, 5), *texts_on(LOGIN, 4)])
    world.run()
    return world


def view(world: World, theme_id: str, calendar: Calendar = UTC, **page: object) -> ThemeView:
    return theme_view(
        world.store,
        theme_id,
        now=world.now,
        today=date(2026, 9, 30),
        calendar=calendar,
        **page,  # type: ignore[arg-type]
    )


def test_its_figures_are_those_of_the_api(world: World) -> None:
    theme_id = world.proposed_with(EXPORT)
    rows = [{"account_id": f"a-{n}", "arr": n * 1000} for n in range(1, 4)]
    upsert_accounts(world.store, lines_of(*rows), now=world.now, actor="t")
    # A thread pasted by another CSM, worse than the first: one report, credited to the first.
    world.note(50, f"{EXPORT} soon.", account_id="a-1", csm_id="c-9")
    world.run()
    copy = max(world.theme(theme_id)["members"], key=lambda row: row["csm_id"])
    world.decide(theme_id, "severity", requests=[copy["id"]], severity="blocking")
    theme, seen = world.theme(theme_id), view(world, theme_id).figures
    assert len(theme["members"]) == 6 and theme["requests"] == 5
    assert (seen.requests, seen.accounts, seen.csms, seen.arr) == (
        theme["requests"],
        theme["accounts"],
        theme["csms"],
        theme["arr"],
    )
    assert seen.severities == {
        name: count["requests"] for name, count in theme["severities"].items()
    }


def test_months_are_those_of_the_organisations_clock(store: Store) -> None:
    world = World(store)
    for number, text in enumerate(texts_on(EXPORT, 4), start=1):
        # In Kolkata it is August by then.
        world.note(number, text, occurred_at="2026-07-31T20:00:00Z", account_id=f"a-{number % 2}")
    world.notes(texts_on(LOGIN, 3), first=20)
    world.run()
    theme_id = world.proposed_with(EXPORT)
    for calendar, month in ((UTC, "2026-07"), (KOLKATA, "2026-08")):
        months = view(world, theme_id, calendar).figures.months
        assert len(months) == 12 and months[-1].month == "2026-09"
        heard = [(m.month, m.requests, m.accounts) for m in months if m.requests]
        assert heard == [(month, 4, 2)]


def test_pages_hold_every_member_once_exemplars_first(world: World) -> None:
    theme_id = world.proposed_with(EXPORT)
    seen: list[str] = []
    cursor = ""
    while True:
        page = view(world, theme_id, cursor=cursor, limit=4).members
        seen += [row["id"] for row in page.data]
        cursor = page.next_cursor
        if not cursor:
            break
    theme = view(world, theme_id).theme
    assert seen[: len(theme.exemplars)] == theme.exemplars
    assert sorted(seen) == sorted(row["id"] for row in world.theme(theme_id)["members"])


def test_an_unclassified_group_holds_what_waits_in_it(store: Store) -> None:
    world = World(store)
    world.item("Data", "Bulk export")
    for number, words in enumerate(("purple giraffe", "quiet violin", "frozen lemon"), start=1):
        world.note(number, f"They need {words}.")
    world.run()
    with store.read() as connection:
        groups = themes.open_groups(connection)
    assert len(groups) == 1
    seen = view(world, groups[0].id)
    assert len(seen.members.data) == 3 and seen.figures.requests == 3


def test_a_merged_id_answers_with_the_survivor(world: World) -> None:
    old, into = world.proposed_with(LOGIN), world.proposed_with(EXPORT)
    world.decide(old, "merge", into=into)
    seen = view(world, old)
    assert (seen.theme.id, seen.asked_for, seen.merged_from) == (into, old, [old])
    assert [made.action for made in seen.decisions] == ["merge"]


def test_similar_themes_follow_what_is_typical_of_them(world: World) -> None:
    theme_id = world.proposed_with(EXPORT)
    ids = [row["id"] for row in world.theme(theme_id)["members"]]
    assert all(other.cosine < 0.8 for other in view(world, theme_id).similar)
    world.decide(theme_id, "split", requests=ids[:2])
    (nearest, *_) = view(world, theme_id).similar
    assert nearest.cosine > 0.8 and nearest.kept_apart


def test_an_unknown_theme_is_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        view(world, "t_none")


def test_similar_items_follow_their_words(store: Store) -> None:
    world = World(store)
    near = world.item("Data", "Bulk export of invoice rows")
    world.item("Data", "Bulk export of invoices")
    assert [other.label for other in view(world, near).similar] == ["Bulk export of invoices"]
    world.decide(
        near,
        "edit",
        feature_area="Data",
        customer_need="Quite another thing",
        description="Purple giraffe statue",
    )
    assert view(world, near).similar == []
