"""Queries on themes and on the live items they stand for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, bindparam, delete, insert, select, update

from models.theme import survivor as follow
from service.storage.batches import in_batches
from service.storage.tables import group_members, lineage, requests, runs, taxonomy_items, themes


@dataclass(frozen=True, slots=True, kw_only=True)
class ThemeRecord:
    """One theme as stored, with the live item it stands for, if any."""

    id: str
    origin: str
    status: str
    merged_into: str | None
    label: str
    label_by: str
    keyphrases: list[str]
    exemplars: list[str]
    born_seq: int
    first_at: datetime | None
    created_at: datetime
    faded_at: datetime | None
    version: int
    delivery: Mapping[str, Any]
    feature_area: str | None
    customer_need: str | None

    @property
    def is_open(self) -> bool:
        """Whether requests can be on it: proposed or accepted."""
        return self.status in ("proposed", "accepted")


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveItem:
    """A live taxonomy item and its one theme."""

    item_id: str
    theme_id: str
    feature_area: str
    customer_need: str
    description: str
    examples: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTheme:
    """A theme to be stored."""

    id: str
    origin: str
    status: str
    label: str
    keyphrases: list[str]
    exemplars: list[str]
    born_seq: int
    first_at: datetime | None
    created_at: datetime
    delivery: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """How a theme is described from now on."""

    id: str
    label: str
    keyphrases: list[str]
    exemplars: list[str]
    first_at: datetime | None


def get(connection: Connection, theme_id: str) -> ThemeRecord | None:
    """The theme with this id, merged or not; None when there never was one."""
    row = connection.execute(_records().where(themes.c.id == theme_id)).first()
    return None if row is None else _record(row)


def get_many(connection: Connection, theme_ids: Iterable[str]) -> dict[str, ThemeRecord]:
    """The themes with these ids; unknown ones are absent."""
    found: dict[str, ThemeRecord] = {}
    for batch in in_batches(sorted(set(theme_ids))):
        for row in connection.execute(_records().where(themes.c.id.in_(batch))):
            found[row.id] = _record(row)
    return found


def page(
    connection: Connection, *, status: str | None, after: str | None, limit: int
) -> list[ThemeRecord]:
    """Themes by id after `after`; faded ones only when asked by id."""
    statement = _records().where(themes.c.faded_at.is_(None)).order_by(themes.c.id).limit(limit)
    if status is not None:
        statement = statement.where(themes.c.status == status)
    if after is not None:
        statement = statement.where(themes.c.id > after)
    return [_record(row) for row in connection.execute(statement)]


def proposed(connection: Connection) -> list[ThemeRecord]:
    """Every proposed theme that has not faded, by id."""
    statement = _records().where(themes.c.status == "proposed", themes.c.faded_at.is_(None))
    return [_record(row) for row in connection.execute(statement.order_by(themes.c.id))]


def accepted(connection: Connection) -> list[ThemeRecord]:
    """Every accepted theme, by id."""
    statement = _records().where(themes.c.status == "accepted").order_by(themes.c.id)
    return [_record(row) for row in connection.execute(statement)]


def versions(connection: Connection) -> dict[str, int]:
    """The version of every theme that requests can be on."""
    statement = select(themes.c.id, themes.c.version).where(
        themes.c.status.in_(("proposed", "accepted"))
    )
    return {row.id: row.version for row in connection.execute(statement)}


def open_groups(connection: Connection) -> list[ThemeRecord]:
    """Every Unclassified group that nobody has answered, those that faded too, by id."""
    statement = _records().where(themes.c.origin == "unclassified", themes.c.status == "proposed")
    return [_record(row) for row in connection.execute(statement.order_by(themes.c.id))]


def all_ids(connection: Connection) -> frozenset[str]:
    """Every theme id ever used."""
    return frozenset(connection.scalars(select(themes.c.id)))


def survivors(connection: Connection) -> dict[str, str]:
    """Every merged theme's id -> the theme at the end of its chain of merges."""
    steps = {
        row.id: row.merged_into
        for row in connection.execute(
            select(themes.c.id, themes.c.merged_into).where(themes.c.merged_into.is_not(None))
        )
    }
    return {theme_id: follow(theme_id, steps) for theme_id in steps}


def survivor(connection: Connection, theme_id: str) -> str:
    """The theme that this one was merged into, however often; itself when it was not."""
    return survivors(connection).get(theme_id, theme_id)


def merged_from(connection: Connection, theme_id: str) -> list[str]:
    """The ids that were merged into this theme, directly or by way of others, sorted."""
    return sorted(old for old, end in survivors(connection).items() if end == theme_id)


