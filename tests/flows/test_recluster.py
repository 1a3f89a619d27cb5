from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from clustering.params import DEFAULT_PARAMS
from models.errors import Unavailable
from service.flows import recluster as recluster_module
from service.flows.portfolio import upsert_csms
from service.flows.recluster import recluster
from service.storage.engine import Store, migrate, open_store
from service.storage.tables import runs
from tests.factories import lines_of
from tests.flows.world import COLOUR, EXPORT, LOGIN, World, tables_of, texts_on

ROOT = Path(__file__).parents[2]
TEXTS = [*texts_on(EXPORT, 6), *texts_on(LOGIN, 5), *texts_on(COLOUR, 4), "We need a pony."]


@pytest.fixture
def world(store: Store) -> World:
    return World(store)


def members(world: World) -> dict[str, frozenset[str]]:
    """Theme -> the texts on it."""
    found = {}
    for texts in world.groups():
        found[world.proposed_with(next(iter(texts)))] = texts
    return found


def test_synonymous_requests_become_proposed_themes_and_the_odd_one_waits(world: World) -> None:
    world.notes(TEXTS)
    summary = world.run()
    assert summary.themes == 3
    assert {len(group) for group in world.groups()} == {6, 5, 4}
    assert world.theme_of("pony") is None


def test_no_theme_is_called_by_a_csm(world: World) -> None:
    said = [text.replace("okta", "Okta") for text in texts_on(LOGIN, 5)]
    world.notes([*said, *texts_on(EXPORT, 5)])
    world.run()
    before = world.theme(world.proposed_with("Okta"))["label"]
    named = lines_of({"csm_id": "c-1", "name": "Okta Lindqvist"})
    upsert_csms(world.store, named, now=world.now, actor="t")
    world.run()
    after = world.theme(world.proposed_with("Okta"))["label"]
    assert "Okta" in before and "Okta" not in after


def test_a_run_keeps_its_parameters_and_counts(world: World) -> None:
    world.notes(TEXTS)
    world.run()
    with world.store.read() as connection:
        row = connection.execute(select(runs)).one()
    assert row.params == DEFAULT_PARAMS.as_dict()
    assert row.encoder == world.language.encoder.fingerprint
    assert row.counts["requests"] == len(TEXTS)


def test_running_again_changes_nothing_but_the_record_of_runs(world: World) -> None:
    world.item("Data", "Quite another thing")
    world.notes(TEXTS)
    world.run()
    trail = ("runs", "lineage", "audit", "data_version", "touched")
    before = tables_of(world.store, without=trail)
    etags = {theme: world.theme(theme)["etag"] for theme in members(world)}
    world.later(hours=1)
    world.run()
    assert tables_of(world.store, without=trail) == before
    assert {theme: world.theme(theme)["etag"] for theme in members(world)} == etags


def test_the_order_of_notes_is_irrelevant(sqlite_store: Store, tmp_path: Path) -> None:
    shuffled = list(enumerate(TEXTS, start=1))
    random.Random(7).shuffle(shuffled)
    first, second = World(sqlite_store), World(fresh(tmp_path / "second.db"))
    first.notes(TEXTS)
    for number, text in shuffled:
        second.note(number, text)
    first.run()
    second.run()
    assert members(first) == members(second)
    second.store.close()


