"""When themes reached candidate, and who reported them: from all that was ever said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import Connection

from models.evidence import Mention
from models.policy import Policy
from models.process_metrics import Surfacing, surfacing
from models.window import Calendar, Window
from service.flows.kept import Kept
from service.storage import mentions
from service.storage.accounts import load_portfolio
from service.storage.engine import Store

_EVER = Window(datetime(1900, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC))


@dataclass(frozen=True)
class Judging:
    """What themes are judged by, besides what is stored."""

    today: date
    calendar: Calendar
    policy: Policy


@dataclass(frozen=True, slots=True)
class Heard:
    """Who reported a theme, in whatever quarter: distinct CSMs and accounts."""

    csms: int
    accounts: int


@dataclass(frozen=True, slots=True)
class Surfaced:
    """Attributes:
    when: when each theme reached candidate.
    days: for those that did, the days from its first request to the first time.
    heard: who reported each theme.
    active_csms: ids of the team.
    """

    when: Surfacing
    days: Mapping[str, int]
    heard: Mapping[str, Heard]
    active_csms: frozenset[str]


# A store's whole history is read for it, so it is worked out once for each state of the store.
_SURFACED: Kept[Surfaced] = Kept(most=2)


def kept_surfaced(store: Store, connection: Connection, judging: Judging) -> Surfaced:
    """All themes' history, as this snapshot of the store tells it."""
    return _SURFACED.get(store, connection, judging, lambda: _surfaced(connection, judging))


def _surfaced(connection: Connection, judging: Judging) -> Surfaced:
    portfolio, calendar = load_portfolio(connection), judging.calendar
    said = mentions.in_window(connection, _EVER)
    when = surfacing(said, portfolio, calendar=calendar, policy=judging.policy, today=judging.today)
    firsts = mentions.first_reported(connection)
    return Surfaced(
        when,
        days={
            theme_id: (day - calendar.local_day(firsts[theme_id])).days
            for theme_id, (_, day) in when.first.items()
        },
        heard=_heard(said),
        active_csms=frozenset(key for key, csm in portfolio.csms.items() if csm.active),
    )


def _heard(said: Iterable[Mention]) -> dict[str, Heard]:
    csms: dict[str, set[str]] = {}
    accounts: dict[str, set[str]] = {}
    for mention in said:
        csms.setdefault(mention.theme_id, set()).add(mention.csm_id)
        if mention.account_id is not None:
            accounts.setdefault(mention.theme_id, set()).add(mention.account_id)
    return {
        theme_id: Heard(len(found), len(accounts.get(theme_id, ())))
        for theme_id, found in csms.items()
    }