def labels_merged_into(connection: Connection, theme_ids: Collection[str]) -> dict[str, list[str]]:
    """For each of these themes the labels of those that were merged into it, however often."""
    columns = (themes.c.id, themes.c.label, themes.c.merged_into)
    rows = connection.execute(select(*columns).where(themes.c.merged_into.is_not(None))).all()
    steps = {row.id: row.merged_into for row in rows}
    found: dict[str, list[str]] = {}
    for row in rows:
        end = follow(row.id, steps)
        if end in theme_ids:
            found.setdefault(end, []).append(row.label)
    return {end: sorted(labels) for end, labels in found.items()}


def live_items(connection: Connection) -> list[LiveItem]:
    """Every live item with its theme, by area and need."""
    statement = select(taxonomy_items).where(
        taxonomy_items.c.status == "live", taxonomy_items.c.theme_id.is_not(None)
    )
    items = [
        LiveItem(
            item_id=row.id,
            theme_id=row.theme_id,
            feature_area=row.feature_area,
            customer_need=row.customer_need,
            description=row.description,
            examples=list(row.examples),
        )
        for row in connection.execute(statement)
    ]
    # Sorted here: PostgreSQL's order of texts depends on the locale it was made with.
    return sorted(items, key=lambda item: (item.feature_area, item.customer_need))


def groups(connection: Connection, theme_ids: Collection[str] | None = None) -> dict[str, set[str]]:
    """Each Unclassified group's stored members."""
    found: dict[str, set[str]] = {}
    statement = select(group_members)
    if theme_ids is not None:
        statement = statement.where(group_members.c.theme_id.in_(sorted(theme_ids)))
    for row in connection.execute(statement):
        found.setdefault(row.theme_id, set()).add(row.request_id)
    return found


def raise_versions(connection: Connection, theme_ids: Collection[str]) -> None:
    """These themes are no longer what anybody looked at: their etags are stale."""
    for batch in in_batches(sorted(theme_ids)):
        connection.execute(
            update(themes).where(themes.c.id.in_(batch)).values(version=themes.c.version + 1)
        )


def add(connection: Connection, new: Sequence[NewTheme]) -> None:
    """Store themes that are not there yet."""
    if new:
        connection.execute(insert(themes), [asdict(theme) for theme in new])


def describe(connection: Connection, described: Sequence[Described]) -> None:
    """New words for themes on record, which have not faded then."""
    names = ("label", "keyphrases", "exemplars", "first_at")
    if described:
        connection.execute(
            update(themes)
            .where(themes.c.id == bindparam("this"))
            .values({name: bindparam(f"new_{name}") for name in names} | {"faded_at": None}),
            [
                {"this": theme.id} | {f"new_{name}": getattr(theme, name) for name in names}
                for theme in described
            ],
        )


def end(
    connection: Connection, *, merged: Mapping[str, str], faded: Collection[str], now: datetime
) -> None:
    """Themes that a run joined into others, and those that fell apart."""
    for theme_id, into in sorted(merged.items()):
        connection.execute(
            update(themes).where(themes.c.id == theme_id).values(status="merged", merged_into=into)
        )
    for batch in in_batches(sorted(faded)):
        connection.execute(update(themes).where(themes.c.id.in_(batch)).values(faded_at=now))


def set_groups(connection: Connection, members: Mapping[str, Collection[str]]) -> None:
    """These are the members of the Unclassified groups now; other groups have none."""
    wanted = {(theme, request) for theme, ids in members.items() for request in ids}
    stored = {(row.theme_id, row.request_id) for row in connection.execute(select(group_members))}
    for theme_id, request_id in sorted(stored - wanted):
        connection.execute(
            delete(group_members).where(
                group_members.c.theme_id == theme_id, group_members.c.request_id == request_id
            )
        )
    new = sorted(wanted - stored)
    there: set[str] = set()
    for batch in in_batches([request_id for _, request_id in new]):
        there.update(connection.scalars(select(requests.c.id).where(requests.c.id.in_(batch))))
    rows = [{"theme_id": t, "request_id": r} for t, r in new if r in there]
    if rows:
        connection.execute(insert(group_members), rows)


def lineage_of(connection: Connection, theme_id: str) -> list[Row[Any]]:
    """What runs did with this theme, oldest first: kind, other_theme_id, requests, run_id, at."""
    return list(
        connection.execute(
            select(
                lineage.c.kind,
                lineage.c.theme_id,
                lineage.c.other_theme_id,
                lineage.c.requests,
                lineage.c.run_id,
                runs.c.finished_at.label("at"),
            )
            .join(runs, runs.c.id == lineage.c.run_id)
            .where((lineage.c.theme_id == theme_id) | (lineage.c.other_theme_id == theme_id))
            .order_by(runs.c.seq, lineage.c.kind, lineage.c.theme_id)
        )
    )


def _records() -> Select[Any]:
    live = and_(taxonomy_items.c.theme_id == themes.c.id, taxonomy_items.c.status == "live")
    return select(themes, taxonomy_items.c.feature_area, taxonomy_items.c.customer_need).outerjoin(
        taxonomy_items, live
    )


def _record(row: Row[Any]) -> ThemeRecord:
    return ThemeRecord(**row._mapping)
