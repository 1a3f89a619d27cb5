"""Queries on requests: exact spans of notes, and what structured pre-reads stand for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    or_,
    select,
)

from service.storage.batches import in_batches
from service.storage.tables import (
    group_members,
    notes,
    observations,
    requests,
    taxonomy_items,
    themes,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRecord:
    """One request as stored, with the identity of the note it stands in.

    `source` and `external_id` are those of the note; of a structured pre-read, `observation`
    and what its sender called it.
    """

    id: str
    note_id: str | None
    observation_id: str | None
    source: str
    external_id: str | None
    origin: str
    account_id: str | None
    csm_id: str
    occurred_at: datetime
    text: str
    start: int
    end: int
    text_key: str
    vector_key: str
    severity: str
    severity_by: str
    severity_confidence: float | None
    theme_id: str | None
    assigned_by: str | None
    confidence: float | None
    held: bool
    bound: bool
    span_by: str
    dismissed: bool
    unclassified_area: str | None
    arr_when_reported: Decimal | None
    language: str | None

    @property
    def has_a_persons_word(self) -> bool:
        """Whether a decision stands on it, so that reading its note anew may not drop it."""
        return (
            self.origin == "person"
            or self.span_by == "person"
            or self.severity_by == "person"
            or self.assigned_by == "person"
            or self.dismissed
            or self.held
            or self.bound
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestConditions:
    """Which requests a page holds; None leaves a condition out."""

    theme_ids: Sequence[str] | None = None
    note_id: str | None = None
    source: str | None = None
    external_id: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    tagged: bool | None = None
    language: str | None = None
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page of requests ended: newest first, then by id."""

    occurred_at: datetime
    request_id: str


def page(
    connection: Connection,
    conditions: RequestConditions,
    *,
    after: Position | None,
    limit: int,
) -> list[RequestRecord]:
    """Requests that are not dismissed, newest first, after the given position."""
    statement = records().where(requests.c.dismissed.is_(False), *_clauses(conditions))
    if after is not None:
        statement = statement.where(
            or_(
                requests.c.occurred_at < after.occurred_at,
                and_(
                    requests.c.occurred_at == after.occurred_at,
                    requests.c.id > after.request_id,
                ),
            )
        )
    ordered = statement.order_by(requests.c.occurred_at.desc(), requests.c.id).limit(limit)
    return [record(row) for row in connection.execute(ordered)]


def get_many(connection: Connection, ids: Iterable[str]) -> dict[str, RequestRecord]:
    """The requests with these ids, dismissed ones too; unknown ids are absent."""
    found: dict[str, RequestRecord] = {}
    for batch in in_batches(sorted(set(ids))):
        for row in connection.execute(records().where(requests.c.id.in_(batch))):
            found[row.id] = record(row)
    return found


def of_notes(connection: Connection, note_ids: Collection[str]) -> dict[str, list[RequestRecord]]:
    """Every request of each note, dismissed ones too, in the order of their spans."""
    found: dict[str, list[RequestRecord]] = {note_id: [] for note_id in note_ids}
    ordered = records().order_by(requests.c.start, requests.c.id)
    for batch in in_batches(sorted(note_ids)):
        for row in connection.execute(ordered.where(requests.c.note_id.in_(batch))):
            found[row.note_id].append(record(row))
    return found


def of_themes(connection: Connection, theme_ids: Collection[str]) -> dict[str, list[RequestRecord]]:
    """The requests on each theme, of an Unclassified group those that wait in it; oldest first."""
    found: dict[str, list[RequestRecord]] = {theme_id: [] for theme_id in theme_ids}
    for batch in in_batches(sorted(theme_ids)):
        on_theme = records().where(requests.c.theme_id.in_(batch), requests.c.dismissed.is_(False))
        for row in connection.execute(on_theme):
            found[row.theme_id].append(record(row))
        in_group = (
            records()
            .add_columns(group_members.c.theme_id.label("group_id"))
            .join(group_members, group_members.c.request_id == requests.c.id)
            .where(
                group_members.c.theme_id.in_(batch),
                requests.c.theme_id.is_(None),
                requests.c.dismissed.is_(False),
            )
        )
        for row in connection.execute(in_group):
            found[row.group_id].append(record(row))
    for members in found.values():
        members.sort(key=lambda member: (member.occurred_at, member.id))
    return found


def waiting(connection: Connection) -> list[RequestRecord]:
    """Requests on no theme that a machine may assign: not dismissed, not held; by id."""
    statement = records().where(
        requests.c.theme_id.is_(None),
        requests.c.dismissed.is_(False),
        requests.c.held.is_(False),
    )
    return [record(row) for row in connection.execute(statement.order_by(requests.c.id))]


