"""Names that people type and read: of items, of open themes, and of what was decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from service.storage import decisions, themes
from service.storage.engine import Store
from service.storage.themes import LiveItem, ThemeRecord


@dataclass(frozen=True, slots=True)
class ThemeNames:
    """What can be named.

    Attributes:
        items: the live items.
        open_themes: a name of each theme that others can be merged into -> its id. A label
            that two of them share has the id behind it.
        labels: theme id -> label, for every one of these.
    """

    items: list[LiveItem]
    open_themes: Mapping[str, str]
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DecidedName:
    """One decision in short: what was done, on which theme, and whether it was taken back."""

    decision_id: str
    action: str
    label: str
    undone: bool


def theme_names(store: Store) -> ThemeNames:
    """Every live item and open theme."""
    with store.read() as connection:
        items = themes.live_items(connection)
        records = [*themes.accepted(connection), *themes.proposed(connection)]
    return ThemeNames(items, _unique(records), {record.id: record.label for record in records})


def decided_name(store: Store, decision_id: str) -> DecidedName | None:
    """What this decision was; None where there is none of this id."""
    with store.read() as connection:
        decision = decisions.get(connection, decision_id)
        if decision is None:
            return None
        theme = themes.get(connection, decision.theme_id) if decision.theme_id else None
    label = theme.label if theme is not None else ""
    return DecidedName(decision.id, decision.action, label, decision.undone_at is not None)


def _unique(records: Iterable[ThemeRecord]) -> dict[str, str]:
    known = list(records)
    count = Counter(record.label for record in known)
    return {
        record.label if count[record.label] == 1 else f"{record.label} ({record.id})": record.id
        for record in known
    }
