"""Themes keep their ids across runs, and what persons decided binds the machine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustering.alignment import Alignment, Bindings, KnownTheme, LineageStep, align
from models.theme import LineageKind

START = datetime(2026, 7, 1, tzinfo=UTC)
FREE = Bindings(pinned={})


def to_first(free: Sequence[str], anchors: Sequence[Sequence[str]]) -> list[int]:
    return [0] * len(free)


def times(requests: Iterable[str]) -> dict[str, datetime]:
    return {r: START + timedelta(hours=n) for n, r in enumerate(sorted(set(requests)))}


def run(
    clusters: Sequence[str],
    known: Sequence[KnownTheme] = (),
    bindings: Bindings = FREE,
    more: str = "",
) -> Alignment:
    """Each cluster is a word whose letters are its requests; `a` is the oldest request."""
    groups = [frozenset(word) for word in clusters]
    present = [r for word in clusters for r in word] + list(more)
    return align(groups, known, bindings, first_seen=times(present), divide=to_first)


def theme(name: str, members: str, born: int = 1) -> KnownTheme:
    return KnownTheme(name, frozenset(members), born)


def members(answer: Alignment) -> dict[str, str]:
    return {name: "".join(group) for name, group in answer.themes.items()}


def test_theme_that_kept_half_its_members_keeps_its_id() -> None:
    answer = run(["abxyzuvw"], [theme("t_old", "abcd")], more="cd")
    assert members(answer) == {"t_old": "abuvwxyz"}


def test_theme_scattered_over_the_waiting_fades() -> None:
    answer = run(["xy"], [theme("t_old", "abcd")], more="abcd")
    assert LineageStep("t_old", LineageKind.FADED, None, 0) in answer.lineage


def test_crumb_of_a_theme_carries_no_id() -> None:
    answer = run(["awxyz"], [theme("t_old", "abcdef")], more="bcdef")
    assert "t_old" not in answer.themes


def test_larger_part_of_a_split_keeps_the_id() -> None:
    answer = run(["ab", "cde"], [theme("t_old", "abcde")])
    assert members(answer)["t_old"] == "cde"


def test_equal_parts_leave_the_id_with_the_oldest_request() -> None:
    answer = run(["cd", "ab"], [theme("t_old", "abcd")])
    assert members(answer)["t_old"] == "ab"


def test_split_is_told_in_the_lineage() -> None:
    answer = run(["ab", "cde"], [theme("t_old", "abcde")])
    (fresh,) = answer.themes.keys() - {"t_old"}
    assert LineageStep("t_old", LineageKind.SPLIT, fresh, 2) in answer.lineage
    assert LineageStep(fresh, LineageKind.BORN, "t_old", 2) in answer.lineage


def test_older_id_survives_a_join() -> None:
    answer = run(["abcde"], [theme("t_young", "cde", 2), theme("t_old", "ab", 1)])
    assert members(answer) == {"t_old": "abcde"}
    assert LineageStep("t_young", LineageKind.MERGED, "t_old", 3) in answer.lineage


def test_theme_kept_whole_beats_a_fragment_of_an_older_one() -> None:
    known = [theme("t_old", "abcdefghij", 1), theme("t_young", "wxyz", 2)]
    answer = run(["abcdwxyz", "efg"], known, more="hij")
    assert "t_young" in answer.themes and members(answer)["t_young"] == "abcdwxyz"


def test_new_id_is_never_a_taken_one() -> None:
    (first,) = run(["ab"]).themes
    (second,) = run(["ab"], bindings=Bindings(pinned={}, taken_ids=frozenset([first]))).themes
    assert first != second


def test_separated_themes_are_never_joined() -> None:
    known = [theme("t_1", "ab", 1), theme("t_2", "cd", 2)]
    apart = Bindings(pinned={}, separations=frozenset([("t_1", "t_2")]))
    assert members(run(["abcdx"], known, apart)) == {"t_1": "abx", "t_2": "cd"}


def test_third_theme_may_still_join_one_of_two_separated() -> None:
    known = [theme("t_1", "ab", 1), theme("t_2", "cd", 2), theme("t_3", "ef", 3)]
    apart = Bindings(pinned={}, separations=frozenset([("t_1", "t_2")]))
    answer = run(["abcdef"], known, apart)
    assert members(answer) == {"t_1": "abef", "t_2": "cd"}


def test_pinned_request_leaves_its_cluster_for_its_theme() -> None:
    known = [theme("t_1", "abc", 1), theme("t_2", "xyz", 2)]
    answer = run(["abc", "xyz"], known, Bindings(pinned={"x": "t_1"}))
    assert members(answer) == {"t_1": "abcx", "t_2": "yz"}


def test_pinned_request_keeps_its_theme_alive_alone() -> None:
    answer = run(["xy"], [theme("t_1", "abc")], Bindings(pinned={"a": "t_1"}), more="abc")
    assert members(answer)["t_1"] == "a"


def test_theme_with_a_pin_survives_an_older_one_without() -> None:
    known = [theme("t_old", "ab", 1), theme("t_pinned", "cd", 2)]
    answer = run(["abcd"], known, Bindings(pinned={"c": "t_pinned"}))
    assert members(answer) == {"t_pinned": "abcd"}


def test_two_themes_with_pins_stay_two() -> None:
    known = [theme("t_1", "ab", 1), theme("t_2", "cd", 2)]
    answer = run(["abcd"], known, Bindings(pinned={"a": "t_1", "c": "t_2"}))
    assert members(answer) == {"t_1": "ab", "t_2": "cd"}


@pytest.mark.parametrize(
    ("again", "formed"),
    [("abcd", False), ("abc", False), ("abcdx", False), ("ab", True), ("abxy", True)],
)
def test_rejected_group_is_not_formed_again(again: str, formed: bool) -> None:
    answer = run([again], bindings=Bindings(pinned={}, forbidden_groups=[frozenset("abcd")]))
    assert bool(answer.themes) is formed


def test_group_left_too_small_by_pins_waits() -> None:
    answer = run(["ab", "xyz"], [theme("t_1", "xyz")], Bindings(pinned={"a": "t_1"}))
    assert members(answer) == {"t_1": "axyz"}


@st.composite
def runs(draw: st.DrawFn) -> tuple[list[frozenset[str]], list[KnownTheme], Bindings]:
    ids = [f"r{n:02}" for n in range(draw(st.integers(2, 24)))]
    now = draw(st.lists(st.integers(-1, 5), min_size=len(ids), max_size=len(ids)))
    old = draw(st.lists(st.integers(-1, 5), min_size=len(ids), max_size=len(ids)))
    groups = [frozenset(r for r, n in zip(ids, now, strict=True) if n == k) for k in range(6)]
    known = [
        KnownTheme(f"t{k}", frozenset(r for r, n in zip(ids, old, strict=True) if n == k), k)
        for k in range(6)
    ]
    pinned = draw(st.dictionaries(st.sampled_from(ids), st.sampled_from(["t0", "t1", "t9"])))
    pairs = draw(st.sets(st.sampled_from([("t0", "t1"), ("t1", "t2"), ("t0", "t5")])))
    bindings = Bindings(pinned=pinned, separations=frozenset(pairs))
    return [g for g in groups if len(g) > 1], [t for t in known if t.members], bindings


@given(runs())
def test_every_request_is_in_at_most_one_theme_and_pins_hold(
    given_run: tuple[list[frozenset[str]], list[KnownTheme], Bindings],
) -> None:
    clusters, known, bindings = given_run
    seen = times([*(f"r{n:02}" for n in range(24))])
    answer = align(clusters, known, bindings, first_seen=seen, divide=to_first)
    placed = [r for group in answer.themes.values() for r in group]
    where = {r: t for t, group in answer.themes.items() for r in group}
    assert len(placed) == len(set(placed))
    assert all(where[r] == t for r, t in bindings.pinned.items())


@given(runs())
def test_order_of_clusters_and_themes_is_irrelevant(
    given_run: tuple[list[frozenset[str]], list[KnownTheme], Bindings],
) -> None:
    clusters, known, bindings = given_run
    seen = times([*(f"r{n:02}" for n in range(24))])
    one = align(clusters, known, bindings, first_seen=seen, divide=to_first)
    two = align(clusters[::-1], known[::-1], bindings, first_seen=seen, divide=to_first)
    assert one == two


@given(runs())
def test_theme_that_kept_half_its_members_is_kept_or_joined(
    given_run: tuple[list[frozenset[str]], list[KnownTheme], Bindings],
) -> None:
    clusters, known, _ = given_run
    seen = times([*(f"r{n:02}" for n in range(24))])
    answer = align(clusters, known, FREE, first_seen=seen, divide=to_first)
    merged = {s.theme_id for s in answer.lineage if s.kind is LineageKind.MERGED}
    for old in known:
        if any(2 * len(old.members & group) >= len(old.members) for group in clusters):
            assert old.id in answer.themes or old.id in merged