def doubtful(connection: Connection, *, below: float) -> list[RequestRecord]:
    """Requests on an accepted theme of which no person has said one by one that they belong
    there, and the machine is less sure than this, or a group brought them; by id.
    """
    statement = (
        records()
        .join(themes, themes.c.id == requests.c.theme_id)
        .where(
            themes.c.status == "accepted",
            requests.c.assigned_by == "model",
            requests.c.dismissed.is_(False),
            requests.c.text_key != "",
            or_(requests.c.bound, requests.c.confidence < below),
        )
    )
    return [record(row) for row in connection.execute(statement.order_by(requests.c.id))]


def received_at(connection: Connection, ids: Collection[str]) -> dict[str, datetime]:
    """When the note of each request came in; of a pre-read nothing is said."""
    found: dict[str, datetime] = {}
    for batch in in_batches(sorted(ids)):
        rows = connection.execute(
            select(requests.c.id, notes.c.received_at)
            .join(notes, notes.c.id == requests.c.note_id)
            .where(requests.c.id.in_(batch))
        )
        found.update({row.id: row.received_at for row in rows})
    return found


def all_active(connection: Connection) -> list[RequestRecord]:
    """Every request that is not dismissed, by id."""
    statement = records().where(requests.c.dismissed.is_(False)).order_by(requests.c.id)
    return [record(row) for row in connection.execute(statement)]


def first_keys(
    connection: Connection, theme_ids: Collection[str], *, most: int
) -> dict[str, list[str]]:
    """Theme -> the vector keys of at most so many of its requests, by request id."""
    found: dict[str, list[str]] = {}
    for batch in in_batches(sorted(theme_ids)):
        rows = connection.execute(
            select(requests.c.theme_id, requests.c.vector_key)
            .where(requests.c.theme_id.in_(batch), requests.c.dismissed.is_(False))
            .order_by(requests.c.id)
        )
        for theme_id, key in rows:
            keys = found.setdefault(theme_id, [])
            if len(keys) < most:
                keys.append(key)
    return found


def texts(connection: Connection) -> list[str]:
    """The distinct texts of requests that are not dismissed, in no order."""
    statement = select(requests.c.text).distinct().where(requests.c.dismissed.is_(False))
    return list(connection.scalars(statement))


def texts_by_key(connection: Connection) -> dict[str, str]:
    """Vector key -> text, of the requests that are not dismissed and have a text."""
    statement = (
        select(requests.c.vector_key, requests.c.text)
        .distinct()
        .where(requests.c.dismissed.is_(False), requests.c.text_key != "")
    )
    return {row.vector_key: row.text for row in connection.execute(statement)}


def records() -> Select[Any]:
    """The statement that yields rows for `record`."""
    return (
        select(
            requests,
            notes.c.source,
            notes.c.external_id.label("note_external_id"),
            observations.c.external_id.label("observation_external_id"),
        )
        .outerjoin(notes, notes.c.id == requests.c.note_id)
        .outerjoin(observations, observations.c.id == requests.c.observation_id)
    )


def record(row: Row[Any]) -> RequestRecord:
    """One row of `records()` as a dataclass."""
    # By place, for there are many: `records()` begins with the table's own columns.
    values = dict(zip(_OWN_COLUMNS, row, strict=False))
    from_note = row.note_id is not None
    return RequestRecord(
        source=row.source if from_note else "observation",
        external_id=row.note_external_id if from_note else row.observation_external_id,
        **values,
    )


_OWN_COLUMNS = tuple(column.name for column in requests.columns)


def _clauses(conditions: RequestConditions) -> list[ColumnElement[bool]]:
    clauses: list[ColumnElement[bool]] = []
    if conditions.theme_ids is not None:
        in_groups = select(group_members.c.request_id).where(
            group_members.c.theme_id.in_(conditions.theme_ids)
        )
        waits_there = and_(requests.c.theme_id.is_(None), requests.c.id.in_(in_groups))
        clauses.append(or_(requests.c.theme_id.in_(conditions.theme_ids), waits_there))
    if conditions.note_id is not None:
        clauses.append(requests.c.note_id == conditions.note_id)
    if conditions.source is not None:
        clauses.append(notes.c.source == conditions.source)
    if conditions.external_id is not None:
        clauses.append(notes.c.external_id == conditions.external_id)
    if conditions.start is not None:
        clauses.append(requests.c.occurred_at >= conditions.start)
    if conditions.end is not None:
        clauses.append(requests.c.occurred_at < conditions.end)
    if conditions.tagged is not None:
        clauses.append(_tagged(conditions.tagged))
    if conditions.language is not None:
        clauses.append(requests.c.language == conditions.language)
    if conditions.words is not None:
        clauses.append(requests.c.text.icontains(conditions.words, autoescape=True))
    return clauses


def _tagged(wanted: bool) -> ColumnElement[bool]:
    live = select(taxonomy_items.c.theme_id).where(
        taxonomy_items.c.status == "live", taxonomy_items.c.theme_id.is_not(None)
    )
    on_live = requests.c.theme_id.in_(live)
    return (
        on_live if wanted else or_(requests.c.theme_id.is_(None), requests.c.theme_id.not_in(live))
    )
