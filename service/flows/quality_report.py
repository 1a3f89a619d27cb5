"""The whole main job on a labelled corpus in stores of its own, and how good it was.

The notes are read once, into a temporary store; then one copy of it is clustered without a
taxonomy, and one with the corpus's own loaded. As a run recomputes all that a machine has
assigned, it does not matter that the notes came before the taxonomy. Nothing reads the clock:
the corpus's last note is 'now'.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory

import numpy as np

from clustering.assign import pick
from clustering.doubt import SAID_NOTHING
from clustering.params import DEFAULT_PARAMS, ClusteringParams
from models.identity import vector_key
from models.policy import Level
from models.severity import Severity
from service.flows.doubts import at_most, by_theme, doubts_among, read_pairs
from service.flows.export import export_requests
from service.flows.ingest import ingest_notes
from service.flows.item_index import indexed_items
from service.flows.items import embed_items
from service.flows.labelled_corpus import LabelledCorpus, broken_corpus, load_corpus
from service.flows.language import LanguageModels
from service.flows.portfolio import upsert_accounts, upsert_csms
from service.flows.quality_figures import Figures, QualityReport, ReviewPoint
from service.flows.quality_scores import (
    SCORED_POLICY,
    SCORED_QUARTER,
    PredictedRequest,
    Prediction,
    RankedProbe,
    levels_of_gold,
    score,
    score_probes,
    scored_as_of,
    scored_calendar,
)
from service.flows.read_notes import read_pending
from service.flows.receipts import BatchReceipt
from service.flows.recluster import recluster
from service.flows.request_rows import RequestRow
from service.flows.review_curve import Review, review_curve
from service.flows.signals import SignalQuery, signals
from service.flows.taxonomy import upsert_items
from service.masking import OPEN
from service.storage import pair_scores
from service.storage.engine import Store, migrate, open_store

_ACTOR = "evaluate"


def evaluate_corpus(
    folder: Path,
    language: LanguageModels,
    params: ClusteringParams = DEFAULT_PARAMS,
    *,
    review: Review | None = None,
    on_progress: Callable[[str], None] = lambda stage: None,
) -> QualityReport:
    """Load, read, cluster and judge a labelled corpus through the flows, and score it.

    `review` is simulated at the end, if given. `on_progress` is told the name of each stage as
    it begins.

    Raises:
        InvalidInput: `broken_corpus`, for a folder that is no labelled corpus.
        Unavailable: `encoder_unavailable`.
    """
    corpus = load_corpus(folder)
    gold_levels = levels_of_gold(corpus)
    with TemporaryDirectory(prefix="groundswell-evaluate-") as scratch:
        alone, helped = Path(scratch) / "alone.db", Path(scratch) / "helped.db"
        on_progress("reading")
        with _opened(alone) as store:
            _read_notes(store, corpus, language, params)
        copyfile(alone, helped)
        on_progress("without the taxonomy")
        with _opened(alone) as store:
            recluster(store, language, params, now=corpus.last_instant, actor=_ACTOR)
            without_taxonomy = score(_prediction(store), corpus, gold_levels)
        on_progress("with the taxonomy")
        with _opened(helped) as store:
            _load_taxonomy(store, corpus, language, params)
            recluster(store, language, params, now=corpus.last_instant, actor=_ACTOR)
            with_taxonomy = score(_prediction(store), corpus, gold_levels)
            probes = score_probes(_ranked_probes(store, corpus, language, params), corpus)
            points: list[ReviewPoint] = []
            if review is not None:
                on_progress("the review")
                points = review_curve(
                    store,
                    helped,
                    corpus,
                    review,
                    lambda copy: _figures_of(copy, corpus, gold_levels, language, params),
                )
    return QualityReport(
        notes=len(corpus.notes),
        with_taxonomy=with_taxonomy,
        without_taxonomy=without_taxonomy,
        probes=probes,
        review=points,
    )


def _figures_of(
    file: Path,
    corpus: LabelledCorpus,
    gold_levels: Mapping[str, Level],
    language: LanguageModels,
    params: ClusteringParams,
) -> Figures:
    """Those of the store in this file, after a run."""
    with _opened(file) as store:
        recluster(store, language, params, now=corpus.last_instant, actor=_ACTOR)
        return score(_prediction(store), corpus, gold_levels)


@contextmanager
def _opened(file: Path) -> Iterator[Store]:
    """The store in this file; a fresh one where there is none."""
    url = f"sqlite:///{file}"
    migrate(url)
    store = open_store(url)
    try:
        yield store
    finally:
        store.close()


def _read_notes(
    store: Store, corpus: LabelledCorpus, language: LanguageModels, params: ClusteringParams
) -> None:
    now = corpus.last_instant
    receipts = {
        "accounts.csv": upsert_accounts(store, corpus.accounts, now=now, actor=_ACTOR),
        "csms.csv": upsert_csms(store, corpus.csms, now=now, actor=_ACTOR),
        "notes.jsonl": ingest_notes(store, corpus.raw_notes, now=now, actor=_ACTOR),
    }
    for file, receipt in receipts.items():
        _refuse_rejected(file, receipt)
    while read_pending(store, language, params, now=now):
        pass


def _load_taxonomy(
    store: Store, corpus: LabelledCorpus, language: LanguageModels, params: ClusteringParams
) -> None:
    now = corpus.last_instant
    receipt = upsert_items(store, corpus.taxonomy, now=now, actor=_ACTOR, live=True)
    _refuse_rejected("themes.csv", receipt)
    embed_items(store, language.encoder, params, now=now, reranker=language.reranker)


def _refuse_rejected(file: str, receipt: BatchReceipt) -> None:
    if receipt.rejected:
        line = receipt.rejected[0]
        raise broken_corpus(file, f"line {line.line}: {line.message}")


def _prediction(store: Store) -> Prediction:
    requests: dict[str, list[PredictedRequest]] = {}
    for row in export_requests(store, sight=OPEN):
        requests.setdefault(str(row["external_id"]), []).append(_predicted(row))
    return Prediction(
        # By place in the note, so that equal figures never hang on the order of a query.
        {note: sorted(found, key=lambda one: one.start) for note, found in requests.items()},
        _levels(store),
    )


def _levels(store: Store) -> dict[str, Level]:
    query = SignalQuery(
        quarter=str(SCORED_QUARTER), as_of=scored_as_of().isoformat(), policy=SCORED_POLICY
    )
    answer = signals(store, query, today=scored_as_of(), calendar=scored_calendar())
    return {row["theme_id"]: Level(row["level"]) for row in answer["data"]}


def _predicted(row: RequestRow) -> PredictedRequest:
    assigned = (row["feature_area"], row["customer_need"])
    ranking = [(item["feature_area"], item["customer_need"]) for item in row["candidates"]]
    if assigned[0] is not None and assigned[1] is not None:
        first = (assigned[0], assigned[1])
        ranking = [first, *(pair for pair in ranking if pair != first)]
    return PredictedRequest(
        start=row["start"],
        end=row["end"],
        severity=Severity(row["severity"]),
        theme_id=row["theme_id"],
        ranking=tuple(ranking),
    )


def _ranked_probes(
    store: Store, corpus: LabelledCorpus, language: LanguageModels, params: ClusteringParams
) -> list[RankedProbe]:
    """Each probe as one whole request that has just arrived."""
    texts = {vector_key(probe.text): probe.text for probe in corpus.probes}
    found = dict(zip(texts, language.encoder.encode(list(texts.values())), strict=True))
    with store.read() as connection:
        indexed = indexed_items(connection, language.encoder.fingerprint)
        doubts = doubts_among(
            connection, found, indexed, language.reranker, most=at_most(len(found))
        )
        said = pair_scores.load(connection, found)
    if indexed.index is None:
        raise broken_corpus("themes.csv", "no item of it could be embedded")
    for key, fresh in read_pairs(language.reranker, doubts.unread, texts, indexed).items():
        said.setdefault(key, {}).update(fresh)
    heard = by_theme(said, indexed)
    keys = [vector_key(probe.text) for probe in corpus.probes]
    ranking = indexed.index.rank(
        np.vstack([found[key] for key in keys]), [heard.get(key, SAID_NOTHING) for key in keys]
    )
    return [
        RankedProbe(
            ranking=tuple(
                (indexed.items[theme].feature_area, indexed.items[theme].customer_need)
                for theme in themes
            ),
            waits=assignment is None,
        )
        for themes, assignment in zip(
            ranking.theme_ids, pick(ranking, params.assign_line), strict=True
        )
    ]
