"""What the pages of a CSM's reports show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.web.contexts import Empty


@dataclass(frozen=True, slots=True)
class Choice:
    """A filter of the list: how many it lets through, and its link."""

    title: str
    count: int
    link: str
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedRequest:
    """One request, and what became of it.

    `what_became` and `others` are sentences; `level` is '' where the theme was not heard of in
    this quarter; `changes` says what was decided lately, newest first.
    """

    text: str
    severity: str
    account: str
    day: str
    note_link: str
    state: str
    state_title: str
    what_became: str
    theme: str
    theme_link: str
    path: str
    level: str
    level_title: str
    receipt_link: str
    recognised: str
    others: str
    changes: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportsPage:
    """A CSM's requests, newest first."""

    name: str
    csm_id: str
    own: bool
    total: int
    since: str
    state: str
    changed_only: bool
    choices: Sequence[Choice]
    rows: Sequence[ReportedRequest]
    first_link: str
    more_link: str
    empty: Empty | None


@dataclass(frozen=True, slots=True)
class Reporter:
    """One CSM to choose."""

    name: str
    csm_id: str
    requests: int
    last_day: str
    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooserPage:
    """The CSMs that answer to what was typed; all of them where nothing was."""

    typed: str
    names: Sequence[str]
    rows: Sequence[Reporter]
    empty: Empty | None
