"""Keep a decision: for the record, for undo, and in the audit trail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from models.decisions import Decision
from service.storage import audit, decisions
from service.storage.decisions import DecisionRecord


def keep_decision(
    connection: Connection,
    *,
    decision_id: str,
    decision: Decision,
    theme_id: str,
    replaced: Mapping[str, Any],
    now: datetime,
    actor: str,
) -> None:
    """Store a decision on a theme with what it replaced."""
    payload = {"action": decision.action.value, **_plain(asdict(decision))}
    keep(
        connection,
        DecisionRecord(
            id=decision_id,
            seq=decisions.next_seq(connection),
            theme_id=theme_id,
            note_id=None,
            action=decision.action.value,
            payload=payload,
            replaced=replaced,
            actor=actor,
            reason=decision.reason,
            made_at=now,
        ),
    )


def keep(connection: Connection, record: DecisionRecord) -> None:
    """Store a decision and its line in the audit trail."""
    decisions.add(connection, record)
    audit.record(
        connection,
        at=record.made_at,
        actor=record.actor,
        action=f"decision.{record.action}",
        target=record.theme_id or record.note_id or record.id,
        details={"decision_id": record.id},
    )


def _plain(value: Any) -> Any:
    """JSON values: enums as their words, tuples as lists."""
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return str(value) if isinstance(value, str) else value
