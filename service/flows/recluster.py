"""One clustering run: gather, organise, and store the differences in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from clustering.organise import organise
from clustering.params import DEFAULT_PARAMS, ClusteringParams
from models.errors import Unavailable
from models.window import Calendar
from service.flows.embedding import OnProgress, embed_missing
from service.flows.language import LanguageModels
from service.flows.runs.gather import Gathered, gather, texts_to_embed
from service.flows.runs.keeping import keep_outcome
from service.flows.runs.outcome import Outcome, outcome_of
from service.storage import audit, decisions, runs
from service.storage.engine import Store
from service.storage.runs import RunRecord

ATTEMPTS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """What a run did, in counts: of requests on items, in themes, waiting; of themes by fate."""

    run_id: str
    seq: int
    requests: int
    on_items: int
    in_themes: int
    waiting: int
    themes: int
    groups: int
    born: int
    kept: int
    merged: int
    split: int
    faded: int


def recluster(
    store: Store,
    language: LanguageModels,
    params: ClusteringParams = DEFAULT_PARAMS,
    *,
    now: datetime,
    actor: str,
    job_id: str | None = None,
    calendar: Calendar | None = None,
    on_progress: OnProgress | None = None,
) -> RunSummary:
    """Compute all machine assignments anew from the requests and people's decisions.

    The work is done outside of any write; if people have decided meanwhile, it is done again.
    Killed in the middle, nothing of it is stored but vectors. `calendar` (default UTC) says
    which month a request was reported in.

    Raises:
        Unavailable: `run_overtaken` where people decide faster than the run computes; the
            store is busy, full or down. Running again is safe.
    """
    in_time = calendar or Calendar(ZoneInfo("UTC"))
    encoder = language.encoder
    for _ in range(ATTEMPTS):
        with store.read() as connection:
            texts = texts_to_embed(connection)
        embed_missing(store, encoder, texts, on_progress)
        with store.read() as connection:
            gathered = gather(connection, encoder.fingerprint)
        organised = organise(
            gathered.request_rows(),
            gathered.vectors(),
            gathered.items.profiles,
            gathered.known_themes(),
            gathered.bindings,
            params,
            encoder.fingerprint,
        )
        made = outcome_of(gathered, organised, in_time, now=now)
        run = RunRecord(
            id=uuid4().hex,
            seq=gathered.seq,
            started_at=now,
            finished_at=now,
            encoder=encoder.fingerprint,
            params=params.as_dict(),
            counts=made.counts,
        )
        with store.write() as connection:
            if _still_holds(connection, gathered):
                _keep(connection, run, made, actor=actor, job_id=job_id)
                return RunSummary(run_id=run.id, seq=run.seq, **made.counts)
    raise Unavailable(
        "People have decided faster than the run could follow; run again in a while.",
        code="run_overtaken",
    )


def _still_holds(connection: Connection, gathered: Gathered) -> bool:
    """Whether nothing that binds the run has changed since its snapshot."""
    return decisions.binding_state(connection) == gathered.state


def _keep(
    connection: Connection, run: RunRecord, made: Outcome, *, actor: str, job_id: str | None
) -> None:
    keep_outcome(connection, made, seq=run.seq, now=run.finished_at)
    runs.add(connection, run, made.lineage)
    audit.record(
        connection,
        at=run.finished_at,
        actor=actor,
        action="run.finished",
        target=run.id,
        details={"job_id": job_id, **made.counts},
    )
