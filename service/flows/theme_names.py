"""Names that people type and read: of items, of open themes, and of what was decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from service.flows.kept import Kept
from service.storage import decisions, theme_history, themes
from service.storage.decisions import DecisionRecord
from service.storage.engine import Store
from service.storage.theme_history import OpenTheme


@dataclass(frozen=True, slots=True)
class NamedItem:
    """A live item and its theme, without what it is described by."""

    theme_id: str
    feature_area: str
    customer_need: str


@dataclass(frozen=True, slots=True)
class ThemeNames:
    """What can be named.

    Attributes:
        items: the live items, by area and need.
        open_themes: a name of each theme that others can be merged into -> its id. A label
            that two of them share has the id behind it.
        labels: theme id -> label, for every one of these.
    """

    items: Sequence[NamedItem]
    open_themes: Mapping[str, str]
    labels: Mapping[str, str]


_KEPT: Kept[ThemeNames] = Kept(1)


@dataclass(frozen=True, slots=True)
class DecidedName:
    """One decision in short: what was done, on which theme, and whether it was taken back.

    Attributes:
        action: the API's word; 'retire' where a live item was rejected, which leaves the taxonomy.
        requests: how many it named; 0 for one on a theme as a whole.
        target: the label of the theme that it moved or merged into, the need of the item that
            it accepted as, the name that it gave, or the state of delivery that it set; empty
            where there is none.
        split_off: the id of the theme that it made, or empty.
    """

    decision_id: str
    action: str
    label: str
    undone: bool
    requests: int = 0
    target: str = ""
    split_off: str = ""


def theme_names(store: Store) -> ThemeNames:
    """Every live item and open theme."""
    with store.read() as connection:
        return _KEPT.get(store, connection, (), lambda: _names(connection))


def _names(connection: Connection) -> ThemeNames:
    found = theme_history.open_themes(connection)
    items = [NamedItem(theme.id, *theme.item) for theme in found if theme.item is not None]
    return ThemeNames(
        sorted(items, key=lambda item: (item.feature_area, item.customer_need)),
        _unique(found),
        {theme.id: theme.label for theme in found},
    )


def decided_name(store: Store, decision_id: str) -> DecidedName | None:
    """What this decision was; None where there is none of this id."""
    with store.read() as connection:
        decision = decisions.get(connection, decision_id)
        return None if decision is None else names_of(connection, [decision])[0]


def names_of(connection: Connection, made: Sequence[DecisionRecord]) -> list[DecidedName]:
    """These decisions in short, in their order."""
    targets = [_target(decision) for decision in made]
    known = themes.get_many(
        connection, {d.theme_id for d in made if d.theme_id} | {*targets} - {""}
    )
    return [
        DecidedName(
            decision.id,
            _done(decision),
            known[decision.theme_id].label
            if decision.theme_id in known
            else str(decision.payload.get("customer_need") or ""),
            decision.undone_at is not None,
            len(decision.payload.get("requests") or ()),
            known[target].label if target in known else _said(decision),
            next(iter(decision.replaced.get("added", {}).get("themes", ())), "")
            if decision.action == "split"
            else "",
        )
        for decision, target in zip(made, targets, strict=True)
    ]


def _done(decision: DecisionRecord) -> str:
    retired = decision.replaced.get("changed", {}).get("taxonomy_items")
    return "retire" if decision.action == "reject" and retired else decision.action


def _target(decision: DecisionRecord) -> str:
    return str(decision.payload.get("into") or decision.payload.get("to") or "")


def _said(decision: DecisionRecord) -> str:
    payload = decision.payload
    if decision.action == "deliver":
        return str((payload.get("delivery") or {}).get("state") or "")
    said = {"accept": "customer_need", "rename": "label"}.get(decision.action, "")
    return str(payload.get(said) or "")


def _unique(records: Iterable[OpenTheme]) -> dict[str, str]:
    known = list(records)
    count = Counter(record.label for record in known)
    return {
        record.label if count[record.label] == 1 else f"{record.label} ({record.id})": record.id
        for record in known
    }
