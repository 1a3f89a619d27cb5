"""Proposals for themes: which item of the taxonomy one is, or that it is a new one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

import numpy as np
from sqlalchemy import Connection

from clustering.params import ClusteringParams
from clustering.suggest import Suggestion, suggest_theme
from models.review import due_at
from service.flows.item_index import IndexedItems, indexed_items
from service.storage import vectors
from service.storage.proposals import ProposalRecord
from service.storage.requests import RequestRecord


def propose(
    connection: Connection,
    theme_id: str,
    label: str,
    members: Sequence[RequestRecord],
    *,
    encoder: str | None,
    params: ClusteringParams,
    now: datetime,
) -> ProposalRecord:
    """A proposal for a theme with these members, from stored vectors; 'new' where there are none.

    Due 48 hours from `now`.
    """
    if encoder is None:
        return new_item_proposal(theme_id, area=None, label=label, confidence=0.0, now=now)
    indexed = indexed_items(connection, encoder)
    found = vectors.load(connection, {member.vector_key for member in members}, encoder)
    rows = [found[member.vector_key] for member in members if member.vector_key in found]
    if not rows or indexed.index is None:
        return new_item_proposal(theme_id, area=None, label=label, confidence=0.0, now=now)
    suggestion = suggest_theme(np.vstack(rows), indexed.index, params)
    return proposal_from(theme_id, label, suggestion, indexed, now=now)


def proposal_from(
    theme_id: str, label: str, suggestion: Suggestion, indexed: IndexedItems, *, now: datetime
) -> ProposalRecord:
    """A suggestion as a proposal; a new item is named by its theme's label."""
    best = indexed.items[suggestion.best.theme_id] if suggestion.best else None
    return ProposalRecord(
        id=uuid4().hex,
        theme_id=theme_id,
        feature_area=best.feature_area if best else suggestion.area,
        customer_need=best.customer_need if best else label,
        is_new=suggestion.is_new,
        confidence=suggestion.confidence,
        alternatives=[
            {"theme_id": other.theme_id, "confidence": other.confidence}
            for other in suggestion.alternatives
        ],
        made_at=now,
        due_at=due_at(now),
    )


def new_item_proposal(
    theme_id: str, *, area: str | None, label: str, confidence: float, now: datetime
) -> ProposalRecord:
    """That a theme is a new item of this area, named by its label."""
    return ProposalRecord(
        id=uuid4().hex,
        theme_id=theme_id,
        feature_area=area,
        customer_need=label,
        is_new=True,
        confidence=confidence,
        alternatives=[],
        made_at=now,
        due_at=due_at(now),
    )
