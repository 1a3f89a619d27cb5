"""What CS Ops can be asked: proposed themes, doubtful assignments, and what waits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from models.review import due_at
from service.flows.reviewing.answers import Vote, votes_on
from service.flows.reviewing.chances import Chances
from service.flows.reviewing.gains import Gains, Open
from service.storage import proposals, requests, themes
from service.storage.engine import Store
from service.storage.proposals import ProposalRecord
from service.storage.requests import RequestRecord
from service.storage.themes import ThemeRecord

# A row holds at most so many requests.
MOST = 12
# The machine's own assignments below this confidence are shown to be confirmed or moved.
SURE = 0.9
# What came with an accepted group is asked about where the machine has found less for it.
_STRANGE = 0.35
# A row holds what gains at least this share of what its first request does.
_MUCH = 0.05


@dataclass(frozen=True, slots=True)
class Question:
    """One row of the queue before it is shown; ids alone, so that it can be kept.

    Attributes:
        kind: `theme` (accept or reject it?) or `requests` (do they belong to it?).
        members: all the requests it is about; `shown` those of them that the row holds.
        accounts: who made them.
        other: where they would go instead or as well: the item proposed, or the runner-up.
        gain: what an answer is expected to set right among the signals (see `Gains`).
        votes: what the requests are expected to be, most of them first; of a theme none.
    """

    kind: str
    theme_id: str
    members: Sequence[str]
    shown: Sequence[str]
    accounts: frozenset[str]
    other: str | None
    due_at: datetime
    gain: float
    votes: Sequence[Vote] = ()

    @property
    def name(self) -> str:
        """What it is known by in an address: its theme and, of requests, the first of them."""
        return f"{self.theme_id}.{self.shown[0]}" if self.kind == "requests" else self.theme_id


def questions(store: Store, connection: Connection, gains: Gains) -> list[Question]:
    """Everything that nobody has answered yet, in no order."""
    open_themes = themes.proposed(connection)
    members = requests.of_themes(connection, [theme.id for theme in open_themes])
    doubtful = requests.doubtful(connection, below=SURE)
    in_groups = set().union(*themes.groups(connection).values())
    waiting = [
        record
        for record in requests.waiting(connection)
        if record.text and record.id not in in_groups
    ]
    chances = Chances(store, connection)
    chances.judge([*doubtful, *waiting])
    doubtful = [
        record
        for record in doubtful
        if not record.bound or chances.of(record).of(record.theme_id) < _STRANGE
    ]
    first = chances.first(waiting)
    asked = [record for record in waiting if record.id in first]
    about = {record.id: record.theme_id or first[record.id] for record in [*doubtful, *asked]}
    weighed = gains.of_requests(
        [Open(record, record.theme_id, chances.of(record)) for record in [*doubtful, *asked]]
    )
    received = requests.received_at(connection, about)
    found = list(_proposed(connection, open_themes, members, gains))
    for group in (doubtful, asked):
        found.extend(_rows([weighed[record.id] for record in group], about, received))
    return found


def _proposed(
    connection: Connection,
    open_themes: Sequence[ThemeRecord],
    members: Mapping[str, Sequence[RequestRecord]],
    gains: Gains,
) -> Iterator[Question]:
    current = proposals.current(connection, [theme.id for theme in open_themes])
    live = {
        (item.feature_area, item.customer_need): item.theme_id
        for item in themes.live_items(connection)
    }
    for theme in open_themes:
        inside = members[theme.id]
        if not inside:
            continue
        proposal = current.get(theme.id)
        likely, item = could_be(proposal, live) if proposal is not None else ({}, None)
        due = proposal.due_at if proposal is not None else due_at(theme.created_at)
        shown = representative(theme, inside)
        yield Question(
            "theme",
            theme.id,
            [member.id for member in inside],
            [member.id for member in shown],
            _accounts(inside),
            item,
            due,
            gains.of_theme(theme, inside, likely),
        )


def could_be(
    proposal: ProposalRecord, live: Mapping[tuple[str, str], str]
) -> tuple[dict[str, float], str | None]:
    """The live items that a theme could be, with the confidence in each; and the one proposed."""
    items = {*live.values()}
    found = {
        str(other["theme_id"]): float(other["confidence"])
        for other in proposal.alternatives
        if other["theme_id"] in items
    }
    own = live.get((proposal.feature_area or "", proposal.customer_need or ""))
    if own is not None:
        found[own] = proposal.confidence
    return found, own


def representative(theme: ThemeRecord, members: Sequence[RequestRecord]) -> list[RequestRecord]:
    """Of all members those that a row shows: the exemplars, then those the machine is surest of."""
    place = {request_id: number for number, request_id in enumerate(theme.exemplars)}
    ordered = sorted(
        members,
        key=lambda m: (place.get(m.id, len(place)), -(m.confidence or 0.0), m.id),
    )
    return ordered[:MOST]


def _rows(
    asked: Sequence[Open], about: Mapping[str, str], received: Mapping[str, datetime]
) -> Iterator[Question]:
    """Rows of at most `MOST` requests of one theme, those with most to gain first."""
    by_theme: dict[str, list[Open]] = {}
    for one in asked:
        by_theme.setdefault(about[one.record.id], []).append(one)
    for theme_id, group in sorted(by_theme.items()):
        group.sort(key=lambda one: (-one.gain, one.record.id))
        while group:
            shown, gain = _worth_asking(group)
            group = group[len(shown) :]
            ids = [one.record.id for one in shown]
            oldest = min(received.get(one.record.id, one.record.occurred_at) for one in shown)
            yield Question(
                "requests",
                theme_id,
                ids,
                ids,
                _accounts([one.record for one in shown]),
                _runner_up(shown, theme_id),
                due_at(oldest),
                gain,
                votes_on([one.chance for one in shown]),
            )


def _worth_asking(group: Sequence[Open]) -> tuple[Sequence[Open], float]:
    """The first of these with those that gain a fair part of it; and the gain for each answer.

    A row takes one answer for each place where its requests belong. What gains little would
    only stand between.
    """
    floor = _MUCH * group[0].gain
    shown = [one for one in group[:MOST] if one.gain >= floor]
    apart: dict[str, float] = {}
    for one in shown:
        for theme, share in zip(one.chance.themes, one.chance.shares, strict=True):
            apart[theme] = apart.get(theme, 1.0) * (1.0 - share)
        apart[""] = apart.get("", 1.0) * (1.0 - one.chance.none)
    answers = max(1.0, sum(1.0 - never for never in apart.values()))
    return shown, sum(one.gain for one in shown) / answers


def _accounts(records: Sequence[RequestRecord]) -> frozenset[str]:
    return frozenset(r.account_id for r in records if r.account_id is not None)


def _runner_up(shown: Sequence[Open], theme_id: str) -> str | None:
    """The item, besides this one, that most of these requests are expected to belong to."""
    votes: dict[str, float] = {}
    for one in shown:
        for theme, share in zip(one.chance.themes, one.chance.shares, strict=True):
            if theme != theme_id:
                votes[theme] = votes.get(theme, 0.0) + share
    return min(votes, key=lambda name: (-votes[name], name), default=None)
