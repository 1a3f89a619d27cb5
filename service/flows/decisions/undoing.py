"""What undoing a decision does to the store."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, delete, exists, select, update

from models.errors import Conflict
from models.identity import vector_key
from models.review import DecisionRecord as Judged
from models.review import built_upon_by, check_undo
from service.storage import decisions, ledger, themes
from service.storage.batches import in_batches, insert_or_ignore
from service.storage.decisions import DecisionRecord
from service.storage.placements import set_text
from service.storage.tables import decisions as decisions_table
from service.storage.tables import (
    lineage,
    notes,
    proposals,
    requests,
    separations,
)
from service.storage.tables import themes as themes_table

Columns = dict[str, list[Any]]
"""Column -> its old and its new value."""


def put_back(connection: Connection, decision: DecisionRecord) -> None:
    """Restore what a decision replaced; an undone merge keeps the two themes apart.

    Raises:
        Conflict: `already_undone`; `built_upon`, naming the later decision; `changed_since`
            where an upload or an edited note has changed the same thing.
    """
    check_put_back(connection, decision)
    _restore(connection, decision)


def check_put_back(connection: Connection, decision: DecisionRecord) -> None:
    """Refuse what `put_back` would refuse; nothing is written.

    Raises:
        Conflict: as `put_back`.
    """
    check_undo(*_judged(connection, decision))
    if ledger.changed_since(connection, decision.replaced) or not _spans_fit(connection, decision):
        raise Conflict(
            "What this decision changed has been changed since, by an upload or an edited note; "
            "decide anew instead.",
            code="changed_since",
        )


def built_upon_by_id(connection: Connection, decision: DecisionRecord) -> str | None:
    """The id of the last decision that has built on this one; None where none has."""
    last = built_upon_by(*_judged(connection, decision))
    return None if last is None else last.id


def _judged(connection: Connection, decision: DecisionRecord) -> tuple[Judged, list[Judged]]:
    """The decision and those after it, with what each has touched."""
    own = Judged(
        decision.id, decision.seq, ledger.marks_to_restore(decision.replaced), decision.undone_at
    )
    later = [
        Judged(other.id, other.seq, ledger.marks_left(other.replaced, other.theme_id))
        for other in decisions.after(connection, decision.seq)
    ]
    return own, later


def _restore(connection: Connection, decision: DecisionRecord) -> None:
    born = decision.replaced["added"].get("themes", [])
    for theme_id in born:
        _empty(connection, theme_id)
    kept = [theme_id for theme_id in born if _has_history(connection, theme_id)]
    added = {**decision.replaced["added"], "themes": [key for key in born if key not in kept]}
    ledger.restore(connection, {**decision.replaced, "added": added})
    if kept:
        # A run or a decision has written of it, so its id answers with where it was from; the
        # theme that an item was born with is from nowhere.
        came_from = decision.theme_id
        status = "rejected" if came_from is None else "merged"
        connection.execute(
            update(themes_table)
            .where(themes_table.c.id.in_(kept))
            .values(status=status, merged_into=came_from)
        )
    _restore_spans(connection, decision)
    _separate_what_was_merged(connection, decision)
    _settle(connection, ledger.touched_requests(decision.replaced))


def _empty(connection: Connection, theme_id: str) -> None:
    """Free what a machine has put on a theme that is going, and drop what hangs on it."""
    connection.execute(
        update(requests)
        .where(requests.c.theme_id == theme_id)
        .values(theme_id=None, assigned_by=None, confidence=None)
    )
    connection.execute(delete(proposals).where(proposals.c.theme_id == theme_id))
    apart = (separations.c.theme_a == theme_id) | (separations.c.theme_b == theme_id)
    connection.execute(delete(separations).where(apart))


def _has_history(connection: Connection, theme_id: str) -> bool:
    in_lineage = exists().where(lineage.c.theme_id == theme_id)
    decided_on = exists().where(decisions_table.c.theme_id == theme_id)
    other = themes_table.alias()
    answers = exists().where(other.c.merged_into == theme_id)
    found = connection.scalar(
        select(themes_table.c.id).where(
            themes_table.c.id == theme_id, in_lineage | decided_on | answers
        )
    )
    return found is not None


def _separate_what_was_merged(connection: Connection, decision: DecisionRecord) -> None:
    changed = decision.replaced["changed"].get("themes", {})
    pairs = [
        tuple(sorted((theme_id, columns["merged_into"][1])))
        for theme_id, columns in changed.items()
        if columns.get("merged_into", [None, None])[1] is not None
    ]
    insert_or_ignore(
        connection,
        separations,
        [
            {"theme_a": first, "theme_b": second, "decision_id": decision.id}
            for first, second in pairs
        ],
    )


def _settle(connection: Connection, request_ids: set[str]) -> None:
    """Requests restored to a theme that a run has joined or let fade since follow it."""
    merged = themes.survivors(connection)
    restored: set[str] = set()
    for batch in in_batches(sorted(request_ids)):
        restored.update(
            found
            for found in connection.scalars(
                select(requests.c.theme_id).where(requests.c.id.in_(batch)).distinct()
            )
            if found is not None
        )
    for theme_id in sorted(restored & merged.keys()):
        connection.execute(
            update(requests)
            .where(requests.c.theme_id == theme_id)
            .values(theme_id=merged[theme_id])
        )
    there_again = {merged.get(theme_id, theme_id) for theme_id in restored}
    connection.execute(
        update(themes_table)
        .where(themes_table.c.id.in_(sorted(there_again)), themes_table.c.faded_at.is_not(None))
        .values(faded_at=None)
    )


def _span_columns(decision: DecisionRecord) -> dict[str, Columns]:
    rows = decision.replaced["changed"].get("requests", {})
    return {key: columns for key, columns in rows.items() if "vector_key" in columns}


def _spans_fit(connection: Connection, decision: DecisionRecord) -> bool:
    """Whether the old spans still hold the old words; only their keys are on record."""
    return all(
        text is None or vector_key(text) == columns["vector_key"][0]
        for columns, text in _old_texts(connection, decision)
    )


def _restore_spans(connection: Connection, decision: DecisionRecord) -> None:
    for columns, text in _old_texts(connection, decision):
        if text is not None:
            set_text(connection, columns["id"][0], text)


def _old_texts(
    connection: Connection, decision: DecisionRecord
) -> list[tuple[Columns, str | None]]:
    found = []
    for key, columns in _span_columns(decision).items():
        whole = connection.scalar(
            select(notes.c.text)
            .join(requests, requests.c.note_id == notes.c.id)
            .where(requests.c.id == key)
        )
        start, end = columns["start"][0], columns["end"][0]
        text = None if whole is None else whole[start:end]
        found.append(({**columns, "id": [key, key]}, text))
    return found
