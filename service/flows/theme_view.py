"""Everything about one theme for a person who looks at it: members in pages, and its history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from models.errors import Conflict
from models.review import DecisionRecord as Judged
from models.review import check_undo
from models.window import Calendar, Month
from service.flows.decisions.context import etag_of, find_theme
from service.flows.pages import Page, decode_cursor, encode_cursor
from service.flows.request_rows import RequestRow, request_rows
from service.flows.requests import place_of, position_at
from service.flows.reviewing.answers import OfferedAnswer, answers_to_theme
from service.flows.senders import Senders, senders_of
from service.flows.similar_themes import SimilarTheme, similar_themes
from service.flows.theme_figures import ThemeFigures, theme_figures
from service.flows.theme_rows import ProposalRow, proposal_row
from service.masking import PUBLIC, Mask, Sight
from service.storage import decisions, ledger, proposals, theme_history, theme_members, themes
from service.storage.decisions import DecisionRecord
from service.storage.engine import Store
from service.storage.requests import Position, RequestRecord
from service.storage.theme_history import Step
from service.storage.themes import ThemeRecord

# A year, so that a season can be seen.
_MONTHS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedOn:
    """One decision on the theme; `stands_alone`: no later one on it has built on this one."""

    id: str
    action: str
    on: str
    payload: Mapping[str, Any]
    actor: str
    reason: str | None
    made_at: datetime
    undone_at: datetime | None
    undone_by: str | None
    stands_alone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ThemeView:
    """One theme.

    Attributes:
        asked_for: the id asked for where that was merged into this theme, else None.
        quarter: the last in which it was heard of.
        merged_from: the ids that this theme answers for.
        members: its exemplars, on the first page, then the newest first.
        labels: of every theme that is named in what follows.
    """

    theme: ThemeRecord
    etag: str
    proposal: ProposalRow | None
    answers: Sequence[OfferedAnswer]
    figures: ThemeFigures
    first_at: datetime | None
    quarter: str | None
    asked_for: str | None
    merged_from: Sequence[str]
    members: Page[RequestRow]
    steps: Sequence[Step]
    decisions: Sequence[DecidedOn]
    similar: Sequence[SimilarTheme]
    labels: Mapping[str, str]
    senders: Senders


def theme_view(
    store: Store,
    theme_id: str,
    *,
    now: datetime,
    today: date,
    calendar: Calendar,
    cursor: str = "",
    limit: int = 25,
    sight: Sight = PUBLIC,
) -> ThemeView:
    """One theme with a page of its members, in a fixed number of queries. An id that was merged
    away answers with the survivor.

    Raises:
        NotFound: `unknown_theme`.
        InvalidInput: `bad_cursor`.
    """
    place = decode_cursor(cursor, int, str)
    after = None if place is None else position_at(int(place[0]), str(place[1]))
    with store.read() as connection:
        asked = find_theme(connection, theme_id)
        theme = find_theme(connection, themes.survivor(connection, asked.id))
        members = _members(store, connection, theme, after, limit, sight)
        merged_from = themes.merged_from(connection, theme.id)
        steps = theme_history.steps_of(connection, theme.id)
        decided = decisions.of_themes(connection, [theme.id, *merged_from])
        proposal = _proposal(connection, theme, now)
        first, last = theme_members.first_and_last(connection, theme)
        return ThemeView(
            theme=_masked(theme, sight.mask),
            etag=etag_of(theme),
            proposal=proposal,
            answers=answers_to_theme(proposal),
            figures=theme_figures(store, connection, theme, calendar, _months(today)),
            first_at=first or theme.first_at,
            quarter=None if last is None else str(calendar.quarter_of(last)),
            asked_for=asked.id if asked.id != theme.id else None,
            merged_from=merged_from,
            members=members,
            steps=steps,
            decisions=_decisions(decided, sight.mask),
            similar=similar_themes(store, connection, theme.id),
            labels=_labels(connection, {*merged_from, *_named_in(steps, decided)}, sight.mask),
            senders=senders_of(connection, members.data),
        )


def _members(
    store: Store,
    connection: Connection,
    theme: ThemeRecord,
    after: Position | None,
    limit: int,
    sight: Sight,
) -> Page[RequestRow]:
    shown: list[RequestRecord] = []
    if after is None and theme.exemplars:
        shown = theme_members.these(connection, theme, theme.exemplars)
    further = theme_members.newest(
        connection, theme, besides=theme.exemplars, after=after, limit=limit - len(shown) + 1
    )
    more = len(shown) + len(further) > limit
    shown += further[: limit - len(shown)]
    next_cursor = encode_cursor(*place_of(shown[-1])) if more else ""
    return Page(request_rows(store, connection, shown, sight), next_cursor)


def _proposal(connection: Connection, theme: ThemeRecord, now: datetime) -> ProposalRow | None:
    live = {(item.feature_area, item.customer_need): item for item in themes.live_items(connection)}
    return proposal_row(theme, proposals.current(connection, [theme.id]).get(theme.id), live, now)


def _masked(theme: ThemeRecord, mask: Mask) -> ThemeRecord:
    return replace(theme, label=mask(theme.label), keyphrases=mask.inside(theme.keyphrases))


def _months(today: date) -> list[Month]:
    """The last ones, up to today's."""
    last = Month(today.year, today.month)
    return [last.shifted(-back) for back in reversed(range(_MONTHS))]


def _decisions(decided: Sequence[DecisionRecord], mask: Mask) -> list[DecidedOn]:
    """Newest first. Which of them was built upon elsewhere shows when it is undone."""
    standing = [decision for decision in decided if decision.undone_at is None]
    left = [Judged(d.id, d.seq, ledger.marks_left(d.replaced, d.theme_id)) for d in standing]
    return [
        DecidedOn(
            id=decision.id,
            action=decision.action,
            on=decision.theme_id or "",
            payload=mask.inside(decision.payload),
            actor=decision.actor,
            reason=mask.inside(decision.reason),
            made_at=decision.made_at,
            undone_at=decision.undone_at,
            undone_by=decision.undone_by,
            stands_alone=_stands_alone(decision, left),
        )
        for decision in reversed(decided)
    ]


def _stands_alone(decision: DecisionRecord, left: Sequence[Judged]) -> bool:
    touched = ledger.marks_to_restore(decision.replaced)
    try:
        check_undo(Judged(decision.id, decision.seq, touched, decision.undone_at), left)
    except Conflict:
        return False
    return True


def _named_in(steps: Sequence[Step], decided: Sequence[DecisionRecord]) -> set[str]:
    found = {name for step in steps for name in (step.theme_id, step.other_id) if name}
    for decision in decided:
        found |= {str(decision.payload[key]) for key in ("into", "to") if decision.payload.get(key)}
        found.update(decision.replaced["added"].get("themes", ()))
    return found


def _labels(connection: Connection, theme_ids: set[str], mask: Mask) -> dict[str, str]:
    found = theme_history.labels(connection, theme_ids)
    return {theme_id: mask(label) for theme_id, label in found.items()}
