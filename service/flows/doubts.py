"""Have the re-ranker read the requests that are in doubt, and look up what it has said.

Reading is slow, so it is done by the worker: as requests arrive, in a run, and when items
change. What was said is stored; ranking needs the stored scores only, and no model.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import Connection

from clustering.doubt import ONE_IN, READ_ITEMS, Said, most_doubtful
from clustering.rerank import Reranker
from service.flows.embedding import OnProgress
from service.flows.item_index import IndexedItems, item_text_keys, item_texts
from service.storage import pair_scores
from service.storage.engine import Store
from service.storage.pair_scores import PairScores
from service.storage.vectors import Vector

AT_ONCE = 1_024


@dataclass(frozen=True, slots=True)
class Doubts:
    """Requests to be read by the re-ranker, by the keys of their texts.

    Attributes:
        keys: the most doubtful first.
        unread: (request, item) pairs of theirs that have no score yet, sorted.
    """

    keys: Sequence[str]
    unread: Sequence[tuple[str, str]]


def at_most(requests: int) -> int:
    """How many of so many requests the re-ranker may read."""
    return requests // ONE_IN


def at_most_of_arrivals(requests: int) -> int:
    """The same for those that arrive together: one that comes alone may be read."""
    return -(-requests // ONE_IN)


def doubts_among(
    connection: Connection,
    found: Mapping[str, Vector],
    indexed: IndexedItems,
    reranker: Reranker | None,
    most: int,
) -> Doubts:
    """Of the requests with these vectors, by key, at most so many that are in doubt."""
    if reranker is None or indexed.index is None or not found:
        return Doubts((), ())
    names = sorted(found)
    ranking = indexed.index.rank(np.vstack([found[name] for name in names]))
    best = {name: float(row[0]) for name, row in zip(names, ranking.confidences, strict=True)}
    keys = most_doubtful(best, most)
    own_text = _own_texts(indexed)
    items = {
        name: [own_text[theme] for theme in themes[:READ_ITEMS]]
        for name, themes in zip(names, ranking.theme_ids, strict=True)
    }
    stored = pair_scores.load(connection, keys, reranker.fingerprint)
    unread = {(key, item) for key in keys for item in items[key] if item not in stored.get(key, {})}
    return Doubts(keys, sorted(unread))


def read_pairs(
    reranker: Reranker | None,
    unread: Sequence[tuple[str, str]],
    texts: Mapping[str, str],
    indexed: IndexedItems,
) -> dict[str, dict[str, float]]:
    """What the re-ranker says of these pairs; `texts` holds those of the requests, by key."""
    if reranker is None or not unread:
        return {}
    of_items = {item_text_keys(item)[0]: item_texts(item)[0] for item in indexed.items.values()}
    scores = reranker.score([(texts[key], of_items[item]) for key, item in unread])
    said: dict[str, dict[str, float]] = {}
    for (key, item), score in zip(unread, scores, strict=True):
        said.setdefault(key, {})[item] = float(score)
    return said


def read_and_keep(
    store: Store,
    reranker: Reranker | None,
    doubts: Doubts,
    texts: Mapping[str, str],
    indexed: IndexedItems,
    on_progress: OnProgress | None = None,
) -> None:
    """Read what is unread in batches, each committed; cut off, those read so far stay."""
    for start in range(0, len(doubts.unread), AT_ONCE):
        batch = doubts.unread[start : start + AT_ONCE]
        said = read_pairs(reranker, batch, texts, indexed)
        if reranker is not None:
            with store.write() as connection:
                pair_scores.save(connection, reranker.fingerprint, said)
        if on_progress is not None:
            on_progress(start + len(batch), len(doubts.unread))


def what_was_said(
    connection: Connection, keys: Iterable[str], indexed: IndexedItems
) -> dict[str, Said]:
    """By key of a request's text: live item's theme -> stored score."""
    return by_theme(pair_scores.load(connection, keys), indexed)


def by_theme(said: PairScores, indexed: IndexedItems) -> dict[str, Said]:
    """The same scores, by the themes of the items that have those texts now."""
    themes: dict[str, list[str]] = {}
    for theme, key in _own_texts(indexed).items():
        themes.setdefault(key, []).append(theme)
    return {
        key: {theme: score for item, score in scores.items() for theme in themes.get(item, ())}
        for key, scores in said.items()
    }


def _own_texts(indexed: IndexedItems) -> dict[str, str]:
    """Theme -> key of its item's need and description."""
    return {theme: item_text_keys(item)[0] for theme, item in indexed.items.items()}
