"""One pure run: requests, what is known and what persons decided -> themes and assignments.

Everything the machine decided before is recomputed; the same requests and decisions give the
same answer in any order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from clustering.alignment import Bindings, KnownTheme, LineageStep, align
from clustering.assign import Assignment, ItemIndex, ItemProfile, pick
from clustering.density import WAITING, cluster
from clustering.doubt import SAID_NOTHING, Said
from clustering.labels import NO_WORDING, Description, Members, Wording, describe_themes
from clustering.languages import is_foreign, without_accent
from clustering.learning import NO_LESSONS, Lessons
from clustering.lens import Lens, lens_for
from clustering.params import DEFAULT_PARAMS, ClusteringParams
from clustering.suggest import Suggestion, suggest_requests, suggest_theme
from clustering.vocabulary import Vocabulary

__all__ = [
    "Bindings",
    "FormedTheme",
    "KnownTheme",
    "LineageStep",
    "Organisation",
    "RequestRow",
    "organise",
]

Rows = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class RequestRow:
    """One request; its row in the table of vectors is its place in the sequence given.

    `language` is ISO 639-1, None where it can't be told; `account_id` says whose it is.
    """

    id: str
    text: str
    occurred_at: datetime
    language: str | None = None
    account_id: str | None = None


@dataclass(frozen=True, slots=True)
class FormedTheme:
    """A proposed theme of this run.

    `members` are (request id, strength 0..1) by id, pinned ones included, of strength 1.
    """

    id: str
    members: Sequence[tuple[str, float]]
    label: str
    keyphrases: list[str]
    exemplars: list[str]


@dataclass(frozen=True, slots=True)
class Organisation:
    """What a run answers.

    Attributes:
        assignments: request -> item theme, by the model alone; pinned requests aren't here.
        themes: the proposed themes, the largest first.
        waiting: requests on no theme, sorted.
        lineage: what became of the known themes, and which were born.
        suggestions: for each proposed theme and each waiting request, by id.
    """

    assignments: Mapping[str, Assignment]
    themes: Sequence[FormedTheme]
    waiting: Sequence[str]
    lineage: Sequence[LineageStep]
    suggestions: Mapping[str, Suggestion]


def organise(
    requests: Sequence[RequestRow],
    vectors: Rows,
    items: Sequence[ItemProfile],
    known: Sequence[KnownTheme],
    bindings: Bindings,
    params: ClusteringParams = DEFAULT_PARAMS,
    encoder: str = "",
    said: Mapping[str, Said] | None = None,
    lessons: Lessons = NO_LESSONS,
    wording: Wording = NO_WORDING,
) -> Organisation:
    """Organise all requests anew; `vectors` is float32 (n, d), one unit row per request.

    `encoder` is the fingerprint of the encoder that made the rows; they are clustered by what
    they mean, as seen through the lens learned for it (see `lens_for`). `said` is what the
    re-ranker said of the requests that it has read, by id. `lessons` are what people said of
    requests, besides the accepted ones of the items. `wording` is what titles are made with.

    Requests pinned to an item stay there; others that fit an item, and aren't held off
    items, go to it; the rest is clustered, aligned with the known themes and described. A
    request in a language strange to the encoder must fit an item better than others, and is
    compared with others without what its language does to its row.
    """
    table = _Table(requests, vectors, said or {})
    alike = without_accent(vectors, [row.language for row in requests], encoder)
    lens = lens_for(encoder)
    seen = _Table(requests, lens.meaning(alike), {})
    grouping = _Table(requests, lens.likeness(alike), {})
    index = ItemIndex.build(items, encoder, lessons)
    on_items = {r for r, t in bindings.pinned.items() if t in index.areas}
    assignments = _assign(table, index, known, bindings, params, encoder)
    rest = [r for r in table.ids if r not in on_items and r not in assignments]
    groups, strengths = _clusters(rest, grouping, params)
    loose = replace(
        bindings, pinned={r: t for r, t in bindings.pinned.items() if r not in on_items}
    )
    aligned = align(
        groups,
        known,
        loose,
        first_seen={r: table.row[r].occurred_at for r in rest},
        divide=seen.divide,
        min_size=params.min_cluster_size,
    )
    themes = [
        _formed(theme, members, about, strengths, loose)
        for theme, members, about in _described(aligned.themes, seen, known, wording, lens)
    ]
    grouped = {r for members in aligned.themes.values() for r in members}
    waiting = [r for r in rest if r not in grouped]
    suggestions = _suggestions(themes, waiting, table, index, params)
    return Organisation(assignments, themes, waiting, aligned.lineage, suggestions)


class _Table:
    """The requests by id, in the order of their ids, with their rows and what was said of them."""

    def __init__(
        self, requests: Sequence[RequestRow], vectors: Rows, said: Mapping[str, Said]
    ) -> None:
        order = sorted(range(len(requests)), key=lambda n: requests[n].id)
        self.ids = [requests[n].id for n in order]
        self.row = {request.id: request for request in requests}
        self._place = {request: n for n, request in enumerate(self.ids)}
        self._vectors = vectors[order] if len(requests) else vectors
        self._said = said

    def vectors(self, ids: Sequence[str]) -> Rows:
        return self._vectors[[self._place[request] for request in ids]]

    def said(self, ids: Sequence[str]) -> list[Said]:
        return [self._said.get(request, SAID_NOTHING) for request in ids]

    def members(self, ids: Sequence[str], known: KnownTheme | None) -> Members:
        """A theme's members, as they are described."""
        rows = [self.row[request] for request in ids]
        said = any(row.account_id is not None for row in rows)
        speakers = [row.account_id or "" for row in rows] if said else []
        texts = [row.text for row in rows]
        title = known.label if known is not None else ""
        unchanged = known is not None and known.members == frozenset(ids)
        return Members(ids, texts, self.vectors(ids), speakers, title, unchanged)

    def divide(self, free: Sequence[str], anchors: Sequence[Sequence[str]]) -> list[int]:
        """The anchor group whose mean is nearest, for each free request."""
        means = np.stack([self.vectors(group).mean(axis=0) for group in anchors])
        means /= np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9)
        return [int(n) for n in np.argmax(self.vectors(free) @ means.T, axis=1)]


