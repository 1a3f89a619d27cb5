"""Unclassified groups: three or more waiting requests of one month, guessed area and severity."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from models.identity import group_theme_id
from models.severity import Severity
from models.taxonomy import unclassified_tag
from models.window import Calendar, Month
from service.storage.requests import RequestRecord

# Three or more times in a calendar month is a candidate for a new item.
LEAST = 3


@dataclass(frozen=True, slots=True)
class Group:
    """One group; its id stays while it grows."""

    theme_id: str
    month: str
    feature_area: str
    severity: str
    members: tuple[RequestRecord, ...]

    @property
    def label(self) -> str:
        """The tag and the month."""
        return f"{unclassified_tag(self.feature_area, Severity(self.severity))}, {self.month}"


def form_groups(
    waiting: Sequence[RequestRecord],
    areas: Mapping[str, str],
    calendar: Calendar,
    *,
    open_groups: Collection[str],
    themes: Collection[str],
    forbidden: Mapping[str, set[str]],
) -> list[Group]:
    """Group waiting requests (in the order given) by tag and month.

    `open_groups` are ids of groups that still wait for review, `themes` all ids ever used: an
    id that was answered is not used again, and what was in a rejected group is in none of its
    tag. A group that shares with a rejected one more than half of what the two hold together
    is that same group again.
    """
    by_tag: dict[tuple[str, str, str], list[RequestRecord]] = {}
    for record in waiting:
        area = areas.get(record.id)
        if area is not None:
            day = calendar.local_day(record.occurred_at)
            tag = (str(Month(day.year, day.month)), area, record.severity)
            by_tag.setdefault(tag, []).append(record)
    groups = []
    for tag, tagged in sorted(by_tag.items()):
        theme_id, refused = _id_of(tag, open_groups, themes, forbidden)
        members = tuple(record for record in tagged if record.id not in refused)
        if len(members) >= LEAST and not _formed_before(members, forbidden):
            groups.append(Group(theme_id, *tag, members))
    return groups


def _id_of(
    tag: tuple[str, str, str],
    open_groups: Collection[str],
    themes: Collection[str],
    forbidden: Mapping[str, set[str]],
) -> tuple[str, set[str]]:
    refused: set[str] = set()
    ordinal = 0
    while True:
        theme_id = group_theme_id(*tag, ordinal)
        if theme_id in open_groups or theme_id not in themes:
            return theme_id, refused
        refused |= forbidden.get(theme_id, set())
        ordinal += 1


def _formed_before(members: Sequence[RequestRecord], forbidden: Mapping[str, set[str]]) -> bool:
    ids = {member.id for member in members}
    return any(2 * len(ids & group) > len(ids | group) for group in forbidden.values())
