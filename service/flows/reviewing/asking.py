"""One question as it stands now, whatever the age of the queue that it is from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection

from models.review import overdue
from models.window import Calendar
from service.flows.decisions.context import etag_of
from service.flows.kept_items import kept_live_items
from service.flows.request_rows import RequestRow, request_rows
from service.flows.reviewing.answers import (
    OfferedAnswer,
    answers_to_requests,
    answers_to_theme,
    votes_on,
)
from service.flows.reviewing.chances import Chance
from service.flows.reviewing.impact import ChangedSignal, Judge
from service.flows.reviewing.keeping import Queue
from service.flows.reviewing.questions import Question, could_be, representative
from service.flows.reviewing.still_open import OpenQuestion
from service.flows.senders import Senders, senders_of
from service.flows.theme_figures import ThemeFigures, theme_figures
from service.flows.theme_rows import ProposalRow, proposal_row
from service.masking import Sight
from service.storage import mentions, proposals, requests, themes
from service.storage.engine import Store
from service.storage.themes import ThemeRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskQuestion:
    """The question that is asked; as a row of GET /review, but without the theme's every member.

    Attributes:
        name: what it is known by in an address.
        figures: those of a proposed theme; of an item's they are on its own page.
        signals, arr: the levels that hang on the answer, and the ARR behind the requests.
        other: the theme of the item that its requests would be on instead or as well.
        answers: the likeliest first.
    """

    kind: str
    name: str
    theme: ThemeRecord
    etag: str
    proposal: ProposalRow | None
    figures: ThemeFigures | None
    requests: Sequence[RequestRow]
    senders: Senders
    signals: Sequence[ChangedSignal]
    arr: Decimal
    other: str | None
    due_at: datetime
    overdue: bool
    answers: Sequence[OfferedAnswer]


def asked_now(
    store: Store,
    connection: Connection,
    queue: Queue,
    found: OpenQuestion,
    calendar: Calendar,
    sight: Sight,
    *,
    now: datetime,
    is_current: bool,
) -> DeskQuestion:
    """The question with what is known of it now; `is_current` where the queue is of this state."""
    proposal, figures, question, weighed = None, None, found.question, found.members
    shown = weighed
    if question.kind == "theme":
        proposal, other = _proposed(store, connection, found.theme, now)
        figures = theme_figures(store, connection, found.theme, calendar)
        weighed = requests.of_themes(connection, [found.theme.id])[found.theme.id]
        shown = representative(found.theme, weighed)
        question = replace(question, other=other)
    question = replace(
        question,
        members=[member.id for member in weighed],
        accounts=frozenset(m.account_id for m in weighed if m.account_id is not None),
    )
    rows = request_rows(store, connection, shown, sight)
    judge = _judge(connection, queue, question, found.theme)
    return DeskQuestion(
        kind=question.kind,
        name=found.question.name,
        theme=replace(found.theme, label=sight.mask(found.theme.label)),
        etag=etag_of(found.theme),
        proposal=proposal,
        figures=figures,
        requests=rows,
        senders=senders_of(connection, rows),
        signals=judge.changes(question, weighed),
        arr=judge.arr(question.accounts),
        other=question.other,
        due_at=question.due_at,
        overdue=overdue(question.due_at, now),
        answers=answers_to_theme(proposal)
        if question.kind == "theme"
        else _answers(question, rows, is_current),
    )


def _proposed(
    store: Store, connection: Connection, theme: ThemeRecord, now: datetime
) -> tuple[ProposalRow | None, str | None]:
    """What is proposed for it, and the theme of the live item that this names."""
    stored = proposals.current(connection, [theme.id]).get(theme.id)
    known = kept_live_items(store, connection)
    live = {(item.feature_area, item.customer_need): item for item in known}
    if stored is None:
        return None, None
    by_pair = {pair: item.theme_id for pair, item in live.items()}
    return proposal_row(theme, stored, live, now), could_be(stored, by_pair)[1]


def _answers(
    question: Question, rows: Sequence[RequestRow], is_current: bool
) -> list[OfferedAnswer]:
    votes = question.votes
    if not is_current:
        # As the machine sees them now, decisions since then included.
        votes = votes_on([_chance(row) for row in rows])
    return answers_to_requests(question.theme_id, [row["id"] for row in rows], votes)


def _chance(row: RequestRow) -> Chance:
    found = row["candidates"]
    return Chance([c["theme_id"] for c in found], [c["confidence"] for c in found])


def _judge(connection: Connection, queue: Queue, question: Question, theme: ThemeRecord) -> Judge:
    """With what is on the question's themes now, where that isn't what it was."""
    named = [name for name in (question.theme_id, question.other) if name is not None]
    versions = {theme.id: theme.version}
    versions |= {
        k: t.version for k, t in themes.get_many(connection, set(named) - {theme.id}).items()
    }
    window = queue.judge.window
    return queue.judge.knowing(
        {
            name: mentions.of_theme(connection, name, window)
            for name in named
            if queue.theme_versions.get(name) != versions.get(name)
        }
    )
