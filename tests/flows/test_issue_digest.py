"""A digest is issued once; what is erased later leaves its figures and takes its words."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from models.errors import Conflict, InvalidInput, NotFound
from models.policy import COMBINED
from service.flows.digest import digest
from service.flows.erase_account import erase_account
from service.flows.erase_csm import erase_csm
from service.flows.forget import delete_note
from service.flows.issue_digest import acknowledge_digest, issue_digest
from service.flows.keys import create_key
from service.masking import Mask
from service.rendering import to_json
from service.storage.engine import Store
from tests.factories import NOW
from tests.flows.spoken_signals import say, with_portfolio
from tests.flows.world import COLOUR, EXPORT, LOGIN, World, texts_on
from tests.models.factories import UTC_CALENDAR

TODAY = date(2026, 8, 3)
OPEN_MASK = Mask(frozenset())
HOW: dict[str, Any] = {"calendar": UTC_CALENDAR, "policy": COMBINED, "mask": Mask()}


def issue(store: Store, month: str = "2026-07", **other: Any) -> dict[str, Any]:
    options = {**HOW, "today": TODAY, "now": NOW, "actor": "ops"} | other
    return dict(issue_digest(store, month, **options).digest)


def read(store: Store, month: str = "2026-07") -> dict[str, Any]:
    return dict(digest(store, month, today=TODAY, **HOW))


@pytest.fixture
def loaded(store: Store) -> Store:
    made = with_portfolio(store)
    say(made, verbatim="We copy every row by hand, page after page.")
    return made


@pytest.fixture
def local(sqlite_store: Store) -> Store:
    made = with_portfolio(sqlite_store)
    say(made, verbatim="We copy every row by hand, page after page.")
    return made


def test_what_was_issued_stays_as_it_was(loaded: Store) -> None:
    draft = read(loaded)
    assert draft["issued_at"] is None
    issued = issue(loaded)
    assert {**issued, "issued_at": None, "issued_by": None} == draft
    assert issued["issued_by"] == "ops"
    say(loaded, "a-2", verbatim="Another one that came late.")
    assert read(loaded) == issued


def test_a_second_time_it_is_the_same_one(loaded: Store) -> None:
    first = issue(loaded)
    say(loaded, "a-2", verbatim="Another one that came late.")
    again = issue_digest(loaded, "2026-07", **HOW, today=TODAY, now=NOW, actor="somebody else")
    assert (again.digest, again.now) == (first, False)


def test_a_month_that_goes_on_is_not_issued(local: Store) -> None:
    with pytest.raises(Conflict) as refused:
        issue(local, "2026-08")
    assert refused.value.code == "month_not_over"
    assert issue(local, today=date(2026, 7, 31))["complete"]


def test_products_answer_is_recorded_on_it(loaded: Store) -> None:
    said = {"by": "Sam", "assessment": "P2, next quarter."}
    how: dict[str, Any] = {"mask": Mask(), "now": NOW, "actor": "pm"}
    with pytest.raises(NotFound):
        acknowledge_digest(loaded, "2026-07", said, **how)
    issue(loaded)
    acknowledge_digest(loaded, "2026-07", said, **how)
    answered = read(loaded)["acknowledgement"]
    assert (answered["by"], answered["assessment"]) == ("Sam", "P2, next quarter.")
    acknowledge_digest(loaded, "2026-07", {"by": "Kim"}, **how)
    assert read(loaded)["acknowledgement"]["by"] == "Kim"


@pytest.mark.parametrize("said", [[], {}, {"by": " "}, {"by": "x", "assessment": 3}])
def test_an_answer_that_says_nobody_is_refused(local: Store, said: Any) -> None:
    issue(local)
    with pytest.raises(InvalidInput):
        acknowledge_digest(local, "2026-07", said, mask=Mask(), now=NOW, actor="pm")


# What is erased afterwards.


@pytest.fixture
def world(store: Store) -> World:
    """A digest of July that quotes the note n-1, as it was posted."""
    made = World(store)
    made.item("Reporting", "Bulk export", examples=[f"{EXPORT}."])
    made.note(1, f"{EXPORT} for jane at +1 415 555 0132.")
    made.read()
    issue(store)
    return made


def quote(world: World) -> Any:
    return read(world.store)["top_themes"][0]["quote"]["text"]


def test_a_deleted_notes_quote_becomes_a_mark_and_figures_stay(world: World) -> None:
    assert "bulk export of invoice rows" in quote(world) and "[phone]" in quote(world)
    before = read(world.store)
    delete_note(world.store, "manual", "n-1", now=NOW, actor="t")
    assert quote(world) == "[erased]"
    after = read(world.store)
    after["top_themes"][0]["quote"] = before["top_themes"][0]["quote"]
    assert after == before


def test_a_quote_is_erased_though_the_note_was_edited_since(world: World) -> None:
    world.note(1, "All quiet now.")
    world.read()
    delete_note(world.store, "manual", "n-1", now=NOW, actor="t")
    assert quote(world) == "[erased]"


def test_an_erased_accounts_quotes_go_too(loaded: Store) -> None:
    issue(loaded)
    erase_account(loaded, "a-1", now=NOW, actor="t")
    said = read(loaded)
    assert said["top_themes"][0]["quote"]["text"] == "[erased]"
    assert said["top_themes"][0]["accounts"] == 1
    assert "copy every row" not in to_json(said)


def test_a_name_made_of_the_notes_words_goes_wherever_it_stands(sqlite_store: Store) -> None:
    world = World(sqlite_store)
    world.notes([*texts_on(COLOUR, 5), *texts_on(LOGIN, 3)])
    world.run()
    label = issue(sqlite_store)["top_themes"][0]["label"]
    assert label in to_json(read(sqlite_store)["actions"])
    for number in range(1, 6):
        delete_note(sqlite_store, "manual", f"n-{number}", now=NOW, actor="t")
    said = read(sqlite_store)
    assert said["top_themes"][0]["label"] == "[erased]"
    assert label not in to_json(said)


def test_another_notes_words_stay(world: World) -> None:
    world.note(2, "Something else entirely was said.")
    delete_note(world.store, "manual", "n-2", now=NOW, actor="t")
    assert "bulk export of invoice rows" in quote(world)


def test_an_erased_csms_name_goes_from_what_they_issued(local: Store) -> None:
    create_key(local, role="csm", name="Priya", csm_id="c-1", now=NOW, actor="t")
    issue(local, actor="Priya")
    said = {"by": "Priya"}
    acknowledge_digest(local, "2026-07", said, mask=OPEN_MASK, now=NOW, actor="Priya")
    erase_csm(local, "c-1", now=NOW, actor="t")
    assert "Priya" not in to_json(read(local))
