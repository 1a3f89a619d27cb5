"""How good reading, tagging and clustering are on products left out of all training.

    python -m benchmarks.left_out [--cache FOLDER] [--json]

Six folds of the packs' products. For each, the reader, the encoder's updates and, where the
cache holds one, the re-ranker are trained without the fold, and what they make of its notes is
scored; the mean and spread over products, story and plain packs apart. Packs have no accounts,
so there are no signals here. Without the cache filled this takes about an hour of one core.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.left_out_models import LeftOutModels
from clustering.adapter import REQUESTS, about_updates, adapted_fingerprint
from clustering.assign import ItemIndex, ItemProfile, Ranking, profile_texts
from clustering.density import WAITING, cluster
from clustering.doubt import ONE_IN, READ_ITEMS, Said, most_doubtful
from clustering.encoder import Encoder
from clustering.landmarks import Landmarks
from clustering.lens import lens_for
from clustering.quality import Label, b_cubed, match_spans, pair_score, top_share
from clustering.reading import ReadSpan
from clustering.rerank import Reranker
from clustering.training.annotated import (
    AnnotatedNote,
    Need,
    load_needs,
    load_packs,
    product_folds,
    register,
)
from clustering.training.evaluate_reader import Tally
from clustering.training.train_landmarks import known_needs

Figures = dict[str, float]
Score = Mapping[str, tuple[float, float]]

KINDS = ("story", "plain")


@dataclass(frozen=True, slots=True)
class Mention:
    """One annotated request of a product: as written, as read (None when missed), its need."""

    gold: str
    read: str | None
    need: str | None


@dataclass(frozen=True, slots=True)
class Judges:
    """The encoder, the re-ranker and the landmarks of one fold."""

    encoder: Encoder
    reranker: Reranker | None
    landmarks: Landmarks | None = None


def product_figures(
    notes: Sequence[AnnotatedNote],
    readings: Sequence[Sequence[ReadSpan]],
    needs: Sequence[Need],
    judges: Judges,
) -> Figures:
    """All figures of one product, by name."""
    tally = Tally()
    for note, spans in zip(notes, readings, strict=True):
        tally.add(spans, note.spans)
    read = tally.figures()
    figures = {
        "reading precision": read["precision"],
        "reading recall": read["recall"],
        "reading F1": read["f1"],
        "severity, macro F1": read["severity"],
    }
    said = list(mentions(notes, readings))
    asked = [one for one in said if one.need is not None]
    matched = [one for one in asked if one.read is not None]
    found = _tagging(
        [str(one.read) for one in matched], [str(m.need) for m in matched], needs, judges
    )
    figures |= {f"tagging end to end, {name}": share for name, share in found.items()}
    found = _tagging([one.gold for one in asked], [str(m.need) for m in asked], needs, judges)
    figures |= {f"tagging of gold spans, {name}": share for name, share in found.items()}
    return figures | _clustering(notes, readings, said, judges)


def mentions(
    notes: Sequence[AnnotatedNote], readings: Sequence[Sequence[ReadSpan]]
) -> Iterator[Mention]:
    """Every annotated request, with what the reader made of it."""
    for note, spans in zip(notes, readings, strict=True):
        pairs = match_spans(
            [(span.start, span.end) for span in spans], [(s.start, s.end) for s in note.spans]
        )
        ours = {gold: spans[number] for number, gold in pairs}
        for number, gold in enumerate(note.spans):
            one = ours.get(number)
            read = note.text[one.start : one.end] if one is not None else None
            yield Mention(note.text[gold.start : gold.end], read, gold.need)


def _tagging(
    texts: Sequence[str], truth: Sequence[str], needs: Sequence[Need], judges: Judges
) -> Figures:
    ranking = _ranked(texts, needs, judges)
    right = [ids[:1] == [need] for ids, need in zip(ranking.theme_ids, truth, strict=True)]
    sure = ranking.confidences[:, 0] >= 0.5
    return {
        "top 1": top_share(ranking.theme_ids, truth, 1),
        "top 3": top_share(ranking.theme_ids, truth, 3),
        "top 1 of the sure": float(np.mean(np.array(right)[sure])) if sure.any() else 0.0,
    }


def _ranked(texts: Sequence[str], needs: Sequence[Need], judges: Judges) -> Ranking:
    """The needs for each text, as a store does it that knows only area, need and description."""
    heads = {need.id: profile_texts(need.name, need.description)[0] for need in needs}
    rows = judges.encoder.encode(list(heads.values()))
    nothing = np.zeros((0, rows.shape[1]), dtype=np.float32)
    profiles = [
        ItemProfile(name, "", row[None], nothing) for name, row in zip(heads, rows, strict=True)
    ]
    index = ItemIndex.build(profiles, shipped_fingerprint())
    vectors = judges.encoder.encode(texts)
    ranking = index.rank(vectors)
    if judges.reranker is None:
        return ranking
    best = {f"{n:06d}": float(row[0]) for n, row in enumerate(ranking.confidences)}
    chosen = [int(name) for name in most_doubtful(best, len(texts) // ONE_IN)]
    pairs = [(n, need) for n in chosen for need in ranking.theme_ids[n][:READ_ITEMS]]
    scores = judges.reranker.score([(texts[n], heads[need]) for n, need in pairs])
    said: list[dict[str, float]] = [{} for _ in texts]
    for (number, need), score in zip(pairs, scores, strict=True):
        said[number][need] = float(score)
    heard: Sequence[Said] = said
    return index.rank(vectors, heard)


def _clustering(
    notes: Sequence[AnnotatedNote],
    readings: Sequence[Sequence[ReadSpan]],
    said: Sequence[Mention],
    judges: Judges,
) -> Figures:
    """Over all annotated requests; what is missed or waits, and a one-off, is alone."""
    gold: list[Label] = [one.need for one in said]
    texts = [
        note.text[span.start : span.end]
        for note, spans in zip(notes, readings, strict=True)
        for span in spans
    ]
    of_read = dict(zip(texts, _groups(texts, judges), strict=True))
    read: list[Label] = [None if one.read is None else of_read[one.read] for one in said]
    pairs = pair_score(read, gold)
    score = b_cubed(read, gold)
    return {
        "clusters end to end, B-cubed precision": score.precision,
        "clusters end to end, B-cubed recall": score.recall,
        "clusters end to end, B-cubed F1": score.f1,
        "clusters end to end, wrong merges": pairs.wrong_merge,
        "clusters end to end, missed merges": pairs.missed_merge,
        "clusters of gold spans, B-cubed F1": b_cubed(
            _groups([one.gold for one in said], judges), gold
        ).f1,
    }


def _groups(texts: Sequence[str], judges: Judges) -> list[Label]:
    if not texts:
        return []
    lens = replace(lens_for(shipped_fingerprint()), landmarks=judges.landmarks)
    found = cluster(lens.likeness(judges.encoder.encode(texts)))
    return [None if label == WAITING else int(label) for label in found.labels]


def shipped_fingerprint() -> str:
    """Of the shipped encoder: a fold's is looked at and judged as that one is."""
    about = about_updates(REQUESTS)
    return adapted_fingerprint(about["encoder"], about)


