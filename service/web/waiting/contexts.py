"""What the page of waiting requests shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.web.contexts import Done, Empty
from service.web.deciding.contexts import Choice


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingRow:
    """One request that waits: what was said, by whom, how long ago, and its best items."""

    id: str
    text: str
    severity: str
    account: str
    account_link: str
    arr: float | None
    csm: str
    csm_link: str
    day: str
    waited: str
    area: str
    candidates: Sequence[Choice]
    ticked: bool
    note_link: str


@dataclass(frozen=True, slots=True)
class Option:
    """One value of a filter, with how many requests it leaves."""

    value: str
    title: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is set by a link, and the address without it."""

    title: str
    without: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingPage:
    """A page of requests that wait.

    here: this page's address, to come back to.
    skip_link: the address of the page that starts behind the first row.
    """

    total: int
    order: str
    orders: Sequence[Option]
    areas: Sequence[Option]
    severities: Sequence[Option]
    held: bool
    account: str
    csm: str
    chips: Sequence[Chip]
    filtered: bool
    rows: Sequence[WaitingRow]
    typed: str
    more_link: str
    first_link: str
    here: str
    items: Sequence[str]
    done: Done | None
    refused: str
    empty: Empty | None
