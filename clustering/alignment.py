"""This run's clusters <-> the proposed themes of the run before, under what persons decided.

A theme claims the cluster that holds most of it. One claimant: the theme goes on, with its
id. Several: the older id survives, unless persons keep them apart; then the cluster is
divided between them. Clusters nobody claims are born with an id never used before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from models.identity import cluster_theme_id
from models.theme import LineageKind


@dataclass(frozen=True, slots=True)
class KnownTheme:
    """A proposed theme as the last run left it; a lower `born_seq` is older.

    `label` is what a machine called it, empty where a person did.
    """

    id: str
    members: frozenset[str]
    born_seq: int
    first_at: datetime | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class Bindings:
    """What persons decided, as the machine must obey it.

    Attributes:
        pinned: request -> theme it stays on, an item's or a proposed one.
        held: requests moved to nothing: never on an item, but free to cluster.
        forbidden_groups: members of rejected themes; no group is formed again that
            shares with one of them more than half of what the two hold together.
        separations: sorted pairs of themes that a machine never joins.
        taken_ids: every theme id ever used.
    """

    pinned: Mapping[str, str]
    held: frozenset[str] = frozenset()
    forbidden_groups: Sequence[frozenset[str]] = ()
    separations: frozenset[tuple[str, str]] = frozenset()
    taken_ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class LineageStep:
    """What a run did to one theme.

    `kept`: it goes on. `split`: part of it went to `other_theme_id`. `merged`: it was joined
    into `other_theme_id`. `born`: it is new, out of `other_theme_id` if that was split.
    `faded`: nothing of it is left together. `requests` counts those concerned.
    """

    theme_id: str
    kind: LineageKind
    other_theme_id: str | None
    requests: int


@dataclass(frozen=True, slots=True)
class Alignment:
    """Theme id -> its members, sorted; and what became of each theme."""

    themes: Mapping[str, tuple[str, ...]]
    lineage: tuple[LineageStep, ...]


Divide = Callable[[Sequence[str], Sequence[Sequence[str]]], Sequence[int]]
"""(free requests, anchor groups) -> for each free request, the number of its nearest group."""


def align(
    clusters: Sequence[frozenset[str]],
    known: Sequence[KnownTheme],
    bindings: Bindings,
    *,
    first_seen: Mapping[str, datetime],
    divide: Divide,
    min_size: int = 2,
) -> Alignment:
    """Give each cluster its theme.

    Args:
        clusters: disjoint groups of request ids of this run, pinned ones among them.
        known: the proposed themes of the last run.
        bindings: decisions of persons; pins onto themes absent from `known` count as well.
        first_seen: request id -> when it was made; the oldest breaks ties.
        divide: shares the rows of a cluster out between themes that stay apart.
        min_size: smaller groups are dissolved unless a person pinned a member there.
    """
    pins = _pins_by_theme(bindings.pinned, first_seen)
    claimants = _claimants(known, pins, bindings, first_seen)
    ordered = sorted(clusters, key=lambda group: _oldest(group, first_seen))
    claims = [_best_cluster(theme, ordered, first_seen) for theme in claimants]
    members: dict[str, set[str]] = {}
    merged: dict[str, str] = {}
    born: list[frozenset[str]] = []
    for number, group in enumerate(ordered):
        inside = [t for t, claim in zip(claimants, claims, strict=True) if claim == number]
        parts = _coalitions(_strongest(inside, group), bindings, pins)
        if not parts:
            born.append(group)
            continue
        for part, share in zip(parts, _shares(group, parts, divide), strict=True):
            members[part[0].id] = set(share)
            merged.update({loser.id: part[0].id for loser in part[1:]})
    taken = set(bindings.taken_ids) | {theme.id for theme in known} | set(pins)
    newborn: set[str] = set()
    for group in born:
        fresh = _new_id(group, taken)
        members[fresh] = set(group)
        newborn.add(fresh)
    themes = _settle(members, pins, bindings, min_size)
    return Alignment(themes, _lineage(themes, newborn, merged, claimants, first_seen))


def _pins_by_theme(
    pinned: Mapping[str, str], present: Mapping[str, datetime]
) -> dict[str, frozenset[str]]:
    groups: dict[str, set[str]] = {}
    for request, theme in pinned.items():
        if request in present:
            groups.setdefault(theme, set()).add(request)
    return {theme: frozenset(group) for theme, group in groups.items()}


def _claimants(
    known: Sequence[KnownTheme],
    pins: Mapping[str, frozenset[str]],
    bindings: Bindings,
    present: Mapping[str, datetime],
) -> list[KnownTheme]:
    """Known themes, oldest first, with the members they'd still have after the pins."""
    ids = {theme.id for theme in known}
    extra = [KnownTheme(t, frozenset(), 1 << 62) for t in sorted(pins) if t not in ids]
    themes = [*sorted(known, key=lambda theme: (theme.born_seq, theme.id)), *extra]
    return [
        KnownTheme(
            theme.id,
            frozenset(
                request
                for request in theme.members | pins.get(theme.id, frozenset())
                if request in present and bindings.pinned.get(request, theme.id) == theme.id
            ),
            theme.born_seq,
            theme.first_at,
        )
        for theme in themes
    ]


