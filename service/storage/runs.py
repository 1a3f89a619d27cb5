"""Clustering runs, with what each did to every theme."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select

from service.storage.tables import lineage, runs


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """One finished run: its parameters, so that it can be told from another, and its counts."""

    id: str
    seq: int
    started_at: datetime
    finished_at: datetime
    encoder: str
    params: Mapping[str, Any]
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineageRecord:
    """What a run did to one theme, and with how many requests."""

    theme_id: str
    kind: str
    other_theme_id: str | None
    requests: int


def last_seq(connection: Connection) -> int:
    """The number of the last run; 0 before the first."""
    return int(connection.scalar(select(func.max(runs.c.seq))) or 0)


def last_encoder(connection: Connection) -> str | None:
    """The encoder of the last run."""
    found: str | None = connection.scalar(
        select(runs.c.encoder).order_by(runs.c.seq.desc()).limit(1)
    )
    return found


def add(connection: Connection, run: RunRecord, steps: Sequence[LineageRecord]) -> None:
    """Keep a run and its lineage, in the transaction that stores its outcome."""
    row = {column.name: getattr(run, column.name) for column in runs.columns}
    connection.execute(insert(runs), [row])
    if steps:
        connection.execute(
            insert(lineage),
            [
                {
                    "run_id": run.id,
                    "theme_id": step.theme_id,
                    "kind": step.kind,
                    "other_theme_id": step.other_theme_id,
                    "requests": step.requests,
                }
                for step in steps
            ],
        )