def test_another_process_gives_the_same_themes(sqlite_store: Store, tmp_path: Path) -> None:
    world = World(sqlite_store)
    world.notes(TEXTS)
    world.run()
    script = (
        "import json, sys; from tests.flows.world import World;"
        "from tests.flows.test_recluster import TEXTS, fresh, members; from pathlib import Path;"
        "world = World(fresh(Path(sys.argv[1]))); world.notes(TEXTS); world.run();"
        "print(json.dumps({k: sorted(v) for k, v in members(world).items()}))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "other.db")],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "1", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(answer.stdout) == {k: sorted(v) for k, v in members(world).items()}


def test_more_notes_keep_the_ids_of_themes(world: World) -> None:
    world.notes(TEXTS)
    world.run()
    before = members(world)
    world.notes([f"{EXPORT} again and again.", f"{LOGIN} once more."], first=40)
    world.run()
    after = members(world)
    assert after.keys() == before.keys()
    assert all(before[theme] <= after[theme] for theme in before)


def test_a_proposal_keeps_its_due_time_while_it_says_the_same(world: World) -> None:
    world.notes(TEXTS)
    world.run()
    theme = world.proposed_with("okta")
    due = world.theme(theme)["proposal"]["due_at"]
    assert due == world.now + timedelta(hours=48)
    world.later(hours=5)
    world.note(40, f"{LOGIN} once more.")
    world.run()
    assert world.theme(theme)["proposal"]["due_at"] == due


def test_a_new_proposal_is_due_anew(world: World) -> None:
    world.notes(TEXTS)
    world.run()
    theme = world.proposed_with("okta")
    world.later(hours=5)
    # A cautious taxonomy: the theme is proposed for the item, its members are not on it yet.
    world.item("Access", LOGIN)
    world.decide(theme, "confirm", requests=world.ids([f"okta {w}" for w in ("soon", "today")]))
    world.run()
    proposal = world.theme(theme)["proposal"]
    assert (proposal["is_new"], proposal["customer_need"]) == (False, LOGIN)
    assert proposal["due_at"] == world.now + timedelta(hours=48)


def test_a_theme_without_members_fades_and_is_still_found(world: World) -> None:
    from service.flows.themes import list_themes

    world.notes(TEXTS)
    world.run()
    theme = world.proposed_with("okta")
    world.item("Access", LOGIN)
    world.run()
    assert world.theme(theme)["faded_at"] == world.now
    listed = list_themes(world.store, now=world.now).data
    assert theme not in {row["id"] for row in listed}


def test_lineage_tells_what_became_of_a_theme(world: World) -> None:
    world.notes(TEXTS)
    world.run()
    theme = world.proposed_with("okta")
    world.run()
    assert [step["kind"] for step in world.theme(theme)["lineage"]] == ["born", "kept"]


def test_a_run_that_people_overtake_is_computed_anew(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.notes(TEXTS)
    world.run()
    theme = world.proposed_with("okta")
    organise = recluster_module.organise
    decided: list[str] = []

    def organise_while_a_person_decides(*args: Any) -> Any:
        answer = organise(*args)
        if not decided:
            decided.append(world.decide(theme, "reject", reason="no")["decision_id"])
        return answer

    monkeypatch.setattr(recluster_module, "organise", organise_while_a_person_decides)
    world.run()
    assert world.theme(theme)["status"] == "rejected"
    assert world.theme_of("okta soon") is None


def test_a_run_that_is_always_overtaken_says_so(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.notes(TEXTS)
    world.run()
    theme = world.proposed_with("okta")
    organise = recluster_module.organise

    def organise_while_people_decide(*args: Any) -> Any:
        world.decide(theme, "rename", label="SSO")
        return organise(*args)

    monkeypatch.setattr(recluster_module, "organise", organise_while_people_decide)
    with pytest.raises(Unavailable) as late:
        recluster(world.store, world.language, now=world.now, actor="t")
    assert late.value.code == "run_overtaken"


def test_a_run_cut_off_while_it_is_stored_leaves_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.notes(TEXTS)
    world.read()
    before = tables_of(world.store)

    def cut_off(*_args: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(recluster_module.runs, "add", cut_off)
        with pytest.raises(KeyboardInterrupt):
            world.run()
    assert tables_of(world.store) == before
    world.run()
    assert len(world.groups()) == 3


def test_three_waiting_requests_of_a_month_area_and_severity_are_a_proposed_theme(
    world: World,
) -> None:
    group = unclassified(world, ["pony", "zebra", "camel"])
    shown = world.theme(group)
    assert (shown["status"], shown["origin"]) == ("proposed", "unclassified")
    assert shown["requests"] == 3
    assert shown["label"].startswith("Unclassified > Data > Degraded")
    assert world.theme_of("pony") is None


def test_two_are_no_group_and_months_are_local(world: World) -> None:
    world.item("Data", "Quite another thing")
    world.note(1, "We need a pony.", occurred_at="2026-07-03T09:00:00Z")
    world.note(2, "We need a zebra.", occurred_at="2026-07-04T09:00:00Z")
    world.note(3, "We need a camel.", occurred_at="2026-08-01T00:30:00Z")
    assert world.run().groups == 0


def test_a_growing_group_keeps_its_id(world: World) -> None:
    group = unclassified(world, ["pony", "zebra", "camel"])
    world.note(80, "We need a walrus.")
    world.run()
    assert world.theme(group)["requests"] == 4


def test_an_accepted_group_is_a_theme_with_its_requests(world: World) -> None:
    group = unclassified(world, ["pony", "zebra", "camel"])
    world.decide(group, "accept", feature_area="Zoo", customer_need="Animals")
    assert world.theme_of("pony") == group
    world.run()
    assert len(world.on(group)) == 3


def test_a_rejected_group_is_not_formed_again(world: World) -> None:
    group = unclassified(world, ["pony", "zebra", "camel"])
    world.decide(group, "reject", reason="three oddities")
    world.note(80, "We need a walrus.")
    assert world.run().groups == 0
    assert world.theme(group)["status"] == "rejected"


def unclassified(world: World, animals: list[str]) -> str:
    """Waiting requests of one area, month and severity; the id of their group."""
    from service.flows.themes import list_themes

    world.item("Data", "Quite another thing")
    for number, animal in enumerate(animals, start=60):
        world.note(number, f"We need a {animal}.")
    world.run()
    proposed = list_themes(world.store, status="proposed", now=world.now).data
    return next(row["id"] for row in proposed if row["origin"] == "unclassified")


def fresh(path: Path) -> Store:
    """A new store in a file."""
    migrate(f"sqlite:///{path}")
    return open_store(f"sqlite:///{path}")


def test_no_notes_are_no_trouble(world: World) -> None:
    assert world.run().requests == 0
    with world.store.read() as connection:
        assert connection.scalar(select(func.count()).select_from(runs)) == 1