def _oldest(group: frozenset[str], first_seen: Mapping[str, datetime]) -> tuple[datetime, str]:
    return min((first_seen[request], request) for request in group)


def _best_cluster(
    theme: KnownTheme, clusters: Sequence[frozenset[str]], first_seen: Mapping[str, datetime]
) -> int | None:
    """The cluster with most of the theme; ties: the one with the theme's oldest request.

    The overlap must be half of the theme, or half of the cluster: a crumb carries no id.
    """
    best: tuple[int, int] | None = None
    for number, group in enumerate(clusters):
        overlap = theme.members & group
        if not overlap or 2 * len(overlap) < min(len(theme.members), len(group)):
            continue
        if best is None or len(overlap) > best[0]:
            best = (len(overlap), number)
        elif len(overlap) == best[0]:
            rival = theme.members & clusters[best[1]]
            if _oldest(overlap, first_seen) < _oldest(rival, first_seen):
                best = (len(overlap), number)
    return None if best is None else best[1]


def _strongest(inside: Sequence[KnownTheme], group: frozenset[str]) -> list[KnownTheme]:
    """Themes with half of their members here before those with less; each lot oldest first."""
    strong = [t for t in inside if 2 * len(t.members & group) >= len(t.members)]
    return [*strong, *(t for t in inside if t not in strong)]


def _coalitions(
    inside: Sequence[KnownTheme], bindings: Bindings, pins: Mapping[str, frozenset[str]]
) -> list[list[KnownTheme]]:
    """Claimants of one cluster in groups that may be joined; the survivor stands first.

    A theme on which a person put requests is never joined into another, so those come
    first and each stands for itself.
    """
    parts: list[list[KnownTheme]] = []
    for theme in sorted(inside, key=lambda t: t.id not in pins):
        for part in parts:
            apart = any(tuple(sorted((theme.id, t.id))) in bindings.separations for t in part)
            if not apart and theme.id not in pins:
                part.append(theme)
                break
        else:
            parts.append([theme])
    return parts


def _shares(
    group: frozenset[str], parts: Sequence[Sequence[KnownTheme]], divide: Divide
) -> list[set[str]]:
    """Share a cluster out: each part keeps its own, the rest goes where it's nearest."""
    if len(parts) == 1:
        return [set(group)]
    shares: list[set[str]] = []
    owned: set[str] = set()
    for part in parts:
        own = set().union(*(theme.members for theme in part)) & group - owned
        owned |= own
        shares.append(own)
    free = sorted(group - owned)
    anchors = [sorted(share) for share in shares]
    for request, number in zip(free, divide(free, anchors), strict=True):
        shares[number].add(request)
    return shares


def _new_id(group: frozenset[str], taken: set[str]) -> str:
    ordinal = 0
    while (fresh := cluster_theme_id(group, ordinal)) in taken:
        ordinal += 1
    taken.add(fresh)
    return fresh


def _settle(
    members: Mapping[str, set[str]],
    pins: Mapping[str, frozenset[str]],
    bindings: Bindings,
    min_size: int,
) -> dict[str, tuple[str, ...]]:
    """Put pinned requests where they belong; drop groups too small or forbidden."""
    settled: dict[str, tuple[str, ...]] = {}
    for theme in sorted(members.keys() | pins.keys()):
        fixed = pins.get(theme, frozenset())
        free = {r for r in members.get(theme, set()) if r not in bindings.pinned}
        if len(free | fixed) < min_size or _is_forbidden(free | fixed, bindings):
            free = set()
        if free or fixed:
            settled[theme] = tuple(sorted(free | fixed))
    return settled


def _is_forbidden(group: set[str] | frozenset[str], bindings: Bindings) -> bool:
    """Whether this is a rejected group again: more than half of the two together in both.

    A pure part of a rejected mixture is another group, and may form.
    """
    return any(
        2 * len(group & rejected) > len(group | rejected) for rejected in bindings.forbidden_groups
    )


def _lineage(
    themes: Mapping[str, tuple[str, ...]],
    newborn: set[str],
    merged: Mapping[str, str],
    claimants: Sequence[KnownTheme],
    first_seen: Mapping[str, datetime],
) -> tuple[LineageStep, ...]:
    steps: list[LineageStep] = []
    for theme in claimants:
        if theme.id in themes:
            kept = len(theme.members.intersection(themes[theme.id]))
            steps.append(LineageStep(theme.id, LineageKind.KEPT, None, kept))
        elif merged.get(theme.id) in themes:
            into = merged[theme.id]
            went = len(theme.members.intersection(themes[into]))
            steps.append(LineageStep(theme.id, LineageKind.MERGED, into, went))
        else:
            steps.append(LineageStep(theme.id, LineageKind.FADED, None, 0))
    for fresh in sorted(newborn & themes.keys(), key=lambda t: min(themes[t])):
        parts = [(len(t.members.intersection(themes[fresh])), t) for t in claimants]
        source = max(
            ((n, -t.born_seq, t.id) for n, t in parts if 2 * n >= len(themes[fresh])),
            default=None,
        )
        other = None if source is None else source[2]
        steps.append(LineageStep(fresh, LineageKind.BORN, other, len(themes[fresh])))
        if source is not None:
            steps.append(LineageStep(source[2], LineageKind.SPLIT, fresh, source[0]))
    return tuple(steps)
