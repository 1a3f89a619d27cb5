"""What the store holds and what waits in it: for the health probe, metrics and progress."""

from __future__ import annotations

from dataclasses import dataclass

from service.flows.fetch_notes import MOST_ATTEMPTS
from service.storage import figures, pending_fetches
from service.storage.engine import Store


@dataclass(frozen=True, slots=True)
class StoreFigures:
    """Counts in one snapshot: `jobs` by (kind, state), `requests` by (state,).

    `languages`: notes read by (code,), '' where the language could not be told.

    `fetches` by (source, state): notes that a vendor has named and that must be fetched.
    """

    pending_notes: int
    jobs: tuple[tuple[tuple[str, str], int], ...]
    requests: tuple[tuple[tuple[str], int], ...]
    languages: tuple[tuple[tuple[str], int], ...]
    fetches: tuple[tuple[tuple[str, str], int], ...] = ()

    @property
    def waiting_jobs(self) -> int:
        """Jobs that are queued or running."""
        return sum(n for (_, state), n in self.jobs if state in ("queued", "running"))


def store_figures(store: Store) -> StoreFigures:
    """Count everything.

    Raises:
        Unavailable: the store can't be read.
    """
    with store.read() as conn:
        return StoreFigures(
            pending_notes=figures.pending_notes(conn),
            jobs=tuple(figures.jobs_by_kind_and_state(conn)),
            requests=tuple(figures.requests_by_state(conn)),
            languages=tuple(figures.notes_by_language(conn)),
            fetches=tuple(pending_fetches.counts(conn, most_attempts=MOST_ATTEMPTS)),
        )


def queue_depth(store: Store) -> tuple[int, int]:
    """(notes to be read, jobs queued or running): the cheap part of `store_figures`."""
    with store.read() as conn:
        pending = figures.pending_notes(conn)
        jobs = figures.jobs_by_kind_and_state(conn)
    return pending, sum(n for (_, state), n in jobs if state in ("queued", "running"))


def count_waiting_notes(store: Store) -> int:
    """How many notes wait to be read.

    Raises:
        Unavailable: the store can't be read.
    """
    with store.read() as conn:
        return figures.pending_notes(conn)


def data_version(store: Store) -> int:
    """A number that grows with every write that can change an answer."""
    with store.read() as conn:
        return store.data_version(conn)
