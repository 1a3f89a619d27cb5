"""Putting requests on themes, and taking them off, in the words of the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from service.flows.decisions.context import Deciding, members_of
from service.flows.fitting import fit_waiting, guessed_areas
from service.storage.proposals import current as current_proposals
from service.storage.requests import RequestRecord
from service.storage.tables import group_members, proposals, requests, themes
from service.storage.themes import ThemeRecord


def pin(deciding: Deciding, records: Iterable[RequestRecord], theme_id: str) -> None:
    """A person says that these requests belong to the theme."""
    ids = [record.id for record in records]
    leave_groups(deciding, ids)
    deciding.ledger.change(
        requests,
        ids,
        theme_id=theme_id,
        assigned_by="person",
        confidence=1.0,
        held=False,
        bound=False,
    )


def bind(deciding: Deciding, records: Iterable[RequestRecord], theme_id: str) -> None:
    """A decision on the group puts these requests on the theme: by model still, but for good."""
    rows: dict[str, Mapping[str, Any]] = {}
    for record in records:
        by_person = record.assigned_by == "person"
        rows[record.id] = {
            "theme_id": theme_id,
            "assigned_by": "person" if by_person else "model",
            "confidence": record.confidence,
            "held": False,
            "bound": not by_person,
        }
    leave_groups(deciding, rows)
    deciding.ledger.change_each(requests, rows)


def free(deciding: Deciding, records: Iterable[RequestRecord], *, held: bool = False) -> None:
    """Take requests off their theme: they wait; held, no machine assigns them again."""
    freed = list(records)
    areas = guessed_areas(deciding.connection, freed, deciding.encoder)
    leave_groups(deciding, [record.id for record in freed])
    deciding.ledger.change_each(
        requests,
        {
            record.id: {
                "theme_id": None,
                "assigned_by": None,
                "confidence": None,
                "held": held,
                "bound": False,
                "unclassified_area": areas.get(record.id),
            }
            for record in freed
        },
    )


def leave_groups(deciding: Deciding, ids: Iterable[str]) -> None:
    """Requests that were answered are in no Unclassified group any longer."""
    deciding.ledger.remove(group_members, "request_id", ids)


def as_theme(deciding: Deciding, theme: ThemeRecord) -> None:
    """Make a theme able to hold requests.

    A person who decides on an Unclassified group as on a theme says that it is one: what
    waits in it is put on it. One that had faded is there again.
    """
    if theme.origin == "unclassified":
        bind(deciding, members_of(deciding, theme), theme.id)
        deciding.ledger.change(themes, [theme.id], origin="cluster")
    if theme.faded_at is not None:
        deciding.ledger.change(themes, [theme.id], faded_at=None)


def close_proposal(deciding: Deciding, theme_id: str) -> None:
    """The theme's proposal has been answered."""
    found = current_proposals(deciding.connection, [theme_id])
    deciding.ledger.change(proposals, [proposal.id for proposal in found.values()], current=False)


def adopt_waiting(deciding: Deciding) -> None:
    """Put on items at once what waited and fits one now."""
    if deciding.encoder is None:
        return
    fitting = fit_waiting(deciding.connection, deciding.encoder, deciding.params)
    leave_groups(deciding, fitting)
    deciding.ledger.change_each(
        requests,
        {
            request_id: {
                "theme_id": place.theme_id,
                "assigned_by": "model",
                "confidence": place.confidence,
            }
            for request_id, place in fitting.items()
        },
    )
