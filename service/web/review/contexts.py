"""What the review page shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.web.contexts import Done, Empty


@dataclass(frozen=True, slots=True)
class Choice:
    """A live item that an answer could name, and how sure the machine is of it, 0..1."""

    theme_id: str
    path: str
    confidence: float | None


@dataclass(frozen=True, slots=True)
class ReviewQuote:
    """One request of the question, to tick. `chosen` ticks it from the start."""

    id: str
    text: str
    severity: str
    severity_by: str
    account: str
    csm_id: str
    day: str
    now_on: str
    confidence: float | None
    candidates: Sequence[Choice]
    chosen: bool


@dataclass(frozen=True, slots=True)
class Effect:
    """A level that hangs on the answer."""

    label: str
    start: str
    end: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """The proposal at the top of the queue.

    kind: `theme` (accept or reject it?) or `requests` (do these belong to it?).
    proposed: the path of the item proposed; empty where a new one is.
    clock: how long there is, or how late it is.
    """

    kind: str
    theme_id: str
    etag: str
    label: str
    status: str
    keyphrases: Sequence[str]
    requests: int
    accounts: int
    csms: int
    arr: float | None
    proposed: Choice | None
    is_new: bool
    alternatives: Sequence[Choice]
    quotes: Sequence[ReviewQuote]
    effects: Sequence[Effect]
    effect_arr: float
    clock: str
    overdue: bool


@dataclass(frozen=True, slots=True)
class Next:
    """A question further down."""

    label: str
    kind: str
    effect: str
    overdue: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPage:
    """One question of the queue with everything an answer needs.

    items: the paths of all live items; themes: names of all themes to merge into.
    """

    question: Question | None
    done: Done | None
    refused: str
    upcoming: Sequence[Next]
    more: bool
    skip_link: str
    here: str
    items: Sequence[str]
    themes: Sequence[str]
    empty: Empty | None