def _assign(
    table: _Table,
    index: ItemIndex,
    known: Sequence[KnownTheme],
    bindings: Bindings,
    params: ClusteringParams,
    encoder: str,
) -> dict[str, Assignment]:
    free = [r for r in table.ids if r not in bindings.pinned and r not in bindings.held]
    if not free or not len(index):
        return {}
    confidences = index.judged(table.vectors(free), table.said(free))
    _keep_apart(confidences, free, index, known, bindings)
    chosen = pick(index.rank_confidences(confidences), params.assign_line)
    found = {r: answer for r, answer in zip(free, chosen, strict=True) if answer is not None}
    return {
        r: answer
        for r, answer in found.items()
        if answer.confidence >= params.foreign_line
        or not is_foreign(table.row[r].language, encoder)
    }


def _keep_apart(
    confidences: Rows,
    free: Sequence[str],
    index: ItemIndex,
    known: Sequence[KnownTheme],
    bindings: Bindings,
) -> None:
    """Where a person undid the joining of a proposed theme and an item, don't join them again."""
    members = {theme.id: theme.members for theme in known}
    column = {theme: n for n, theme in enumerate(index.theme_ids)}
    for pair in bindings.separations:
        for item, other in (pair, pair[::-1]):
            if item in column and other in members:
                rows = [n for n, request in enumerate(free) if request in members[other]]
                confidences[rows, column[item]] = 0.0


def _clusters(
    rest: Sequence[str], table: _Table, params: ClusteringParams
) -> tuple[list[frozenset[str]], dict[str, float]]:
    if not rest:
        return [], {}
    found = cluster(table.vectors(rest), params)
    groups: dict[int, set[str]] = {}
    for request, label in zip(rest, found.labels, strict=True):
        if label != WAITING:
            groups.setdefault(int(label), set()).add(request)
    strengths = {r: float(s) for r, s in zip(rest, found.strengths, strict=True)}
    return [frozenset(group) for group in groups.values()], strengths


def _described(
    groups: Mapping[str, Sequence[str]],
    table: _Table,
    known: Sequence[KnownTheme],
    wording: Wording,
    lens: Lens,
) -> list[tuple[str, Members, Description]]:
    """The themes with their members, the largest theme first, and what each is about."""
    before = {theme.id: theme for theme in known}
    order = sorted(groups, key=lambda theme: (-len(groups[theme]), theme))
    members = [table.members(groups[theme], before.get(theme)) for theme in order]
    vocabulary = Vocabulary.build([row.text for row in table.row.values()], wording.names)
    described = describe_themes(members, vocabulary, wording.seen_through(lens.meaning))
    return list(zip(order, members, described, strict=True))


def _formed(
    theme: str,
    members: Members,
    about: Description,
    strengths: Mapping[str, float],
    bindings: Bindings,
) -> FormedTheme:
    rated = [(r, 1.0 if r in bindings.pinned else strengths[r]) for r in members.ids]
    return FormedTheme(theme, rated, about.label, about.keyphrases, about.exemplars)


def _suggestions(
    themes: Sequence[FormedTheme],
    waiting: Sequence[str],
    table: _Table,
    index: ItemIndex,
    params: ClusteringParams,
) -> dict[str, Suggestion]:
    answers = {
        theme.id: suggest_theme(table.vectors([r for r, _ in theme.members]), index, params)
        for theme in themes
    }
    if waiting:
        single = suggest_requests(table.vectors(waiting), index, params, table.said(waiting))
        answers.update(zip(waiting, single, strict=True))
    return answers
