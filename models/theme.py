"""A theme: the lasting identity that clusters are aligned to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class ThemeStatus(StrEnum):
    """Where a theme stands in review."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    MERGED = "merged"


class ThemeOrigin(StrEnum):
    """How a theme came to be."""

    ITEM = "item"
    CLUSTER = "cluster"
    SPLIT = "split"
    UNCLASSIFIED = "unclassified"


class LineageKind(StrEnum):
    """What a run did to a theme."""

    KEPT = "kept"
    SPLIT = "split"
    MERGED = "merged"
    BORN = "born"
    FADED = "faded"


class DeliveryState(StrEnum):
    """What product does about a theme."""

    OPEN = "open"
    BACKLOG = "backlog"
    SHIPPED = "shipped"
    DECLINED = "declined"
    CLOSED = "closed"


class Priority(StrEnum):
    """P1 is the most urgent."""

    P1 = "P1"
    P2 = "P2"
    P3 = "P3"
    P4 = "P4"


@dataclass(frozen=True, slots=True)
class Delivery:
    """A theme's delivery state with what was said about it."""

    state: DeliveryState = DeliveryState.OPEN
    priority: Priority | None = None
    expected_review: str | None = None
    reason: str | None = None
    release_note: str | None = None

    def as_dict(self) -> dict[str, str | None]:
        """For JSON: field name -> word or None."""
        return {name: None if value is None else str(value) for name, value in asdict(self).items()}

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Delivery:
        """What `as_dict` made; absent fields are None, an absent state is open."""
        priority = raw.get("priority")
        return cls(
            state=DeliveryState(raw.get("state", DeliveryState.OPEN)),
            priority=None if priority is None else Priority(priority),
            expected_review=raw.get("expected_review"),
            reason=raw.get("reason"),
            release_note=raw.get("release_note"),
        )


def survivor(theme_id: str, merged_into: Mapping[str, str]) -> str:
    """The theme that answers for `theme_id`, along the chain of merges.

    `merged_into` maps a merged theme to where it went; a chain never loops, and if one did
    the walk ends where it began to repeat.
    """
    seen = {theme_id}
    while theme_id in merged_into and merged_into[theme_id] not in seen:
        theme_id = merged_into[theme_id]
        seen.add(theme_id)
    return theme_id