def evaluate(models: LeftOutModels, folds: int, *, rerank: bool) -> dict[str, Figures]:
    """The figures of every product of so many folds, by product."""
    notes, needs = load_packs(), load_needs()
    found: dict[str, Figures] = {}
    for fold, left in enumerate(product_folds(set(needs))[:folds]):
        encoder = models.encoder(fold, left)
        reranker = models.reranker(fold, left) if rerank else None
        judges = Judges(encoder, reranker, known_needs(encoder, needs, left))
        mine = [note for note in notes if note.product in left]
        readings = models.readings(fold, left, mine)
        for product in left:
            own = [n for n, note in enumerate(mine) if note.product == product]
            found[product] = product_figures(
                [mine[n] for n in own], [readings[n] for n in own], needs[product], judges
            )
    return found


def summary(figures: Mapping[str, Figures]) -> dict[str, Score]:
    """Measure -> kind of pack -> (mean, spread) over its products."""
    names = next(iter(figures.values()))
    answer: dict[str, Score] = {}
    for name in names:
        rows = {
            kind: [f[name] for p, f in figures.items() if register(p) == kind] for kind in KINDS
        }
        answer[name] = {
            kind: (float(np.mean(values)), float(np.std(values)))
            for kind, values in rows.items()
            if values
        }
    return answer


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table, or the figures of every product as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=Path("build/left-out"))
    parser.add_argument("--folds", type=int, default=6, help="how many of the six folds")
    parser.add_argument("--seeds", type=int, default=1, help="members of the reader's ensembles")
    parser.add_argument("--json", action="store_true", dest="as_json")
    parser.add_argument(
        "--rerank", action="store_true", help="with the re-rankers of the folds that --cache has"
    )
    given = parser.parse_args(arguments)
    import torch

    torch.set_num_threads(1)
    figures = evaluate(
        LeftOutModels(given.cache, range(given.seeds)), given.folds, rerank=given.rerank
    )
    table = summary(figures)
    if given.as_json:
        print(json.dumps({"products": figures, "mean and spread": table}, indent=2))
        return
    print("| on products left out | 16 story packs | 8 plain packs |\n| --- | --- | --- |")
    for name, score in table.items():
        shown = [f"{score[kind][0]:.3f} ± {score[kind][1]:.3f}" for kind in KINDS if kind in score]
        print(f"| {name} | {' | '.join(shown)} |")


if __name__ == "__main__":
    main()
