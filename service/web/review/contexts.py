"""What the review page shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.web.contexts import Done, Empty
from service.web.deciding.contexts import Answer, PickedQuote, Typed


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """The proposal at the top of the queue.

    kind: `theme` (accept or reject it?) or `requests` (do these belong to it?).
    figures: what a proposed theme weighs, or how many quotes are asked about, in words.
    answers: the likeliest first. effects: what would change by them, in sentences.
    dismissable: `no request` is not among the answers, so it has a button of its own.
    beyond: how many requests the theme has besides those shown.
    clock: how long there is, or how late it is.
    typed: what was typed for this question and refused.
    """

    kind: str
    theme_id: str
    etag: str
    label: str
    status: str
    keyphrases: Sequence[str]
    figures: str
    answers: Sequence[Answer]
    dismissable: bool
    quotes: Sequence[PickedQuote]
    beyond: int
    theme_link: str
    effects: Sequence[str]
    clock: str
    overdue: bool
    typed: Typed


@dataclass(frozen=True, slots=True)
class Instead:
    """What is shown for a question that was asked for and is open no longer.

    next_link, theme_link: the next question, and what this one was about; empty for none.
    """

    title: str
    text: str
    next_link: str
    theme_link: str


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

    others: what other people decided since the page before this one was opened.
    seen: the number of the last decision that this page knows of.
    own_link: the address of this question; `asked_for` is its name where it was opened by it.
    items: the paths of all live items; themes: names of all themes to merge into.
    """

    question: Question | None
    instead: Instead | None
    done: Done | None
    refused: str
    tally: str
    others: Sequence[str]
    seen: int
    upcoming: Sequence[Next]
    more: int
    skip_link: str
    own_link: str
    asked_for: str
    here: str
    undo_back: str
    items: Sequence[str]
    themes: Sequence[str]
    empty: Empty | None
