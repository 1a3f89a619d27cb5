"""What CS Ops can be asked: proposed themes, doubtful assignments, and what waits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import Connection

from models.review import due_at
from service.flows.candidates import current_encoder
from service.flows.item_index import kept_items
from service.storage import proposals, requests, themes, vectors
from service.storage.engine import Store
from service.storage.requests import RequestRecord
from service.storage.themes import ThemeRecord

# A row holds at most so many requests.
MOST = 12
# Of a cluster either answer is as likely. Of an Unclassified group nothing but its tag says that
# it is one thing; a row that hardly can change anything still comes before one that can't.
_EVEN, _RARE, _LEAST = 0.5, 0.1, 0.01
# The machine's own assignments below this confidence are shown to be confirmed or moved.
SURE = 0.75


@dataclass(frozen=True, slots=True)
class Question:
    """One row of the queue before it is shown.

    Attributes:
        kind: `theme` (accept or reject it?) or `requests` (do they belong to it?).
        members: all the requests it is about; `shown` those of them that the row holds.
        other: where they would go instead or as well: the theme proposed, or the runner-up.
        likelihood: how likely, 0..1, it is that the answer changes what is on the board.
    """

    kind: str
    theme_id: str
    members: Sequence[RequestRecord]
    shown: Sequence[RequestRecord]
    other: str | None
    due_at: datetime
    likelihood: float


def questions(store: Store, connection: Connection) -> list[Question]:
    """Everything that nobody has answered yet, in no order."""
    found = list(_proposed(connection))
    best = _BestItems(store, connection)
    doubtful = requests.doubtful(connection, below=SURE)
    in_groups = set().union(*themes.groups(connection).values())
    waiting = [
        record
        for record in requests.waiting(connection)
        if record.text and record.id not in in_groups
    ]
    best.rank([*doubtful, *waiting])
    wrong = {record.id: 1.0 - (record.confidence or 0.0) for record in doubtful}
    own = {record.id: record.theme_id for record in doubtful}
    found.extend(_by_theme(doubtful, own, wrong, best, connection))
    first = {record.id: best.of(record)[0] for record in waiting if best.of(record)}
    asked = [record for record in waiting if record.id in first]
    right = {record.id: best.confidence(record) for record in asked}
    found.extend(_by_theme(asked, first, right, best, connection))
    return found


def _proposed(connection: Connection) -> Iterator[Question]:
    open_themes = themes.proposed(connection)
    ids = [theme.id for theme in open_themes]
    members = requests.of_themes(connection, ids)
    current = proposals.current(connection, ids)
    live = {
        (item.feature_area, item.customer_need): item.theme_id
        for item in themes.live_items(connection)
    }
    for theme in open_themes:
        inside = members[theme.id]
        if not inside:
            continue
        proposal = current.get(theme.id)
        item = None
        if proposal is not None:
            item = live.get((proposal.feature_area or "", proposal.customer_need or ""))
        due = proposal.due_at if proposal is not None else due_at(theme.created_at)
        shown = _representative(theme, inside)
        likely = _RARE if theme.origin == "unclassified" else _EVEN
        yield Question("theme", theme.id, inside, shown, item, due, likely)


def _representative(theme: ThemeRecord, members: Sequence[RequestRecord]) -> list[RequestRecord]:
    """The exemplars, then those the machine is surest of."""
    place = {request_id: number for number, request_id in enumerate(theme.exemplars)}
    ordered = sorted(
        members,
        key=lambda m: (place.get(m.id, len(place)), -(m.confidence or 0.0), m.id),
    )
    return ordered[:MOST]


class _BestItems:
    """The best live items of requests, by stored vectors under the current encoder."""

    def __init__(self, store: Store, connection: Connection) -> None:
        self._connection = connection
        encoder = current_encoder(connection)
        self._encoder = encoder
        self._indexed = kept_items(store, connection, encoder) if encoder else None
        self._names: dict[str, list[str]] = {}
        self._sure: dict[str, float] = {}

    def rank(self, records: Sequence[RequestRecord]) -> None:
        """Rank the items for these requests; those without a vector have none."""
        if self._indexed is None or self._indexed.index is None or not self._encoder:
            return
        keys = {record.vector_key for record in records}
        found = vectors.load(self._connection, keys, self._encoder)
        known = [record for record in records if record.vector_key in found]
        if not known:
            return
        rows = np.vstack([found[record.vector_key] for record in known])
        ranking = self._indexed.index.rank(rows)
        for record, names, row in zip(known, ranking.theme_ids, ranking.confidences, strict=True):
            self._names[record.id] = names
            self._sure[record.id] = float(row[0]) if len(row) else 0.0

    def of(self, record: RequestRecord) -> list[str]:
        """Themes of the best items, best first."""
        return self._names.get(record.id, [])

    def confidence(self, record: RequestRecord) -> float:
        """That of the best item."""
        return self._sure.get(record.id, 0.0)

    def runner_up(self, records: Sequence[RequestRecord], theme_id: str) -> str | None:
        """The item that most of these requests have as their best other one."""
        votes: dict[str, int] = {}
        for record in records:
            other = next((name for name in self.of(record) if name != theme_id), None)
            if other is not None:
                votes[other] = votes.get(other, 0) + 1
        return min(votes, key=lambda name: (-votes[name], name), default=None)


def _by_theme(
    records: Sequence[RequestRecord],
    theme_of: Mapping[str, str | None],
    chance: Mapping[str, float],
    best: _BestItems,
    connection: Connection,
) -> Iterator[Question]:
    """Rows of at most `MOST` requests of one theme, the surest of an item first.

    `chance` is how likely the answer on a request is to change where it is.
    """
    received = requests.received_at(connection, [record.id for record in records])
    by_theme: dict[str, list[RequestRecord]] = {}
    for record in records:
        theme_id = theme_of[record.id]
        if theme_id is not None:
            by_theme.setdefault(theme_id, []).append(record)
    for theme_id, group in sorted(by_theme.items()):
        group.sort(key=lambda record: (-best.confidence(record), record.id))
        for start in range(0, len(group), MOST):
            shown = group[start : start + MOST]
            oldest = min(received.get(record.id, record.occurred_at) for record in shown)
            other = best.runner_up(shown, theme_id)
            likely = max(_LEAST, sum(chance[record.id] for record in shown) / len(shown))
            yield Question("requests", theme_id, shown, shown, other, due_at(oldest), likely)
