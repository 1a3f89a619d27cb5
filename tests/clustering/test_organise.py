"""A whole run: items first, the rest clustered, themes lasting, decisions binding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from clustering.alignment import Bindings, KnownTheme
from clustering.assign import ItemProfile, Rows
from clustering.organise import Organisation, RequestRow, organise
from models.theme import LineageKind
from tests.clustering.vectors import groups

START = datetime(2026, 7, 1, tzinfo=UTC)
SIZES = [6, 5, 4, 3, 3, 2, *[1] * 9]
FREE = Bindings(pinned={})


def requests(sizes: Sequence[int] = SIZES) -> list[RequestRow]:
    rows = []
    for group, size in enumerate(sizes):
        for n in range(size):
            name = f"r{group:02}{chr(97 + n)}"
            when = START + timedelta(hours=len(rows))
            rows.append(RequestRow(name, f"topic{group} wish {n}", when))
    return rows


ROWS = requests()
VECTORS = groups(SIZES, seed=11)


def item(group: int, theme: str) -> ItemProfile:
    """An item whose description lies in the middle of this group of requests."""
    inside = [n for n, row in enumerate(ROWS) if row.id.startswith(f"r{group:02}")]
    centre = VECTORS[inside].mean(axis=0)
    rows = (centre / np.linalg.norm(centre))[None].astype(np.float32)
    return ItemProfile(theme, f"Area {group}", rows, np.zeros((0, rows.shape[1]), np.float32))


ITEMS = [item(0, "t_item0"), item(1, "t_item1"), *(item(g, f"t_item{g}") for g in range(8, 15))]


def run(
    items: Sequence[ItemProfile] = (),
    known: Sequence[KnownTheme] = (),
    bindings: Bindings = FREE,
    rows: Sequence[RequestRow] = ROWS,
    vectors: Rows = VECTORS,
) -> Organisation:
    return organise(rows, vectors, items, known, bindings)


def members(answer: Organisation) -> dict[str, str]:
    """Theme id -> its members' ids, sorted, in one line."""
    return {t.id: " ".join(r for r, _ in t.members) for t in answer.themes}


def as_known(answer: Organisation) -> list[KnownTheme]:
    return [
        KnownTheme(theme.id, frozenset(r for r, _ in theme.members), n)
        for n, theme in enumerate(answer.themes)
    ]


def theme_of(answer: Organisation) -> Mapping[str, str]:
    return {r: theme.id for theme in answer.themes for r, _ in theme.members}


def test_every_request_is_assigned_grouped_or_waits_once() -> None:
    answer = run(ITEMS)
    placed = [*answer.assignments, *theme_of(answer), *answer.waiting]
    assert sorted(placed) == sorted(row.id for row in ROWS)


def test_what_fits_an_item_goes_to_it_and_the_rest_is_clustered() -> None:
    answer = run(ITEMS)
    assert {answer.assignments[f"r00{x}"].theme_id for x in "abcdef"} == {"t_item0"}
    assert "r02a r02b r02c r02d" in members(answer).values()


def test_requests_like_no_other_wait_with_a_suggestion() -> None:
    answer = run()
    assert "r07a" in answer.waiting and "r07a" in answer.suggestions


def test_themes_come_largest_first_with_a_label_and_exemplars() -> None:
    first, *_ = run().themes
    assert [r for r, _ in first.members] == [f"r00{x}" for x in "abcdef"]
    assert "topic0" in first.label.lower() and "topic0" in " ".join(first.keyphrases)
    assert set(first.exemplars) <= {r for r, _ in first.members}


def test_order_of_the_requests_is_irrelevant() -> None:
    order = np.random.default_rng(1).permutation(len(ROWS))
    shuffled = run(ITEMS[::-1], rows=[ROWS[n] for n in order], vectors=VECTORS[order])
    assert shuffled == run(ITEMS)


def test_second_run_keeps_every_theme() -> None:
    first = run()
    second = run(known=as_known(first))
    assert members(second) == members(first)
    assert {step.kind for step in second.lineage} == {LineageKind.KEPT}


def test_tenth_more_notes_keep_the_id_of_every_theme() -> None:
    first = run()
    sizes = [*SIZES, 3, 1]
    grown = run(known=as_known(first), rows=requests(sizes), vectors=groups(sizes, seed=11))
    for old in first.themes:
        kept = {r for r, _ in old.members}
        now = {r: t for r, t in theme_of(grown).items() if r in kept}
        if max(list(now.values()).count(t) for t in [*now.values(), ""]) * 2 >= len(kept):
            assert old.id in {theme.id for theme in grown.themes}


def test_pinned_to_an_item_is_left_alone() -> None:
    answer = run(ITEMS, bindings=Bindings(pinned={"r02a": "t_item0"}))
    assert "r02a" not in answer.assignments and "r02a" not in theme_of(answer)


def test_pinned_to_a_theme_is_in_that_theme_for_sure() -> None:
    first = run()
    two, three = theme_of(first)["r02a"], theme_of(first)["r03a"]
    answer = run(known=as_known(first), bindings=Bindings(pinned={"r02a": three}))
    strength = {r: s for t in answer.themes if t.id == three for r, s in t.members}
    assert strength["r02a"] == 1.0 and theme_of(answer)["r02b"] == two


def test_held_request_never_goes_to_an_item_but_may_cluster() -> None:
    held = frozenset(f"r00{x}" for x in "abc")
    answer = run(ITEMS, bindings=Bindings(pinned={}, held=held))
    assert not held & answer.assignments.keys()
    assert len({theme_of(answer)[r] for r in held}) == 1


def test_rejected_group_waits() -> None:
    group = frozenset(f"r02{x}" for x in "abcd")
    answer = run(bindings=Bindings(pinned={}, forbidden_groups=[group]))
    assert group <= set(answer.waiting)


def test_undone_merge_of_a_theme_and_an_item_stays_undone() -> None:
    known = [KnownTheme("t_own", frozenset(f"r00{x}" for x in "abcdef"), 1)]
    apart = Bindings(pinned={}, separations=frozenset([("t_item0", "t_own")]))
    answer = run(ITEMS, known, apart)
    assert {theme_of(answer).get(f"r00{x}") for x in "abcdef"} == {"t_own"}


def test_separated_themes_share_out_what_clusters_together() -> None:
    known = [
        KnownTheme("t_1", frozenset(["r00a", "r00b"]), 1),
        KnownTheme("t_2", frozenset(["r00c", "r00d"]), 2),
    ]
    apart = Bindings(pinned={}, separations=frozenset([("t_1", "t_2")]))
    where = theme_of(run(known=known, bindings=apart))
    assert where["r00a"] == where["r00b"] == "t_1" and where["r00c"] == where["r00d"] == "t_2"
    assert {where["r00e"], where["r00f"]} <= {"t_1", "t_2"}


@pytest.mark.parametrize("count", [0, 1, 4])
def test_few_requests_all_wait_without_items(count: int) -> None:
    answer = run(rows=ROWS[:count], vectors=VECTORS[:count])
    assert list(answer.waiting) == [row.id for row in ROWS[:count]] and not answer.themes


def test_first_request_finds_its_item() -> None:
    answer = run(ITEMS, rows=ROWS[:1], vectors=VECTORS[:1])
    assert answer.assignments["r00a"].theme_id == "t_item0"
