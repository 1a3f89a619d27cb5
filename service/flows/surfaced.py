"""When themes reached candidate, and who reported them: from all that was ever said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import Connection

from models.evidence import Mention
from models.policy import Policy
from models.process_metrics import Surfacer, Surfacing, surfacing
from models.window import Calendar, Quarter, Window
from service.flows.boards import kept_facts, kept_portfolio
from service.flows.kept import Kept
from service.flows.kept_by_theme import KeptByTheme
from service.storage import mentions, touched
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


@dataclass(frozen=True, slots=True)
class _History:
    """One theme's: when it was first asked for, who asked, and when it reached candidate."""

    began: datetime
    heard: Heard
    reached: Mapping[Quarter, date]


# After a write only the themes that it touched have their whole history read again.
_HISTORIES: KeptByTheme[_History] = KeptByTheme(most=2)
_SURFACED: Kept[Surfaced] = Kept(most=2)


def kept_surfaced(store: Store, connection: Connection, judging: Judging) -> Surfaced:
    """The history of all themes that weigh, as this snapshot of the store tells it."""
    return _SURFACED.get(store, connection, judging, lambda: _surfaced(store, connection, judging))


def _surfaced(store: Store, connection: Connection, judging: Judging) -> Surfaced:
    portfolio, calendar = kept_portfolio(store, connection), judging.calendar
    surfacer = Surfacer(portfolio, calendar=calendar, policy=judging.policy, today=judging.today)

    def look_back(theme_ids: frozenset[str] | None) -> dict[str, _History]:
        said = mentions.by_theme(connection, _EVER, theme_ids)
        return {theme_id: _history(found, surfacer) for theme_id, found in said.items()}

    asked = (judging, touched.portfolio_version(connection))
    histories = _HISTORIES.get(store, connection, asked, look_back)
    weighing = {key: histories[key] for key in kept_facts(store, connection) if key in histories}
    when = surfacing({theme_id: theme.reached for theme_id, theme in weighing.items()})
    return Surfaced(
        when,
        days={
            theme_id: (day - calendar.local_day(histories[theme_id].began)).days
            for theme_id, (_, day) in when.first.items()
        },
        heard={theme_id: theme.heard for theme_id, theme in weighing.items()},
        active_csms=frozenset(key for key, csm in portfolio.csms.items() if csm.active),
    )


def _history(said: Sequence[Mention], surfacer: Surfacer) -> _History:
    accounts = {mention.account_id for mention in said} - {None}
    return _History(
        began=min(mention.occurred_at for mention in said),
        heard=Heard(len({mention.csm_id for mention in said}), len(accounts)),
        reached=surfacer.days(said),
    )
