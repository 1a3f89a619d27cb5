"""What fits no item, by month, area and severity, and the candidates for new items in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import TypedDict

from sqlalchemy import Connection

from models.window import Calendar, Month, parse_quarter
from service.flows.decisions.context import etag_of
from service.flows.runs.groups import LEAST
from service.masking import PUBLIC, Sight
from service.storage import requests, themes, unclassified
from service.storage.engine import Store
from service.storage.unclassified import Waiting

# So many quotes speak for a candidate; the rest is on its own page.
QUOTES = 4


class TagRow(TypedDict):
    """One month and guessed area (None: there is no guess): requests by severity, all of them.

    `candidates` are the severities that are reported so often that they ask for an item, with
    the theme of the group, or '' where the next run makes one.
    """

    month: str
    feature_area: str | None
    blocking: int
    degraded: int
    minor: int
    requests: int
    candidates: dict[str, str]


class QuoteRow(TypedDict):
    """One request of a candidate."""

    id: str
    note_id: str | None
    text: str
    account_id: str | None
    occurred_at: datetime


class CandidateRow(TypedDict):
    """An Unclassified group that waits for an answer."""

    theme_id: str
    etag: str
    label: str
    month: str
    feature_area: str
    severity: str
    requests: int
    accounts: int
    quotes: list[QuoteRow]


class UnclassifiedAnswer(TypedDict):
    """A quarter's Unclassified; `elsewhere` are the open candidates of other quarters."""

    quarter: str
    tags: list[TagRow]
    candidates: list[CandidateRow]
    all_candidates: int
    elsewhere: dict[str, int]


def unclassified_by_month(
    store: Store,
    quarter: str | None,
    *,
    today: date,
    calendar: Calendar,
    start: int = 0,
    limit: int = 30,
    sight: Sight = PUBLIC,
) -> UnclassifiedAnswer:
    """What waits in a quarter (default today's): the counts, and its candidates, largest first,
    from place `start`.

    Raises:
        InvalidInput: `unknown_quarter`.
    """
    asked = parse_quarter(quarter) if quarter else calendar.quarter_of_day(today)
    with store.read() as connection:
        waiting = unclassified.waiting_in(connection, calendar.window(asked))
        opened = unclassified.open_groups_since(connection)
        groups: dict[str, list[Waiting]] = {}
        for one in waiting:
            if one.group is not None:
                groups.setdefault(one.group, []).append(one)
        ordered = sorted(groups.items(), key=lambda pair: (-len(pair[1]), pair[0]))
        shown = dict(ordered[start : start + limit])
        candidates = _candidates(connection, shown, calendar, sight)
    return UnclassifiedAnswer(
        quarter=str(asked),
        tags=_tags(waiting, calendar),
        candidates=candidates,
        all_candidates=len(groups),
        elsewhere=_elsewhere(opened, groups.keys(), calendar),
    )


def open_candidates(store: Store) -> int:
    """How many Unclassified groups wait for an answer."""
    with store.read() as connection:
        return len(unclassified.open_groups_since(connection))


def _month(one: Waiting, calendar: Calendar) -> str:
    day = calendar.local_day(one.occurred_at)
    return str(Month(day.year, day.month))


def _tags(waiting: Sequence[Waiting], calendar: Calendar) -> list[TagRow]:
    counts: dict[tuple[str, str | None], Counter[str]] = {}
    groups: dict[tuple[str, str | None], dict[str, str]] = {}
    for one in waiting:
        tag = (_month(one, calendar), one.area)
        counts.setdefault(tag, Counter())[one.severity] += 1
        if one.group is not None:
            groups.setdefault(tag, {})[one.severity] = one.group
    # The newest month first; in it by area, and last what has none.
    ordered = sorted(counts, key=lambda tag: (tag[1] is None, tag[1] or ""))
    return [
        TagRow(
            month=tag[0],
            feature_area=tag[1],
            blocking=counts[tag]["blocking"],
            degraded=counts[tag]["degraded"],
            minor=counts[tag]["minor"],
            requests=counts[tag].total(),
            candidates={
                severity: groups.get(tag, {}).get(severity, "")
                for severity, count in counts[tag].items()
                if tag[1] is not None and count >= LEAST
            },
        )
        for tag in sorted(ordered, key=lambda tag: tag[0], reverse=True)
    ]


def _candidates(
    connection: Connection,
    groups: dict[str, list[Waiting]],
    calendar: Calendar,
    sight: Sight,
) -> list[CandidateRow]:
    records = themes.get_many(connection, groups)
    chosen = [one.request_id for members in groups.values() for one in members[:QUOTES]]
    quoted = requests.get_many(connection, chosen)
    return [
        CandidateRow(
            theme_id=theme_id,
            etag=etag_of(records[theme_id]),
            label=records[theme_id].label,
            month=_month(members[0], calendar),
            feature_area=members[0].area or "",
            severity=members[0].severity,
            requests=len(members),
            accounts=len({one.account_id for one in members if one.account_id is not None}),
            quotes=[
                QuoteRow(
                    id=one.request_id,
                    note_id=quoted[one.request_id].note_id,
                    text=sight.request_text(
                        quoted[one.request_id].text, quoted[one.request_id].csm_id
                    ),
                    account_id=one.account_id,
                    occurred_at=one.occurred_at,
                )
                for one in members[:QUOTES]
            ],
        )
        for theme_id, members in groups.items()
    ]


def _elsewhere(
    opened: dict[str, datetime], shown: Collection[str], calendar: Calendar
) -> dict[str, int]:
    found = Counter(
        str(calendar.quarter_of(at)) for theme_id, at in opened.items() if theme_id not in shown
    )
    return dict(sorted(found.items(), reverse=True))
