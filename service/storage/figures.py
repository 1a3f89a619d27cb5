"""Counts of what waits and what is done, for the health probe and the metrics."""

from __future__ import annotations

from sqlalchemy import Connection, case, func, literal_column, select

from service.storage.operating_tables import jobs
from service.storage.tables import notes, requests


def pending_notes(conn: Connection) -> int:
    """How many notes wait to be read; by the index alone, some 0.1 ms for a thousand."""
    # Written out, not a parameter: the index is on these rows alone, and PostgreSQL must see it.
    waiting = notes.c.state == literal_column("'pending'")
    return int(conn.scalar(select(func.count()).select_from(notes).where(waiting)) or 0)


def jobs_by_kind_and_state(conn: Connection) -> list[tuple[tuple[str, str], int]]:
    """How many jobs there are, by (kind, state)."""
    query = (
        select(jobs.c.kind, jobs.c.state, func.count())
        .group_by(jobs.c.kind, jobs.c.state)
        .order_by(jobs.c.kind, jobs.c.state)
    )
    return [((kind, state), int(count)) for kind, state, count in conn.execute(query)]


def notes_by_language(conn: Connection) -> list[tuple[tuple[str], int]]:
    """How many notes were read in each language (ISO 639-1), '' where it could not be told."""
    language = func.coalesce(notes.c.language, "").label("language")
    query = (
        select(language, func.count())
        .where(notes.c.state == "read")
        .group_by(language)
        .order_by(language)
    )
    return [((name,), int(count)) for name, count in conn.execute(query)]


def requests_by_state(conn: Connection) -> list[tuple[tuple[str], int]]:
    """How many requests are dismissed, assigned by a model or by a person, held or waiting."""
    state = case(
        (requests.c.dismissed, "dismissed"),
        (requests.c.assigned_by == "model", "assigned_by_model"),
        (requests.c.assigned_by == "person", "assigned_by_person"),
        (requests.c.held, "held"),
        else_="waiting",
    ).label("state")
    query = select(state, func.count()).group_by(state).order_by(state)
    return [((name,), int(count)) for name, count in conn.execute(query)]
