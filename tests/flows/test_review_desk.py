"""The review desk: an order that may be older, questions that never are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from models.policy import COMBINED
from models.window import Calendar
from service.flows.review import review_queue
from service.flows.review_desk import Asked, Desk, Reviewer, renew_queue, review_desk
from service.storage.engine import Store
from tests.flows.world import COLOUR, EXPORT, LOGIN, World, texts_on

CALENDAR = Calendar(ZoneInfo("UTC"))
ASKED = Asked(date(2026, 9, 30), CALENDAR, COMBINED)
Look = Callable[..., Desk]


@pytest.fixture
def world(sqlite_store: Store) -> World:
    """Three proposed themes and one live item."""
    world = World(sqlite_store)
    world.item("Data", "Quite another thing")
    world.notes([*texts_on(EXPORT, 5), *texts_on(LOGIN, 4), *texts_on(COLOUR, 3)])
    world.run()
    return world


@pytest.fixture
def look(world: World) -> Look:
    """Look at the desk; the first look works the queue out."""

    def look(name: str = "ana", *, cursor: str = "", **seen: object) -> Desk:
        reviewer = Reviewer(name=name, **seen)  # type: ignore[arg-type]
        return review_desk(world.store, reviewer, ASKED, now=world.now, cursor=cursor)

    look()
    return look


def asked_about(desk: Desk) -> str | None:
    return desk.question.theme.id if desk.question else None


def exact(world: World) -> list[str]:
    page = review_queue(world.store, now=world.now, calendar=CALENDAR, policy=COMBINED)
    return [row["theme"]["id"] for row in page.data]


def test_skipping_walks_the_queue_in_its_order(world: World, look: Look) -> None:
    walked, cursor = [], ""
    while (desk := look(cursor=cursor)).question is not None:
        walked.append(asked_about(desk))
        if not desk.after:
            break
        cursor = desk.after
    assert walked == exact(world) and len(walked) == 3


def test_an_answered_question_is_gone_from_an_older_order(world: World, look: Look) -> None:
    first, second, _ = exact(world)
    world.decide(first, "reject", reason="no")
    desk = look()
    assert desk.is_older and asked_about(desk) == second
    assert first not in {one.label for one in desk.upcoming}


def test_an_undone_question_is_back_before_and_after_the_order_is_renewed(
    world: World, look: Look
) -> None:
    first = exact(world)[0]
    made = world.decide(first, "reject", reason="no")
    renew_queue(world.store, ASKED)
    assert not look().is_older
    world.undo(made["decision_id"])
    desk = look()
    assert desk.is_older and asked_about(desk) == first
    renew_queue(world.store, ASKED)
    desk = look()
    assert not desk.is_older and asked_about(desk) == first


def test_what_is_shown_of_a_question_is_never_older(world: World, look: Look) -> None:
    first = exact(world)[0]
    world.decide(first, "rename", label="Another name")
    desk = look()
    assert desk.is_older and desk.question is not None
    assert desk.question.theme.label == "Another name"
    assert desk.question.etag == world.theme(first)["etag"]


def test_levels_are_those_of_now(world: World, look: Look) -> None:
    first = exact(world)[0]
    before = look().question
    assert before is not None
    assert before.signals == [{"theme_id": first, "from": "candidate", "to": "anecdote"}]
    members = [row["id"] for row in world.theme(first)["members"]]
    world.decide(first, "dismiss", requests=members[1:], reason="no")
    after = look().question
    assert after is not None and after.theme.id == first
    assert after.signals == [] and [row["id"] for row in after.requests] == members[:1]


def test_new_questions_are_found_before_anybody_is_told_that_nothing_waits(
    world: World, look: Look
) -> None:
    for theme_id in exact(world):
        world.decide(theme_id, "reject", reason="no")
    # Their requests wait now, which no older order knows.
    desk = look()
    assert desk.question is not None and desk.question.kind == "requests"
    assert not desk.is_older


def test_what_is_answered_of_a_question_is_left_out_of_it(sqlite_store: Store) -> None:
    world = World(sqlite_store)
    item = world.item("Data", "Bulk export of invoice rows")
    world.notes(texts_on(EXPORT, 6))
    world.run()
    reviewer = Reviewer(name="ana")
    desk = review_desk(sqlite_store, reviewer, ASKED, now=world.now)
    assert desk.question is not None and desk.question.theme.id == item
    asked = [row["id"] for row in desk.question.requests]
    world.decide(item, "confirm", requests=asked[:2])
    after = review_desk(sqlite_store, reviewer, ASKED, now=world.now)
    left = {row["id"] for row in after.question.requests} if after.question else set()
    assert after.is_older and not left & {*asked[:2]}


def test_others_decisions_since_the_page_was_opened_are_told(world: World, look: Look) -> None:
    seen = look().last_decision
    first, second, _ = exact(world)
    mine = world.decide(first, "reject", reason="no")
    world.decide(second, "rename", label="By another")
    desk = look(seen=seen, own=mine["decision_id"])
    assert [(made.action, actor) for made, actor in desk.others] == [("rename", "ops")]
    assert look(seen=desk.last_decision).others == [] and look().others == []


def test_the_tally_counts_what_is_decided_left_and_late(world: World, look: Look) -> None:
    desk = look("ops")
    assert (desk.decided_today, desk.left, desk.overdue) == (0, 3, 0)
    world.decide(exact(world)[0], "reject", reason="no")
    desk = look("ops")
    assert (desk.decided_today, desk.left) == (1, 2)
    assert look("ana").decided_today == 0
    world.later(hours=72)
    late = review_desk(world.store, Reviewer(name="ops"), ASKED, now=world.now)
    assert (late.decided_today, late.overdue) == (0, 2)
