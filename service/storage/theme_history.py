"""What runs and people did with a theme, told with the names of the others that it was with."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, select

from service.storage.batches import in_batches
from service.storage.tables import lineage, requests, runs, taxonomy_items, themes


@dataclass(frozen=True, slots=True)
class Step:
    """What one run did: `kind` of `theme_id`, with so many requests, to or from `other_id`."""

    run: int
    at: datetime | None
    kind: str
    theme_id: str
    other_id: str | None
    requests: int


def steps_of(connection: Connection, theme_id: str) -> list[Step]:
    """Every step that this theme was in, in the order of the runs."""
    touches = (lineage.c.theme_id == theme_id) | (lineage.c.other_theme_id == theme_id)
    rows = connection.execute(
        select(
            runs.c.seq,
            runs.c.finished_at,
            lineage.c.kind,
            lineage.c.theme_id,
            lineage.c.other_theme_id,
            lineage.c.requests,
        )
        .join(runs, runs.c.id == lineage.c.run_id)
        .where(touches)
        .order_by(runs.c.seq, lineage.c.kind, lineage.c.theme_id)
    )
    return [Step(*row) for row in rows]


def labels(connection: Connection, theme_ids: Collection[str]) -> dict[str, str]:
    """Theme id -> its label, whatever its status; unknown ids are absent."""
    found: dict[str, str] = {}
    for batch in in_batches(sorted(theme_ids)):
        rows = connection.execute(select(themes.c.id, themes.c.label).where(themes.c.id.in_(batch)))
        found.update({row.id: row.label for row in rows})
    return found


def vector_keys(connection: Connection, request_ids: Iterable[str]) -> dict[str, str]:
    """Request id -> the key of its vector, of those that are not dismissed."""
    found: dict[str, str] = {}
    for batch in in_batches(sorted(set(request_ids))):
        rows = connection.execute(
            select(requests.c.id, requests.c.vector_key).where(
                requests.c.id.in_(batch), requests.c.dismissed.is_(False)
            )
        )
        found.update({row.id: row.vector_key for row in rows})
    return found


@dataclass(frozen=True, slots=True)
class OpenTheme:
    """A theme that requests can be on, in short; `item` is (area, need) where it is one's."""

    id: str
    label: str
    status: str
    item: tuple[str, str] | None


def open_themes(connection: Connection) -> list[OpenTheme]:
    """Every accepted and every proposed theme that has not faded, by id."""
    live = and_(taxonomy_items.c.theme_id == themes.c.id, taxonomy_items.c.status == "live")
    rows = connection.execute(
        select(
            themes.c.id,
            themes.c.label,
            themes.c.status,
            taxonomy_items.c.feature_area,
            taxonomy_items.c.customer_need,
        )
        .outerjoin(taxonomy_items, live)
        .where(themes.c.status.in_(("accepted", "proposed")), themes.c.faded_at.is_(None))
        .order_by(themes.c.id)
    )
    return [
        OpenTheme(id_, label, status, None if area is None else (area, need))
        for id_, label, status, area, need in rows
    ]


def exemplars(connection: Connection) -> dict[str, tuple[str, ...]]:
    """The exemplars of every open theme."""
    rows = connection.execute(
        select(themes.c.id, themes.c.exemplars).where(
            themes.c.status.in_(("accepted", "proposed")), themes.c.faded_at.is_(None)
        )
    )
    return {row.id: tuple(row.exemplars) for row in rows}
