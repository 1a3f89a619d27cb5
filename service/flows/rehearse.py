"""A dry run: what a decision would do to the signals, by doing it and keeping nothing of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol, TypedDict

from sqlalchemy import Connection

from models.account import Portfolio
from models.evidence import Evidence, Mention, Standings, independent, weigh_reports
from models.policy import Level, judge_by, lines
from models.window import Calendar
from service.flows.boards import Judging
from service.flows.signals import SignalQuery, judging_of
from service.storage import mentions, placements, themes
from service.storage.accounts import load_portfolio
from service.storage.engine import Store


class Asked(Protocol):
    """A decision that is ready to be done."""

    def carry_out(self, connection: Connection) -> None: ...


class SignalSide(TypedDict):
    """A theme on one side of the decision."""

    label: str
    feature_area: str | None
    level: str
    requests: int
    accounts: int
    at_risk_accounts: int
    arr: Decimal


class ChangedSignal(TypedDict):
    """A signal that the decision changes; None on the side where the theme is not heard.

    `gained` and `lost` are the names of accounts, sorted.
    """

    theme_id: str
    before: SignalSide | None
    after: SignalSide | None
    gained: list[str]
    lost: list[str]


class Rehearsal(TypedDict):
    """What the decision would do. The signals are of one quarter, the requests of all time.

    Attributes:
        moved: requests that go from one theme to another.
        taken_up: requests that waited and go on a theme.
        set_free: requests that leave their theme and wait.
    """

    quarter: str
    as_of: date
    policy: str
    signals: list[ChangedSignal]
    moved: int
    taken_up: int
    set_free: int


def rehearse(
    store: Store, asked: Asked, query: SignalQuery, *, today: date, calendar: Calendar
) -> Rehearsal:
    """Do the decision in a transaction of its own, look at the signals, and take it back.

    It is done by the same code as the real one, so what it says is what would happen; nothing
    is stored. Other writers wait as long as they would for the real one.

    Raises:
        GroundswellError: whatever the decision itself would be refused with.
        InvalidInput: `unknown_quarter`.
    """
    judging = judging_of(query, today=today, calendar=calendar)
    with store.rehearse() as connection:
        before = _look(connection, judging, calendar)
        asked.carry_out(connection)
        after = _look(connection, judging, calendar)
        portfolio = load_portfolio(connection)
    steps = [
        (start, after.places[key])
        for key, start in before.places.items()
        if key in after.places and start != after.places[key]
    ]
    return Rehearsal(
        quarter=str(judging.quarter),
        as_of=judging.as_of,
        policy=judging.policy.name,
        signals=_changes(before, after, _Judge(portfolio, judging)),
        moved=sum(start is not None and end is not None for start, end in steps),
        taken_up=sum(start is None for start, _ in steps),
        set_free=sum(end is None for _, end in steps),
    )


@dataclass(frozen=True, slots=True)
class _Look:
    """What was said of each theme in the quarter, how it is called, and where each request is."""

    said: Mapping[str, frozenset[Mention]]
    names: Mapping[str, tuple[str, str | None]]
    places: Mapping[str, str | None]


def _look(connection: Connection, judging: Judging, calendar: Calendar) -> _Look:
    by_theme: dict[str, list[Mention]] = {}
    for mention in mentions.in_window(connection, calendar.window(judging.quarter)):
        by_theme.setdefault(mention.theme_id, []).append(mention)
    records = themes.get_many(connection, by_theme)
    return _Look(
        said={theme_id: frozenset(said) for theme_id, said in by_theme.items()},
        names={key: (record.label, record.feature_area) for key, record in records.items()},
        places=placements.themes_of_all(connection),
    )


class _Judge:
    """Weighs and judges what was said of one theme, by the rules of the board."""

    def __init__(self, portfolio: Portfolio, judging: Judging) -> None:
        self._bars = lines(judging.policy, portfolio)
        self._standings = Standings(portfolio, judging.as_of, judging.policy.renewal_days)

    def side(self, look: _Look, theme_id: str) -> _Side | None:
        said = look.said.get(theme_id)
        if said is None:
            return None
        evidence = weigh_reports(independent(said), self._standings)
        return _Side(*look.names[theme_id], evidence, judge_by(evidence, self._bars).level)


@dataclass(frozen=True, slots=True)
class _Side:
    label: str
    feature_area: str | None
    evidence: Evidence
    level: Level

    @property
    def accounts(self) -> dict[str, str]:
        """Id -> name."""
        return {entry.account.account_id: entry.name for entry in self.evidence.accounts}

    @property
    def shown(self) -> SignalSide:
        return SignalSide(
            label=self.label,
            feature_area=self.feature_area,
            level=self.level.value,
            requests=self.evidence.requests,
            accounts=len(self.evidence.accounts),
            at_risk_accounts=len(self.evidence.at_risk),
            arr=self.evidence.arr,
        )


def _changes(before: _Look, after: _Look, judge: _Judge) -> list[ChangedSignal]:
    """Those that differ, in the order of the board as it would be; last those that go."""
    # Of what is told alike on both sides nothing needs to be weighed.
    touched = {
        theme_id
        for theme_id in before.said.keys() | after.said.keys()
        if before.said.get(theme_id) != after.said.get(theme_id)
        or before.names.get(theme_id) != after.names.get(theme_id)
    }
    pairs = {key: (judge.side(before, key), judge.side(after, key)) for key in touched}
    found = [(_place(key, *pair), _changed(key, *pair)) for key, pair in pairs.items()]
    return [
        row
        for _, row in sorted(found, key=lambda one: one[0])
        if row["before"] != row["after"] or row["gained"] or row["lost"]
    ]


def _place(theme_id: str, old: _Side | None, new: _Side | None) -> tuple[bool, int, Decimal, str]:
    shown = new or old
    assert shown is not None
    return new is None, shown.level.rank, -shown.evidence.arr, theme_id


def _changed(theme_id: str, old: _Side | None, new: _Side | None) -> ChangedSignal:
    here, there = (old.accounts if old else {}), (new.accounts if new else {})
    return ChangedSignal(
        theme_id=theme_id,
        before=old.shown if old else None,
        after=new.shown if new else None,
        gained=sorted(there[key] for key in there.keys() - here.keys()),
        lost=sorted(here[key] for key in here.keys() - there.keys()),
    )
