"""Undo a decision: what it replaced comes back, unless something has built on it since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.errors import Conflict, NotFound
from service.flows.decisions.undoing import built_upon_by_id, check_put_back, put_back
from service.flows.request_rows import request_rows
from service.flows.settling import PLACES_NOTHING, settle_after, what_teaches
from service.flows.theme_names import DecidedName, names_of
from service.flows.themes import get_theme
from service.masking import PUBLIC, Sight
from service.storage import audit, decisions, ledger, requests, themes
from service.storage.decisions import DecisionRecord
from service.storage.engine import Store

UndoneDecision = dict[str, Any]
"""The theme as it is again (as `get_theme`), or `request` where the decision was on a span,
with `decision_id`, `action`, `undone_at` and `undone_by`; only these where it was on an item
that had no theme yet."""


def undo(
    store: Store, decision_id: str, *, now: datetime, actor: str, sight: Sight = PUBLIC
) -> UndoneDecision:
    """Put back what a decision replaced; an undone merge keeps the two themes apart.

    Raises:
        NotFound: `unknown_decision`.
        Conflict: `already_undone`; `built_upon`, naming the later decision; `changed_since`
            where an upload or an edited note has changed the same thing. Nothing is stored.
        Unavailable: the store is busy, full or down; nothing is stored.
    """
    decision = take_back(store, decision_id, now=now, actor=actor)
    answer: UndoneDecision = {
        "decision_id": decision.id,
        "action": decision.action,
        "undone_at": now,
        "undone_by": actor,
    }
    if decision.theme_id is not None:
        return {**get_theme(store, decision.theme_id, now=now, sight=sight), **answer}
    if decision.note_id is None:
        return answer
    with store.read() as connection:
        left = requests.get_many(connection, ledger.touched_requests(decision.replaced))
        rows = request_rows(store, connection, [*left.values()], sight)
    return {"request": rows[0] if rows else None, **answer}


def take_back(store: Store, decision_id: str, *, now: datetime, actor: str) -> DecisionRecord:
    """As `undo`, for who needs only the decision: a theme can have thousands of members."""
    with store.write() as connection:
        decision = decisions.get(connection, decision_id)
        if decision is None:
            raise NotFound("No decision has this id.", code="unknown_decision")
        touched = ledger.touched_themes(decision.replaced)
        if decision.theme_id is not None:
            touched.add(decision.theme_id)
        before = None if decision.action in PLACES_NOTHING else what_teaches(connection)
        put_back(connection, decision)
        if before is not None:
            settle_after(connection, before, decision.replaced)
        decisions.mark_undone(connection, decision.id, now=now, actor=actor)
        themes.raise_versions(connection, touched)
        audit.record(
            connection,
            at=now,
            actor=actor,
            action="decision.undo",
            target=decision.theme_id or decision.note_id or decision.id,
            details={"decision_id": decision.id, "action": decision.action},
        )
    return decision


@dataclass(frozen=True, slots=True)
class StandsBecause:
    """Why a decision can't be taken back as things are now.

    Attributes:
        code: that of the Conflict which `undo` would raise.
        actor: who took it back already, or who made the later decision; empty for neither.
        later, theme_id: the decision that has built on it, and the theme that this is on.
    """

    code: str
    actor: str = ""
    later: DecidedName | None = None
    theme_id: str = ""


def why_it_stands(store: Store, decision_id: str) -> StandsBecause | None:
    """Why `undo` would refuse to take this decision back; None where it would not.

    Nothing is said of a decision that is not known.
    """
    with store.read() as connection:
        decision = decisions.get(connection, decision_id)
        if decision is None:
            return None
        try:
            check_put_back(connection, decision)
        except Conflict as conflict:
            code = conflict.code
        else:
            return None
        if code == "already_undone":
            return StandsBecause(
                code, actor=decision.undone_by or "", theme_id=decision.theme_id or ""
            )
        last = built_upon_by_id(connection, decision) if code == "built_upon" else None
        later = decisions.get(connection, last) if last is not None else None
        if later is None:
            return StandsBecause(code, theme_id=decision.theme_id or "")
        (name,) = names_of(connection, [later])
        return StandsBecause(code, later.actor, name, later.theme_id or "")
