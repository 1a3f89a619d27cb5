"""Texts -> clusters with labels, each text taken whole; no store, no taxonomy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from clustering.density import WAITING, cluster
from clustering.encoder import Encoder
from clustering.labels import Members, describe_themes
from clustering.params import DEFAULT_PARAMS, ClusteringParams
from clustering.vocabulary import Vocabulary


class ClusterRow(TypedDict):
    """One line of the answer; cluster -1 and an empty label for a text that waits."""

    id: str
    cluster: int
    label: str
    confidence: float


def cluster_texts(
    ids: Sequence[str],
    texts: Sequence[str],
    encoder: Encoder,
    params: ClusteringParams = DEFAULT_PARAMS,
) -> list[ClusterRow]:
    """Cluster texts; rows in the order given.

    Cluster numbers are by size, the largest 0, and mean nothing outside this answer.
    """
    vectors = encoder.encode(texts)
    found = cluster(vectors, params)
    groups: dict[int, list[int]] = {}
    for row, label in enumerate(found.labels):
        if label != WAITING:
            groups.setdefault(int(label), []).append(row)
    ranked = sorted(groups.values(), key=lambda g: (-len(g), min((texts[n], ids[n]) for n in g)))
    members = [Members([ids[n] for n in g], [texts[n] for n in g], vectors[g]) for g in ranked]
    described = describe_themes(members, Vocabulary.build(texts), encoder.encode)
    names: dict[int, tuple[int, str]] = {}
    for number, (group, about) in enumerate(zip(ranked, described, strict=True)):
        names.update(dict.fromkeys(group, (number, about.label)))
    return [
        ClusterRow(
            id=ids[n],
            cluster=names.get(n, (WAITING, ""))[0],
            label=names.get(n, (WAITING, ""))[1],
            confidence=round(float(found.strengths[n]), 4),
        )
        for n in range(len(ids))
    ]
