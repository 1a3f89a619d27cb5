"""Store the outcome of a run: differences alone, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from models.theme import Delivery
from service.flows.runs.outcome import Outcome, ThemeState
from service.storage import placements, proposals, themes
from service.storage.proposals import ProposalRecord
from service.storage.themes import NewTheme


def keep_outcome(connection: Connection, made: Outcome, *, seq: int, now: datetime) -> None:
    """Write what the run changed. Rows that are gone meanwhile are passed over."""
    themes.add(connection, [_new(state, seq, now) for state in made.themes if state.known is None])
    themes.describe(
        connection,
        [
            themes.Described(
                id=state.id,
                label=state.label,
                keyphrases=state.keyphrases,
                exemplars=state.exemplars,
                first_at=state.first_at,
            )
            for state in made.themes
            if state.known is not None and _differs(state)
        ],
    )
    placements.place(connection, made.places)
    placements.guess_areas(connection, made.areas)
    themes.end(connection, merged=made.merged, faded=made.faded, now=now)
    # What arrived while the run was computed may be on a theme that has just ended.
    placements.follow(connection, made.merged)
    placements.clear(connection, made.faded)
    themes.set_groups(connection, made.groups)
    _keep_proposals(connection, made.proposals, ended=made.merged.keys() | made.faded)
    themes.raise_versions(connection, _changed(made))


def _new(state: ThemeState, seq: int, now: datetime) -> NewTheme:
    return NewTheme(
        id=state.id,
        origin=state.origin,
        status="proposed",
        label=state.label,
        keyphrases=state.keyphrases,
        exemplars=state.exemplars,
        born_seq=seq,
        first_at=state.first_at,
        created_at=now,
        delivery=Delivery().as_dict(),
    )


def _differs(state: ThemeState) -> bool:
    known = state.known
    return known is None or (
        known.label,
        known.keyphrases,
        known.exemplars,
        known.first_at,
        known.faded_at,
    ) != (state.label, state.keyphrases, state.exemplars, state.first_at, None)


def _changed(made: Outcome) -> set[str]:
    touched = {state.id for state in made.themes if state.changed and state.known is not None}
    return touched | made.merged.keys() | made.faded


def _keep_proposals(
    connection: Connection, made: Iterable[ProposalRecord], *, ended: Iterable[str]
) -> None:
    """One current proposal per theme; one that says the same keeps its row and its due time."""
    current = proposals.current(connection)
    renewed: list[ProposalRecord] = []
    new: list[ProposalRecord] = []
    retired = [current[theme_id].id for theme_id in ended if theme_id in current]
    for proposal in made:
        old = current.get(proposal.theme_id)
        if old is not None and old.says_the_same(proposal):
            renewed.append(proposal.under(old.id))
            continue
        if old is not None:
            retired.append(old.id)
        new.append(proposal)
    proposals.retire(connection, retired)
    proposals.revise(connection, renewed)
    proposals.add(connection, new)
