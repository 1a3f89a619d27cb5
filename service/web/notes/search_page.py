"""The search in all notes as a page."""

from __future__ import annotations

from collections.abc import Mapping

from service.flows.note_search import FoundNotes, NoteRow
from service.web.contexts import Empty
from service.web.figures import link
from service.web.notes.contexts import BackfillPanel, NoteHit, NotesPage
from service.web.notes.excerpts import excerpt

NOTES = "/desk/notes"
_STATES = (("", "all"), ("read", "read"), ("pending", "waiting"), ("failed", "not readable"))
_LOADING = ("groundswell load notes notes.jsonl --wait",)


def notes_page(
    found: FoundNotes, query: Mapping[str, str], *, cursor: str, backfill: BackfillPanel | None
) -> NotesPage:
    """The page of a search; `query` is the page's own, without its cursor."""
    filtered = any(query.values())
    return NotesPage(
        query=query,
        choices={
            "csm": [("", "all"), *found.csms.items()],
            "source": _options(found.sources),
            "state": _STATES,
            "language": [*_options(found.languages), ("unknown", "not told")],
        },
        filtered=filtered,
        total=found.total,
        hints=_hints(found),
        rows=[_hit(row, found) for row in found.rows],
        first_link=link(NOTES, query) if cursor else "",
        next_link=link(NOTES, {**query, "cursor": found.next_cursor}) if found.next_cursor else "",
        backfill=backfill,
        empty=None if found.rows else _empty(found, filtered, cursor, backfill is not None),
    )


def _options(values: object) -> list[tuple[str, str]]:
    assert isinstance(values, list)
    return [("", "all"), *((value, value) for value in values)]


def _hit(row: NoteRow, found: FoundNotes) -> NoteHit:
    return NoteHit(
        link=f"{NOTES}/{row.id}",
        account=row.account,
        csm=row.csm,
        day=row.occurred_at.date().isoformat(),
        source=row.source,
        external_id=row.external_id,
        language=row.language or "",
        state=row.state,
        requests=row.requests,
        excerpt=excerpt(row.text, found.terms),
    )


def _hints(found: FoundNotes) -> list[str]:
    hints = []
    if found.no_words:
        hints.append("What you typed has no letter or digit in it, so all notes are shown.")
    if found.cut:
        hints.append("That is long: only its first dozen words are looked for.")
    return hints


def _empty(found: FoundNotes, filtered: bool, cursor: str, may_load: bool) -> Empty:
    if found.is_empty:
        if may_load:
            return Empty(
                "There are no notes yet",
                "Drop a file of them above; or load one where the service runs.",
                _LOADING,
            )
        return Empty("There are no notes yet", "Ask CS Ops to load them.")
    if cursor:
        return Empty("That was the last page", "Go back to the first one.")
    if filtered:
        return Empty(
            "No note holds all of that",
            "Try fewer words, or their beginnings (expo finds export), or clear the filters.",
        )
    return Empty("There is nothing here", "Reload the page.")
