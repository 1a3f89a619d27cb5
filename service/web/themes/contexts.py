"""What the page of a theme shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.web.contexts import Done, Empty
from service.web.deciding.contexts import Answer, PickedQuote, Typed


@dataclass(frozen=True, slots=True)
class MonthRow:
    """One month: how many requests, from how many accounts."""

    month: str
    requests: int
    accounts: int


@dataclass(frozen=True, slots=True)
class Step:
    """What happened in a run, in a sentence; `link` to the other theme, or empty."""

    day: str
    text: str
    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """One decision: when, who, what and why; `can_undo` offers to take it back."""

    id: str
    when: str
    actor: str
    what: str
    reason: str
    undone: str
    can_undo: bool
    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Similar:
    """A theme close to this one; `cosine` as people read it.

    `can_merge` offers to merge this one into it, `can_take` the other way round.
    """

    id: str
    label: str
    status: str
    link: str
    cosine: str
    remark: str
    can_merge: bool
    can_take: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ThemePage:
    """One theme with a page of its members.

    came_from: the label of the merged theme whose address led here; empty otherwise.
    fate: what ended it, where it was rejected or has faded.
    here: this page's address with its cursor; undo_back: where the last decision was made.
    """

    id: str
    etag: str
    label: str
    status: str
    origin: str
    path: str
    keyphrases: Sequence[str]
    came_from: str
    merged_from: Sequence[str]
    fate: str
    figures: Sequence[tuple[str, str]]
    signal_link: str
    answers: Sequence[Answer]
    quotes: Sequence[PickedQuote]
    more_link: str
    first_link: str
    here: str
    undo_back: str
    months: Sequence[MonthRow]
    history: Sequence[Step]
    decisions: Sequence[Decided]
    similar: Sequence[Similar]
    items: Sequence[str]
    themes: Sequence[str]
    may_decide: bool
    done: Done | None
    refused: str
    typed: Typed
    empty: Empty | None
