"""`GET /loop`: what became of each request that one CSM reported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypedDict

from sqlalchemy import Connection

from models.errors import NotFound
from models.loop import LoopState, loop_state
from models.policy import Policy
from models.raw_fields import one_of, parse_date
from models.theme import Delivery, ThemeStatus
from models.window import FIRST_YEAR, LAST_YEAR, Calendar
from service.flows.boards import Judging as JudgedBy
from service.flows.boards import kept_board
from service.flows.kept import Kept
from service.flows.loop_changes import ChangeRow, changes_of, touched_by
from service.flows.pages import decode_cursor, encode_cursor
from service.flows.requests import place_of, position_at
from service.flows.surfaced import Heard, Judging, Surfaced, kept_surfaced
from service.masking import PUBLIC, Sight
from service.storage import reported, themes
from service.storage.accounts import ACCOUNTS, CSMS
from service.storage.engine import Store
from service.storage.requests import RequestRecord
from service.storage.themes import ThemeRecord

LOOK_BACK_DAYS = 30


class OthersRow(TypedDict):
    """Who reported a theme, this CSM among them."""

    csms: int
    accounts: int


class LoopThemeRow(TypedDict):
    """The theme that a request is on, as it stands now.

    `level` is that of today's quarter, None where nobody was heard in it; `recognised_at` the
    first day ever on which it reached candidate; `merged_from` the labels of themes that were
    merged into it; `delivered_at` when product last said something of it.
    """

    id: str
    label: str
    status: str
    feature_area: str | None
    customer_need: str | None
    level: str | None
    recognised_at: date | None
    delivery: dict[str, str | None]
    delivered_at: datetime | None
    reported_by: OthersRow
    merged_from: list[str]


class LoopRow(TypedDict):
    """One request, where it went, and what changed of it since the day asked about."""

    id: str
    note_id: str | None
    account_id: str | None
    account_name: str | None
    occurred_at: datetime
    text: str
    severity: str
    state: str
    unclassified_area: str | None
    theme: LoopThemeRow | None
    changes: list[ChangeRow]


class LoopAnswer(TypedDict):
    """A CSM's requests, newest first.

    `states` and `changed` count all of them, whatever the filter.
    """

    csm_id: str
    name: str | None
    quarter: str
    since: date
    states: dict[str, int]
    changed: int
    data: list[LoopRow]
    next_cursor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopQuery:
    """Whose requests, of which state (None: all), and since when changes are told.

    `changed` leaves out those that no decision has touched since.

    `since` is a day as text, 30 days before today where it is left out.
    """

    csm_id: str
    state: str | None = None
    since: str | None = None
    changed: bool = False
    cursor: str = ""
    limit: int = 100


def loop(
    store: Store,
    query: LoopQuery,
    *,
    today: date,
    calendar: Calendar,
    policy: Policy,
    sight: Sight = PUBLIC,
) -> LoopAnswer:
    """What became of what this CSM reported.

    Raises:
        NotFound: `unknown_csm`; not for a CSM that asks for their own, of whom nothing is
            known yet.
        InvalidInput: `unknown_state`, `bad_date`, `bad_cursor`.
    """
    states = tuple(LoopState)
    state = one_of(query.state, "state", states, code="unknown_state") if query.state else None
    since = _in_reach(
        parse_date(query.since, "since") if query.since else today - timedelta(days=LOOK_BACK_DAYS)
    )
    place = decode_cursor(query.cursor, int, str)
    after = None if place is None else position_at(int(place[0]), str(place[1]))
    with store.read() as connection:
        found_csm = CSMS.find(connection, {query.csm_id}).get(query.csm_id)
        known = found_csm.value if found_csm else None
        if known is None and sight.own_csm_id != query.csm_id:
            raise NotFound("There is no CSM with this id.", code="unknown_csm", field="csm_id")
        changes = reported.changes_since(connection, calendar.days_window(since, since).start)
        touched = touched_by(changes)
        found = reported.page(
            connection,
            query.csm_id,
            state=state,
            touched=touched if query.changed else None,
            after=after,
            limit=query.limit + 1,
        )
        shown = found[: query.limit]
        judging = Judging(today, calendar, policy)
        drawing = _Drawing(store, connection, judging, sight)
        rows = drawing.rows(shown, changes_of(changes, shown, sight))
        counts = reported.tally(connection, query.csm_id)
        changed = reported.count_touched(connection, query.csm_id, touched)
    more = len(found) > query.limit and bool(shown)
    return LoopAnswer(
        csm_id=query.csm_id,
        name=known.name if known else None,
        quarter=str(calendar.quarter_of_day(today)),
        since=since,
        states={one.value: counts.get(one.value, 0) for one in LoopState},
        changed=changed,
        data=rows,
        next_cursor=encode_cursor(*place_of(shown[-1])) if more else "",
    )


def _in_reach(day: date) -> date:
    """The day, or the nearest one whose midnight every time zone can tell."""
    return min(max(day, date(FIRST_YEAR, 1, 1)), date(LAST_YEAR, 1, 1))


class ReporterRow(TypedDict):
    """One CSM, and how much they reported."""

    csm_id: str
    name: str | None
    active: bool
    requests: int
    last_at: datetime | None


def reporters(store: Store) -> list[ReporterRow]:
    """Every CSM on record, by name, then id."""
    with store.read() as connection:
        return _REPORTERS.get(store, connection, None, lambda: _reporters(connection))


_REPORTERS: Kept[list[ReporterRow]] = Kept(most=1)


def _reporters(connection: Connection) -> list[ReporterRow]:
    known = CSMS.every(connection)
    counts = reported.reporters(connection)
    rows = [
        ReporterRow(
            csm_id=csm_id,
            name=csm.name,
            active=csm.active,
            requests=counts[csm_id].requests if csm_id in counts else 0,
            last_at=counts[csm_id].last_at if csm_id in counts else None,
        )
        for csm_id, csm in known.items()
    ]
    return sorted(rows, key=lambda row: ((row["name"] or row["csm_id"]).casefold(), row["csm_id"]))


@dataclass(frozen=True, slots=True)
class _Standing:
    """How themes stand: everything that is told of them, by theme."""

    records: Mapping[str, ThemeRecord]
    levels: Mapping[str, str]
    surfaced: Surfaced
    delivered: Mapping[str, datetime]
    merged_from: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class _Drawing:
    """What the rows of one answer share."""

    store: Store
    connection: Connection
    judging: Judging
    sight: Sight

    def rows(
        self, records: Sequence[RequestRecord], changes: Mapping[str, list[ChangeRow]]
    ) -> list[LoopRow]:
        """The rows of these requests, in a fixed number of queries."""
        standing = self._standing({record.theme_id for record in records if record.theme_id})
        told_of = {record.account_id for record in records if record.account_id}
        accounts = ACCOUNTS.find(self.connection, told_of)
        names = {account_id: known.value.name for account_id, known in accounts.items()}
        return [self._row(record, standing, names, changes[record.id]) for record in records]

    def _row(
        self,
        record: RequestRecord,
        standing: _Standing,
        names: Mapping[str, str | None],
        changes: list[ChangeRow],
    ) -> LoopRow:
        theme = standing.records.get(record.theme_id) if record.theme_id else None
        return LoopRow(
            id=record.id,
            note_id=record.note_id,
            account_id=record.account_id,
            account_name=names.get(record.account_id) if record.account_id else None,
            occurred_at=record.occurred_at,
            text=self.sight.request_text(record.text, record.csm_id),
            severity=record.severity,
            state=loop_state(
                dismissed=record.dismissed,
                status=ThemeStatus(theme.status) if theme else None,
                delivery=Delivery.from_dict(theme.delivery if theme else {}).state,
            ).value,
            unclassified_area=record.unclassified_area if theme is None else None,
            theme=self._theme(theme, standing) if theme else None,
            changes=changes,
        )

    def _theme(self, record: ThemeRecord, standing: _Standing) -> LoopThemeRow:
        heard = standing.surfaced.heard.get(record.id, Heard(0, 0))
        first = standing.surfaced.when.first.get(record.id)
        return LoopThemeRow(
            id=record.id,
            label=self.sight.mask(record.label),
            status=record.status,
            feature_area=record.feature_area,
            customer_need=record.customer_need,
            level=standing.levels.get(record.id),
            recognised_at=first[1] if first else None,
            delivery=Delivery.from_dict(record.delivery).as_dict(),
            delivered_at=standing.delivered.get(record.id),
            reported_by=OthersRow(csms=heard.csms, accounts=heard.accounts),
            merged_from=self.sight.mask.inside(list(standing.merged_from.get(record.id, ()))),
        )

    def _standing(self, theme_ids: set[str]) -> _Standing:
        judging = self.judging
        quarter = judging.calendar.quarter_of_day(judging.today)
        board = kept_board(
            self.store,
            self.connection,
            JudgedBy(quarter, judging.today, judging.policy),
            calendar=judging.calendar,
        )
        return _Standing(
            records=themes.get_many(self.connection, theme_ids),
            levels={signal.theme.theme_id: signal.level.value for signal in board.signals},
            surfaced=kept_surfaced(self.store, self.connection, judging),
            delivered=reported.delivered_at(self.connection),
            merged_from=themes.labels_merged_into(self.connection, theme_ids),
        )
