"""Look notes up by their words and by what they are about: newest first, in pages."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CTE, ColumnElement, Connection, and_, func, or_, select

from service.storage.tables import accounts, csms, note_words, notes, requests

# What a note can be at; one that could not be read is off the queue like one that was.
STATES = ("pending", "read", "failed")


@dataclass(frozen=True, slots=True)
class Sought:
    """One term: it stands in the note's words, or in the name of its account or CSM."""

    pattern: str
    account_ids: Collection[str] = ()
    csm_ids: Collection[str] = ()

    @property
    def names(self) -> bool:
        """Whether an account or a CSM is called so."""
        return bool(self.account_ids or self.csm_ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteConditions:
    """Which notes; None leaves a condition out. `language` is '' where it could not be told."""

    sought: Sequence[Sought] = ()
    account_ids: Collection[str] | None = None
    csm_id: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    source: str | None = None
    state: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class NotePosition:
    """Where a page of notes ended: newest first, then by id."""

    occurred_at: datetime
    note_id: str


@dataclass(frozen=True, slots=True)
class FoundNote:
    """One note as stored."""

    id: str
    source: str
    external_id: str
    account_id: str
    csm_id: str
    occurred_at: datetime
    received_at: datetime
    text: str
    revision: int
    state: str
    read_error: str | None
    language: str | None


_COLUMNS = tuple(notes.c[name] for name in FoundNote.__slots__)


def get(connection: Connection, note_id: str) -> FoundNote | None:
    """The note with this id."""
    row = connection.execute(select(*_COLUMNS).where(notes.c.id == note_id)).first()
    return None if row is None else FoundNote(*row)


def page(
    connection: Connection,
    conditions: NoteConditions,
    *,
    after: NotePosition | None,
    limit: int,
) -> tuple[list[FoundNote], int]:
    """Notes that meet every condition, newest first, after the given position; and how many
    there are in all (0 where none is left after the position)."""
    hits = _hits(connection, conditions)
    # Not the id itself, so that SQLite walks from the newest note and stops where the page is
    # full, instead of fetching every hit and sorting them all.
    among_hits = [(notes.c.id + "").in_(select(one.c.note_id)) for one in hits]
    others = _clauses(connection, conditions)
    if len(hits) == 1 and not others:
        # Every hit is one; to look each of many up among the notes would take longest of all.
        counted = select(func.count()).select_from(hits[0])
    else:
        counted = select(func.count()).select_from(notes).where(*among_hits, *others)
    statement = select(*_COLUMNS, counted.scalar_subquery()).where(*among_hits, *others)
    if after is not None:
        statement = statement.where(
            or_(
                notes.c.occurred_at < after.occurred_at,
                and_(notes.c.occurred_at == after.occurred_at, notes.c.id > after.note_id),
            )
        )
    ordered = statement.order_by(notes.c.occurred_at.desc(), notes.c.id).limit(limit)
    rows = connection.execute(ordered).all()
    return [FoundNote(*row[:-1]) for row in rows], int(rows[0][-1]) if rows else 0


def account_names(connection: Connection) -> dict[str, str]:
    """Account id -> name, or the id where there is none."""
    rows = connection.execute(select(accounts.c.account_id, accounts.c.name))
    return {row[0]: row[1] or row[0] for row in rows}


def csm_names(connection: Connection) -> dict[str, str]:
    """CSM id -> name, or the id where there is none."""
    rows = connection.execute(select(csms.c.csm_id, csms.c.name))
    return {row[0]: row[1] or row[0] for row in rows}


def has_notes(connection: Connection) -> bool:
    """Whether there is any."""
    return connection.scalar(select(notes.c.id).limit(1)) is not None


def requests_in(connection: Connection, note_ids: Collection[str]) -> dict[str, int]:
    """How many requests stand in each note, dismissed ones left out."""
    rows = connection.execute(
        select(requests.c.note_id, func.count())
        .where(requests.c.note_id.in_(note_ids), requests.c.dismissed.is_(False))
        .group_by(requests.c.note_id)
    )
    return {row[0]: int(row[1]) for row in rows}


def sources(connection: Connection) -> list[str]:
    """Where notes come from, by name."""
    return sorted(connection.scalars(select(notes.c.source).distinct()))


def languages(connection: Connection) -> list[str]:
    """Languages that notes are in (ISO 639-1), by code."""
    known = select(notes.c.language).distinct().where(notes.c.language.is_not(None))
    return sorted(code for code in connection.scalars(known) if code)


def is_being_read(connection: Connection, *, now: datetime) -> bool:
    """Whether a worker holds notes at this moment."""
    held = select(notes.c.id).where(notes.c.state == "pending", notes.c.claimed_until > now)
    return connection.scalar(held.limit(1)) is not None


def _hits(connection: Connection, conditions: NoteConditions) -> list[CTE]:
    """The notes that hold all that no name can hold: in one pass over the words, or none."""
    patterns = [one.pattern for one in conditions.sought if not one.names]
    return [_holding(connection, patterns, "hits")] if patterns else []


def _clauses(connection: Connection, conditions: NoteConditions) -> list[ColumnElement[bool]]:
    clauses: list[ColumnElement[bool]] = []
    for place, one in enumerate(conditions.sought):
        if one.names:
            named = or_(notes.c.account_id.in_(one.account_ids), notes.c.csm_id.in_(one.csm_ids))
            hits = _holding(connection, [one.pattern], f"hits_{place}")
            clauses.append(or_(named, notes.c.id.in_(select(hits.c.note_id))))
    if conditions.account_ids is not None:
        clauses.append(notes.c.account_id.in_(conditions.account_ids))
    if conditions.csm_id is not None:
        clauses.append(notes.c.csm_id == conditions.csm_id)
    if conditions.source is not None:
        clauses.append(notes.c.source == conditions.source)
    if conditions.start is not None:
        clauses.append(notes.c.occurred_at >= conditions.start)
    if conditions.end is not None:
        clauses.append(notes.c.occurred_at < conditions.end)
    if conditions.language is not None:
        clauses.append(func.coalesce(notes.c.language, "") == conditions.language)
    if conditions.state is not None:
        clauses.append(_at(conditions.state))
    return clauses


def _holding(connection: Connection, patterns: Sequence[str], name: str) -> CTE:
    place = func.strpos if connection.dialect.name == "postgresql" else func.instr
    found = (place(note_words.c.words, pattern) > 0 for pattern in patterns)
    # Named, so that a statement that counts and lists makes the pass once.
    return select(note_words.c.note_id).where(*found).cte(name)


def _at(state: str) -> ColumnElement[bool]:
    if state == "failed":
        return notes.c.read_error.is_not(None)
    if state == "read":
        return and_(notes.c.state == "read", notes.c.read_error.is_(None))
    return notes.c.state == "pending"
