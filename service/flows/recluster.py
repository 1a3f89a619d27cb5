"""One clustering run: gather, organise, and store the differences in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from clustering.doubt import Said
from clustering.labels import Wording
from clustering.organise import organise
from clustering.params import DEFAULT_PARAMS, ClusteringParams
from clustering.rerank import Reranker
from models.errors import Unavailable
from models.window import Calendar
from service.flows.doubts import at_most, by_theme, doubts_among, read_and_keep
from service.flows.embedding import OnProgress, embed_missing
from service.flows.language import LanguageModels
from service.flows.runs.gather import Gathered, gather, texts_to_embed
from service.flows.runs.keeping import keep_outcome
from service.flows.runs.outcome import Outcome, outcome_of
from service.storage import audit, decisions, pair_scores, runs
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
        doubtful = _settle_doubts(store, language.reranker, gathered, on_progress)
        with store.read() as connection:
            said = _said(connection, gathered, doubtful)
        organised = organise(
            gathered.request_rows(),
            gathered.vectors(),
            gathered.items.profiles,
            gathered.known_themes(),
            gathered.bindings,
            params,
            encoder.fingerprint,
            said,
            gathered.items.lessons,
            Wording(encoder.encode, gathered.names),
        )
        made = outcome_of(gathered, organised, in_time, now=now)
        run = _record(gathered, made, params, now=now)
        with store.write() as connection:
            if _still_holds(connection, gathered):
                # What else was read as it arrived is no part of a run's answer.
                pair_scores.drop(connection, gathered.rows.keys() - doubtful)
                _keep(connection, run, made, actor=actor, job_id=job_id)
                return RunSummary(run_id=run.id, seq=run.seq, **made.counts)
    raise Unavailable(
        "People have decided faster than the run could follow; run again in a while.",
        code="run_overtaken",
    )


def _record(
    gathered: Gathered, made: Outcome, params: ClusteringParams, *, now: datetime
) -> RunRecord:
    return RunRecord(
        id=uuid4().hex,
        seq=gathered.seq,
        started_at=now,
        finished_at=now,
        encoder=gathered.items.encoder,
        params=params.as_dict(),
        counts=made.counts,
    )


def _settle_doubts(
    store: Store, reranker: Reranker | None, gathered: Gathered, on_progress: OnProgress | None
) -> set[str]:
    """Have those in doubt read, the most doubtful third at most; the keys of their texts."""
    texts = {record.vector_key: record.text for record in gathered.free}
    found = {key: gathered.rows[key] for key in texts}
    with store.read() as connection:
        doubts = doubts_among(connection, found, gathered.items, reranker, most=at_most(len(found)))
    read_and_keep(store, reranker, doubts, texts, gathered.items, on_progress)
    return set(doubts.keys)


def _said(connection: Connection, gathered: Gathered, keys: set[str]) -> dict[str, Said]:
    """What the re-ranker said of the requests with these texts, by their ids."""
    heard = by_theme(pair_scores.load(connection, keys), gathered.items)
    return {
        record.id: heard[record.vector_key]
        for record in gathered.free
        if record.vector_key in heard
    }


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
