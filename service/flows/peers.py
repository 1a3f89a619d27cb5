"""The peers beside us on a labelled corpus: what a team gets from stock parts in an afternoon.

Every sentence of a note is a request of the commonest severity, all-MiniLM-L6-v2 embeds it;
with a taxonomy, the nearest description above a line takes the sentence, and without one a
stock clusterer finds the themes. All are scored by the same lines as our flows, and where a
knob has to be set (the line), at whichever value suits them best.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from clustering.encoder import Encoder, load_encoder
from clustering.peers import PEERS, Peer, check_installed
from models.account import Portfolio
from models.evidence import Mention
from models.identity import text_key
from models.policy import Level
from models.severity import Severity
from service.flows.labelled_corpus import (
    LabelledCorpus,
    LabelledNote,
    load_corpus,
    portfolio_of,
)
from service.flows.quality_figures import Figures, ProbeFigures, QualityReport
from service.flows.quality_scores import (
    PredictedRequest,
    Prediction,
    RankedProbe,
    levels_of_gold,
    levels_of_mentions,
    score,
    score_probes,
)

LINES = tuple(np.arange(0.30, 0.65, 0.05).round(2).tolist())
SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
FEWEST_WORDS = 3


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a note: code points [start, end) of its text."""

    labelled: LabelledNote
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.labelled.note.text[self.start : self.end]


def evaluate_peers(
    folder: Path, *, on_progress: Callable[[str], None] = lambda peer: None
) -> dict[str, QualityReport]:
    """Each peer's figures on the corpus in a folder, by its name, with the plain encoder.

    Raises:
        Unavailable: `peers_missing`, where the extra is not installed; `encoder_unavailable`.
        InvalidInput: `broken_corpus`, for a folder that is no labelled corpus.
    """
    check_installed()
    return peer_reports(load_corpus(folder), load_encoder(), on_progress=on_progress)


def peer_reports(
    corpus: LabelledCorpus,
    encoder: Encoder,
    peers: Mapping[str, Peer] = PEERS,
    *,
    on_progress: Callable[[str], None] = lambda peer: None,
) -> dict[str, QualityReport]:
    """Each peer's figures on a corpus, in the shape of our own report.

    They read and tag alike, and differ in how they cluster. `on_progress` is told the name of
    each peer as it begins.

    Raises:
        Unavailable: `peers_missing`, where the extra that holds a peer is not installed.
    """
    sentences = [found for labelled in corpus.notes for found in _sentences(labelled)]
    texts = [sentence.text for sentence in sentences]
    vectors = encoder.encode(texts)
    names, descriptions = _taxonomy(corpus)
    nearness = vectors @ encoder.encode(descriptions).T
    portfolio, gold_levels = portfolio_of(corpus), levels_of_gold(corpus)

    def figures(themes: Sequence[str | None]) -> Figures:
        prediction = _prediction(sentences, themes, nearness, names, portfolio)
        return score(prediction, corpus, gold_levels)

    tagged = {line: figures(_nearest(nearness, line)) for line in LINES}
    line = max(LINES, key=lambda value: tagged[value].signals[Level.SIGNAL].f1)
    probes = _probes(corpus, encoder, names, descriptions, line)
    reports = {}
    for name, find in peers.items():
        on_progress(name)
        reports[name] = QualityReport(
            notes=len(corpus.notes),
            with_taxonomy=tagged[line],
            without_taxonomy=figures(_themes(find(texts, vectors))),
            probes=probes,
        )
    return reports


def _sentences(labelled: LabelledNote) -> Iterator[Sentence]:
    text, start = labelled.note.text, 0
    for end in [*(found.start() for found in SENTENCE_END.finditer(text)), len(text)]:
        piece = text[start:end]
        first = start + len(piece) - len(piece.lstrip())
        if len(piece.split()) >= FEWEST_WORDS:
            yield Sentence(labelled, first, start + len(piece.rstrip()))
        start = end


def _taxonomy(corpus: LabelledCorpus) -> tuple[list[tuple[str, str]], list[str]]:
    rows = [row for _, row in corpus.taxonomy if isinstance(row, Mapping)]
    names = [(str(row["feature_area"]), str(row["customer_need"])) for row in rows]
    return names, [f"{row['customer_need']}. {row['description']}" for row in rows]


def _nearest(nearness: NDArray[np.float32], line: float) -> list[str | None]:
    best = nearness.argmax(axis=1)
    return [
        f"item-{item}" if nearness[row, item] >= line else None for row, item in enumerate(best)
    ]


def _themes(labels: NDArray[np.int64]) -> list[str | None]:
    return [None if label < 0 else f"cluster-{label}" for label in labels]


def _prediction(
    sentences: Sequence[Sentence],
    themes: Sequence[str | None],
    nearness: NDArray[np.float32],
    names: Sequence[tuple[str, str]],
    portfolio: Portfolio,
) -> Prediction:
    requests: dict[str, list[PredictedRequest]] = {}
    mentions = []
    for number, (sentence, theme, near) in enumerate(zip(sentences, themes, nearness, strict=True)):
        note = sentence.labelled.note
        request = PredictedRequest(
            start=sentence.start,
            end=sentence.end,
            severity=Severity.DEGRADED,
            theme_id=theme,
            ranking=_ranking(near, names),
        )
        requests.setdefault(note.external_id, []).append(request)
        if theme is not None:
            mentions.append(
                Mention(
                    request_id=str(number),
                    theme_id=theme,
                    account_id=note.account_id,
                    csm_id=note.csm_id,
                    occurred_at=note.occurred_at,
                    severity=request.severity,
                    text_key=text_key(sentence.text),
                )
            )
    return Prediction(requests, levels_of_mentions(mentions, portfolio))


def _probes(
    corpus: LabelledCorpus,
    encoder: Encoder,
    names: Sequence[tuple[str, str]],
    descriptions: Sequence[str],
    line: float,
) -> ProbeFigures:
    nearness = encoder.encode([probe.text for probe in corpus.probes])
    nearness = nearness @ encoder.encode(descriptions).T
    ranked = [RankedProbe(_ranking(near, names), bool(near.max() < line)) for near in nearness]
    return score_probes(ranked, corpus)


def _ranking(
    near: NDArray[np.float32], names: Sequence[tuple[str, str]]
) -> tuple[tuple[str, str], ...]:
    return tuple(names[item] for item in np.argsort(-near, kind="stable")[:12])
