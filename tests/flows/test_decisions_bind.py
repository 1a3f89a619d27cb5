"""A decision outlives later runs, another encoder and the same notes sent again."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from service.flows.language import LanguageModels
from service.storage.engine import Store
from tests.flows.world import COLOUR, EXPORT, LOGIN, World, texts_on
from tests.language_fakes import SentenceReader, WordEncoder

TEXTS = [*texts_on(EXPORT, 5), *texts_on(LOGIN, 4), *texts_on(COLOUR, 3), "We need a pony."]


class OtherEncoder(WordEncoder):
    """Another idea of what is near: it folds the space and turns it."""

    fingerprint = "words-2"

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = super().encode([text[::-1] for text in texts])
        rows[:, ::2] *= -0.5
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def send_the_same_notes_and_more(world: World) -> None:
    world.run()
    world.notes(TEXTS)
    world.notes([f"{LOGIN} for everybody.", f"{EXPORT} for everybody."], first=70)
    world.run()


def run_with_another_encoder(world: World) -> None:
    world.language = LanguageModels(OtherEncoder(), SentenceReader())  # type: ignore[arg-type]
    world.run()


LATER = [send_the_same_notes_and_more, run_with_another_encoder]


@pytest.fixture
def world(store: Store) -> World:
    world = World(store)
    world.notes(TEXTS)
    world.run()
    return world


@pytest.fixture(params=LATER, ids=lambda what: what.__name__)
def later(request: pytest.FixtureRequest) -> Callable[[World], None]:
    what: Callable[[World], None] = request.param
    return what


def test_accept_binds(world: World, later: Callable[[World], None]) -> None:
    theme = world.proposed_with("okta")
    members = world.on(theme)
    world.decide(theme, "accept", feature_area="Access", customer_need="Quite another name")
    later(world)
    assert members <= world.on(theme)
    assert world.theme(theme)["status"] == "accepted"


def test_accept_onto_a_live_item_binds(world: World, later: Callable[[World], None]) -> None:
    item = world.item("Access", "Quite another thing")
    theme = world.proposed_with("okta")
    members = world.on(theme)
    world.decide(theme, "accept", feature_area="Access", customer_need="Quite another thing")
    later(world)
    assert members <= world.on(item)


def test_reject_binds(world: World, later: Callable[[World], None]) -> None:
    theme = world.proposed_with("okta")
    members = world.on(theme)
    world.decide(theme, "reject", reason="no")
    later(world)
    assert world.theme(theme)["status"] == "rejected"
    assert not any(2 * len(members & group) >= len(group) for group in world.groups())


def test_merge_of_proposed_themes_binds(world: World, later: Callable[[World], None]) -> None:
    source, target = world.proposed_with("okta"), world.proposed_with("export")
    members = world.on(source) | world.on(target)
    world.decide(source, "merge", into=target)
    later(world)
    assert members <= world.on(target)
    assert world.theme(source)["id"] == target


def test_split_binds(world: World, later: Callable[[World], None]) -> None:
    theme = world.proposed_with("export")
    world.decide(theme, "split", requests=world.ids(["rows soon", "rows today"]))
    new = str(world.theme_of("rows soon"))
    rest = world.ids(["rows please", "rows really", "rows badly"])
    later(world)
    assert {world.theme_of("rows soon"), world.theme_of("rows today")} == {new}
    assert world.theme(new)["status"] == "proposed"
    assert not {member["id"] for member in world.theme(new)["members"]} & set(rest)


def test_move_binds(world: World, later: Callable[[World], None]) -> None:
    source, target = world.proposed_with("okta"), world.proposed_with("export")
    world.decide(source, "move", requests=world.ids(["okta soon"]), to=target)
    later(world)
    assert world.theme_of("okta soon") == target


def test_move_to_nothing_binds(world: World, later: Callable[[World], None]) -> None:
    world.item("Access", LOGIN)
    theme = world.proposed_with("okta")
    world.decide(theme, "move", requests=world.ids(["okta soon"]), to=None)
    later(world)
    assert world.theme_of("okta soon") is None


def test_confirm_binds(world: World, later: Callable[[World], None]) -> None:
    theme = world.proposed_with("okta")
    world.decide(theme, "confirm", requests=world.ids(["pony"]))
    later(world)
    assert world.theme_of("pony") == theme


def test_dismiss_binds(world: World, later: Callable[[World], None]) -> None:
    theme = world.proposed_with("okta")
    world.decide(theme, "dismiss", requests=world.ids(["okta soon"]), reason="chatter")
    later(world)
    dismissed = world.request_like("okta soon")
    assert (dismissed.dismissed, dismissed.theme_id) == (True, None)


def test_severity_binds(world: World, later: Callable[[World], None]) -> None:
    theme = world.proposed_with("okta")
    world.decide(theme, "severity", requests=world.ids(["okta soon"]), severity="blocking")
    later(world)
    assert world.request_like("okta soon").severity == "blocking"


def test_rename_and_delivery_bind(world: World, later: Callable[[World], None]) -> None:
    theme = world.proposed_with("okta")
    world.decide(theme, "confirm", requests=world.ids(["okta soon"]))
    world.decide(theme, "rename", label="SSO")
    world.decide(theme, "deliver", state="shipped", release_note="It is there.")
    later(world)
    after = world.theme(theme)
    assert (after["label"], after["delivery"]["state"]) == ("SSO", "shipped")


def test_an_undone_merge_of_proposed_themes_binds(
    world: World, later: Callable[[World], None]
) -> None:
    source, target = world.proposed_with("okta"), world.proposed_with("export")
    decided = world.decide(source, "merge", into=target)
    world.undo(decided["decision_id"])
    later(world)
    assert not any("okta" in t and "export" in u for g in world.groups() for t in g for u in g)


def test_new_requests_follow_an_accepted_theme(world: World) -> None:
    theme = world.proposed_with("okta")
    world.decide(theme, "accept", feature_area="Access", customer_need="Quite another name")
    world.note(70, f"{LOGIN} for everybody.")
    world.read()
    assert world.theme_of("for everybody") == theme
