"""What a run makes of its snapshot, as the differences that are to be stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from clustering.organise import Organisation
from clustering.vocabulary import Vocabulary
from models.theme import LineageKind
from models.window import Calendar
from service.flows.describing import describe
from service.flows.runs.gather import Gathered
from service.flows.runs.groups import Group, form_groups
from service.flows.suggesting import new_item_proposal, proposal_from
from service.storage.placements import Place
from service.storage.proposals import ProposalRecord
from service.storage.requests import RequestRecord
from service.storage.runs import LineageRecord
from service.storage.themes import ThemeRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class ThemeState:
    """How a theme looks after the run; `changed` where its members are not those of before."""

    id: str
    origin: str
    label: str
    keyphrases: list[str]
    exemplars: list[str]
    first_at: datetime | None
    known: ThemeRecord | None
    changed: bool


@dataclass(slots=True)
class Outcome:
    """The differences between the store and what the run says.

    Attributes:
        places: requests that a machine assigns anew, takes off a theme, or is surer of.
        areas: new guesses of area for requests that wait.
        themes: every theme of the run whose row is new or changes.
        merged: theme -> the one that a run joined it into.
        faded: themes with nothing left together.
        proposals: for every proposed theme, what is proposed now.
        groups: the members of each Unclassified group.
    """

    places: dict[str, Place] = field(default_factory=dict)
    areas: dict[str, str] = field(default_factory=dict)
    themes: list[ThemeState] = field(default_factory=list)
    merged: dict[str, str] = field(default_factory=dict)
    faded: set[str] = field(default_factory=set)
    proposals: list[ProposalRecord] = field(default_factory=list)
    groups: dict[str, set[str]] = field(default_factory=dict)
    lineage: list[LineageRecord] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)


def outcome_of(
    gathered: Gathered, organised: Organisation, calendar: Calendar, *, now: datetime
) -> Outcome:
    """Compare what the run says with what was stored when its snapshot was taken."""
    made = Outcome()
    desired = _desired(gathered, organised)
    made.places = _moves(gathered.free, desired)
    waiting = [record for record in gathered.free if desired[record.id].theme_id is None]
    areas = _areas(organised, waiting)
    made.areas = {
        record.id: areas[record.id]
        for record in waiting
        if record.id in areas and areas[record.id] != record.unclassified_area
    }
    texts = [record.text for record in gathered.free]
    vocabulary = Vocabulary.build(texts, gathered.names)
    _proposed_themes(made, gathered, organised, now)
    _item_themes(made, gathered, desired, vocabulary)
    _endings(made, gathered, organised)
    _groups(made, gathered, waiting, areas, calendar, vocabulary, now)
    made.lineage = _lineage(organised, made.faded)
    made.counts = _counts(gathered, organised, made, len(waiting))
    return made


def _desired(gathered: Gathered, organised: Organisation) -> dict[str, Place]:
    places = {record.id: Place() for record in gathered.free}
    for request_id, chosen in organised.assignments.items():
        places[request_id] = Place(chosen.theme_id, round(chosen.confidence, 6))
    for theme in organised.themes:
        for request_id, strength in theme.members:
            places[request_id] = Place(theme.id, round(strength, 6))
    for record in gathered.free:
        pinned = gathered.bindings.pinned.get(record.id)
        if pinned is not None:
            places[record.id] = Place(pinned, record.confidence)
    return places


def _moves(records: Sequence[RequestRecord], desired: Mapping[str, Place]) -> dict[str, Place]:
    return {
        record.id: desired[record.id]
        for record in records
        if desired[record.id] != Place(record.theme_id, record.confidence)
    }


def _areas(organised: Organisation, waiting: Sequence[RequestRecord]) -> dict[str, str]:
    found = {}
    for record in waiting:
        suggestion = organised.suggestions.get(record.id)
        if suggestion is not None and suggestion.area is not None:
            found[record.id] = suggestion.area
    return found


def _proposed_themes(
    made: Outcome, gathered: Gathered, organised: Organisation, now: datetime
) -> None:
    by_id = {record.id: record for record in gathered.free}
    before = {theme.id: theme.members for theme in gathered.known_themes()}
    for theme in organised.themes:
        known = gathered.known.get(theme.id)
        ids = frozenset(request_id for request_id, _ in theme.members)
        keeps_label = known is not None and known.label_by == "person"
        label = known.label if known is not None and keeps_label else theme.label
        made.themes.append(
            ThemeState(
                id=theme.id,
                origin=known.origin if known else "cluster",
                label=label,
                keyphrases=list(theme.keyphrases),
                exemplars=list(theme.exemplars),
                first_at=min(by_id[request_id].occurred_at for request_id in ids),
                known=known,
                changed=before.get(theme.id) != ids,
            )
        )
        made.proposals.append(
            proposal_from(theme.id, label, organised.suggestions[theme.id], gathered.items, now=now)
        )


def _item_themes(
    made: Outcome, gathered: Gathered, desired: Mapping[str, Place], vocabulary: Vocabulary
) -> None:
    """Describe anew the accepted themes whose members have changed; an item names its own."""
    members: dict[str, list[RequestRecord]] = {}
    before: dict[str, set[str]] = {}
    for record in gathered.free:
        theme_id = desired[record.id].theme_id
        if theme_id is not None and theme_id in gathered.accepted:
            members.setdefault(theme_id, []).append(record)
        if record.theme_id is not None and record.theme_id in gathered.accepted:
            before.setdefault(record.theme_id, set()).add(record.id)
    for theme_id, theme in gathered.accepted.items():
        inside = members.get(theme_id, [])
        changed = {record.id for record in inside} != before.get(theme_id, set())
        if not inside or not (changed or not theme.exemplars):
            if changed:
                made.themes.append(_as_it_was(theme))
            continue
        described = describe(inside, gathered.rows, vocabulary)
        made.themes.append(
            ThemeState(
                id=theme.id,
                origin=theme.origin,
                label=theme.label,
                keyphrases=described.keyphrases if described else [],
                exemplars=described.exemplars if described else [],
                first_at=min(record.occurred_at for record in inside),
                known=theme,
                changed=changed,
            )
        )


def _as_it_was(theme: ThemeRecord) -> ThemeState:
    return ThemeState(
        id=theme.id,
        origin=theme.origin,
        label=theme.label,
        keyphrases=theme.keyphrases,
        exemplars=[],
        first_at=theme.first_at,
        known=theme,
        changed=True,
    )


def _endings(made: Outcome, gathered: Gathered, organised: Organisation) -> None:
    formed = {theme.id for theme in organised.themes}
    made.merged = {
        step.theme_id: step.other_theme_id
        for step in organised.lineage
        if step.kind is LineageKind.MERGED and step.other_theme_id is not None
    }
    free = {record.id for record in gathered.free}
    # What has no vector (a pre-read without a quote) stays where a person put it.
    held_up = {record.theme_id for record in gathered.records if record.id not in free}
    made.faded = gathered.known.keys() - formed - made.merged.keys() - held_up


def _groups(
    made: Outcome,
    gathered: Gathered,
    waiting: Sequence[RequestRecord],
    areas: Mapping[str, str],
    calendar: Calendar,
    vocabulary: Vocabulary,
    now: datetime,
) -> None:
    formed = form_groups(
        waiting,
        areas,
        calendar,
        open_groups=gathered.open_groups,
        themes=gathered.bindings.taken_ids,
        forbidden=gathered.forbidden,
    )
    for group in formed:
        _add_group(made, gathered, group, vocabulary, now)
    alive = {theme.id for theme in gathered.open_groups.values() if theme.faded_at is None}
    made.faded |= alive - made.groups.keys()


def _add_group(
    made: Outcome, gathered: Gathered, group: Group, vocabulary: Vocabulary, now: datetime
) -> None:
    described = describe(group.members, gathered.rows, vocabulary)
    known = gathered.open_groups.get(group.theme_id)
    ids = {member.id for member in group.members}
    made.groups[group.theme_id] = ids
    keeps_label = known is not None and known.label_by == "person"
    made.themes.append(
        ThemeState(
            id=group.theme_id,
            origin="unclassified",
            label=known.label if known is not None and keeps_label else group.label,
            keyphrases=described.keyphrases if described else [],
            exemplars=described.exemplars if described else [],
            first_at=min(member.occurred_at for member in group.members),
            known=known,
            changed=gathered.groups.get(group.theme_id) != ids,
        )
    )
    made.proposals.append(
        new_item_proposal(
            group.theme_id,
            area=group.feature_area,
            label=described.label if described else group.label,
            confidence=0.0,
            now=now,
        )
    )


def _lineage(organised: Organisation, faded: set[str]) -> list[LineageRecord]:
    """One row per theme and kind: of a theme split in several, the largest part is named."""
    rows: dict[tuple[str, str], LineageRecord] = {}
    for step in organised.lineage:
        kind = step.kind.value
        if step.kind is LineageKind.FADED and step.theme_id not in faded:
            kind = LineageKind.KEPT.value
        other = rows.get((step.theme_id, kind))
        count, into = step.requests, step.other_theme_id
        if other is not None:
            count += other.requests
            if other.requests >= step.requests:
                into = other.other_theme_id
        rows[step.theme_id, kind] = LineageRecord(
            theme_id=step.theme_id, kind=kind, other_theme_id=into, requests=count
        )
    return [rows[key] for key in sorted(rows)]


def _counts(
    gathered: Gathered, organised: Organisation, made: Outcome, waiting: int
) -> dict[str, int]:
    kinds = [step.kind for step in organised.lineage]
    return {
        "requests": len(gathered.records),
        "on_items": len(organised.assignments)
        + sum(theme in gathered.accepted for theme in gathered.bindings.pinned.values()),
        "in_themes": sum(len(theme.members) for theme in organised.themes),
        "waiting": waiting,
        "themes": len(organised.themes),
        "groups": len(made.groups),
        **{kind.value: kinds.count(kind) for kind in LineageKind},
    }
