"""One prediction against a labelled corpus: every figure, whichever pipeline predicted.

Pure: what a pipeline read out of the notes goes in, `Figures` come out, so that our flows and
a peer of ours are scored by the same lines.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from clustering import quality
from models.account import Portfolio
from models.evidence import Mention
from models.identity import text_key
from models.policy import COMBINED, Level, assess
from models.severity import Severity
from models.window import Calendar, Quarter
from service.flows.labelled_corpus import GoldSpan, LabelledCorpus, Pair, portfolio_of
from service.flows.quality_figures import Figures, ProbeFigures

SCORED_QUARTER = Quarter(2026, 3)
SCORED_POLICY = COMBINED
FLOORS = (Level.SIGNAL, Level.CANDIDATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictedRequest:
    """One request as a pipeline read it.

    start, end: code points in the note's text.
    theme_id: its theme or cluster, None while it waits.
    ranking: (feature area, customer need) pairs, best first: the assigned item, then the rest.
    """

    start: int
    end: int
    severity: Severity
    theme_id: str | None
    ranking: tuple[Pair, ...] = ()


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a pipeline made of a corpus.

    requests: external id of a note -> its requests.
    levels: theme id -> its level in the window; a theme without a request there is absent.
    """

    requests: Mapping[str, Sequence[PredictedRequest]]
    levels: Mapping[str, Level]


@dataclass(frozen=True, slots=True)
class RankedProbe:
    """What a pipeline makes of one probe: pairs, best first, and whether it would wait."""

    ranking: tuple[Pair, ...]
    waits: bool


@dataclass(slots=True)
class _Outcome:
    """The corpus walked once: what met what, note by note."""

    matched: list[tuple[PredictedRequest, GoldSpan]] = field(default_factory=list)
    predicted: int = 0
    # One entry per gold observation: the theme its match has, and its own.
    clusters: list[tuple[str | None, str | None]] = field(default_factory=list)
    # Per predicted theme, one entry per request of it: the gold theme it matched.
    met: dict[str, list[str | None]] = field(default_factory=lambda: defaultdict(list))


def scored_calendar() -> Calendar:
    """Calendar quarters in UTC, as quality is scored."""
    return Calendar(timezone=ZoneInfo("UTC"))


def scored_as_of() -> date:
    """The day that dates the risk: the scored quarter's last."""
    return scored_calendar().days(SCORED_QUARTER)[1]


def score(
    prediction: Prediction, corpus: LabelledCorpus, gold_levels: Mapping[str, Level]
) -> Figures:
    """Every figure of a prediction. `gold_levels` as `levels_of_mentions` gives them."""
    outcome = _walk(prediction, corpus)
    judged = [
        (ours.ranking, corpus.themes[gold.theme_id])
        for ours, gold in outcome.matched
        if gold.theme_id is not None
    ]
    rankings, truths = [ranking for ranking, _ in judged], [truth for _, truth in judged]
    labels = [ours for ours, _ in outcome.clusters]
    gold_labels = [gold for _, gold in outcome.clusters]
    return Figures(
        predicted=outcome.predicted,
        gold=len(gold_labels),
        reading=quality.Score.of_counts(len(outcome.matched), outcome.predicted, len(gold_labels)),
        severity_macro_f1=quality.macro_f1(
            [ours.severity for ours, _ in outcome.matched],
            [gold.severity for _, gold in outcome.matched],
            list(Severity),
        ),
        top_1=quality.top_share(rankings, truths, 1),
        top_3=quality.top_share(rankings, truths, 3),
        clusters=quality.b_cubed(labels, gold_labels),
        pairs=quality.pair_score(labels, gold_labels),
        signals=_signal_scores(prediction.levels, gold_levels, outcome.met),
    )


def score_probes(ranked: Sequence[RankedProbe], corpus: LabelledCorpus) -> ProbeFigures:
    """Figures of the corpus's probes; `ranked` has one entry per probe, in their order."""
    own = [
        (answer, corpus.themes[probe.theme_id])
        for answer, probe in zip(ranked, corpus.probes, strict=True)
        if probe.theme_id is not None
    ]
    foreign = [
        answer
        for answer, probe in zip(ranked, corpus.probes, strict=True)
        if probe.theme_id is None
    ]
    rankings, truths = [answer.ranking for answer, _ in own], [truth for _, truth in own]
    return ProbeFigures(
        top_1=quality.top_share(rankings, truths, 1),
        top_3=quality.top_share(rankings, truths, 3),
        foreign_waiting=_waiting_share(foreign),
        own_waiting=_waiting_share([answer for answer, _ in own]),
    )


def levels_of_mentions(mentions: Iterable[Mention], portfolio: Portfolio) -> dict[str, Level]:
    """The level of each theme that is mentioned in the scored quarter, by the rules alone."""
    calendar = scored_calendar()
    window = calendar.window(SCORED_QUARTER)
    by_theme: dict[str, list[Mention]] = defaultdict(list)
    for mention in mentions:
        if mention.occurred_at in window:
            by_theme[mention.theme_id].append(mention)
    return {
        theme: assess(heard, SCORED_POLICY, portfolio, scored_as_of()).level
        for theme, heard in sorted(by_theme.items())
    }


def levels_of_gold(corpus: LabelledCorpus) -> dict[str, Level]:
    """The level of each gold theme in the scored quarter, from the gold observations alone."""
    mentions = [
        Mention(
            request_id=f"{labelled.note.id}:{number}",
            theme_id=span.theme_id,
            account_id=labelled.note.account_id,
            csm_id=labelled.note.csm_id,
            occurred_at=labelled.note.occurred_at,
            severity=span.severity,
            text_key=text_key(labelled.note.text[span.start : span.end]),
        )
        for labelled in corpus.notes
        for number, span in enumerate(labelled.gold)
        if span.theme_id is not None
    ]
    return levels_of_mentions(mentions, portfolio_of(corpus))


def _walk(prediction: Prediction, corpus: LabelledCorpus) -> _Outcome:
    outcome = _Outcome()
    for labelled in corpus.notes:
        requests = prediction.requests.get(labelled.note.external_id, ())
        pairs = quality.match_spans(
            [(request.start, request.end) for request in requests],
            [(span.start, span.end) for span in labelled.gold],
        )
        gold_of = {ours: labelled.gold[theirs] for ours, theirs in pairs}
        theme_of = {theirs: requests[ours].theme_id for ours, theirs in pairs}
        outcome.predicted += len(requests)
        outcome.matched += [(requests[ours], gold) for ours, gold in gold_of.items()]
        outcome.clusters += [
            (theme_of.get(index), span.theme_id) for index, span in enumerate(labelled.gold)
        ]
        for index, request in enumerate(requests):
            if request.theme_id is not None:
                gold = gold_of.get(index)
                outcome.met[request.theme_id].append(gold.theme_id if gold else None)
    return outcome


def _signal_scores(
    levels: Mapping[str, Level],
    gold_levels: Mapping[str, Level],
    met: Mapping[str, Sequence[str | None]],
) -> dict[Level, quality.Score]:
    stands = {theme: quality.stands_for(met.get(theme, ())) for theme in levels}
    return {
        floor: quality.signal_score(
            _at_or_above(levels, floor), _at_or_above(gold_levels, floor), stands
        )
        for floor in FLOORS
    }


def _at_or_above(levels: Mapping[str, Level], floor: Level) -> list[str]:
    return [theme for theme, level in levels.items() if level.rank <= floor.rank]


def _waiting_share(answers: Sequence[RankedProbe]) -> float:
    return sum(answer.waits for answer in answers) / len(answers) if answers else 0.0
