"""What the pages of notes show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.web.contexts import Done, Empty


@dataclass(frozen=True, slots=True)
class Piece:
    """Some text; `marked` where it is what was looked for."""

    text: str
    marked: bool


@dataclass(frozen=True, slots=True)
class NoteHit:
    """One note that was found."""

    link: str
    account: str
    csm: str
    day: str
    source: str
    external_id: str
    language: str
    state: str
    requests: int
    excerpt: Sequence[Piece]


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillPanel:
    """The place where a file is dropped.

    kinds, exports, encodings: (value, title) of what can be chosen; `kind` is chosen.
    waiting: how many notes wait to be read; `idle` where nobody reads any at this moment.
    most: the largest file that is taken in one piece, in words.
    kept: (address, words) of what became of this person's last files.
    """

    kinds: Sequence[tuple[str, str]]
    exports: Sequence[tuple[str, str]]
    kind: str
    encodings: Sequence[tuple[str, str]]
    encoding: str
    waiting: int
    idle: bool
    most: str
    open: bool
    kept: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotesPage:
    """A search in all notes.

    query: what was asked, by parameter; `choices` the options of each select, (value, title).
    range: which notes of how many are shown; hints: what to know about the search itself.
    """

    query: Mapping[str, str]
    choices: Mapping[str, Sequence[tuple[str, str]]]
    filtered: bool
    total: int
    hints: Sequence[str]
    rows: Sequence[NoteHit]
    first_link: str
    next_link: str
    backfill: BackfillPanel | None
    empty: Empty | None


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of the note's text under the same requests; none of them where it is no request.

    number: of the last that begins, as it is listed; 0 for none. target: its id in the list.
    anchors: ids of the requests that begin here.
    """

    text: str
    number: int
    severity: str
    anchors: Sequence[str]
    target: str


@dataclass(frozen=True, slots=True)
class Runner:
    """A live item that a request could be on, and how sure the machine is, 0..1."""

    theme_id: str
    path: str
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestCard:
    """One request of a note.

    where: where it went, in words; `theme` the name of that, with its two links.
    why: sentences. undo: (decision id, what it undoes) of a person's last word on it.
    """

    id: str
    number: int
    text: str
    severity: str
    severity_by: str
    where: str
    state: str
    theme: str
    theme_link: str
    receipt_link: str
    why: Sequence[str]
    runners: Sequence[Runner]
    dismissed: bool
    undo: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed into a form that was refused, to be shown again."""

    action: str = "add"
    quote: str = ""
    severity: str = "degraded"
    item: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotePage:
    """One note with its requests.

    may_review: the reader may add to it and decide. marked: False where the words are masked so
    that places in them can't be told.
    """

    id: str
    title: str
    facts: Sequence[tuple[str, str]]
    reading: str
    language: str
    masked: bool
    marked: bool
    segments: Sequence[Segment]
    cards: Sequence[RequestCard]
    dismissed: Sequence[RequestCard]
    may_review: bool
    revision: int
    items: Sequence[str]
    severities: Sequence[str]
    typed: Typed
    refused: str
    done: Done | None
    here: str


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that was not taken: its number, why, and how it begins."""

    line: int
    code: str
    message: str
    begins: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillPage:
    """What became of a file, or the form alone (`file` empty).

    is_gone: the file that was asked for is kept no longer.
    sent: how much of it was, where it was cut off, or is known, where `is_partly_known`;
    own_link: its address for the next hour.
    counts: (title, number). list_link, lines_link: the bad lines as files, within the address.
    """

    panel: BackfillPanel
    file: str
    refused: str
    is_gone: bool
    sent: str
    is_partly_known: bool
    own_link: str
    counts: Sequence[tuple[str, int]]
    bad: Sequence[BadLine]
    more_bad: int
    list_link: str
    lines_link: str
    lines_name: str
    ignored: Sequence[str]
