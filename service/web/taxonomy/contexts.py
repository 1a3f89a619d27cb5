"""What the taxonomy's pages show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from service.web.contexts import Done, Empty


@dataclass(frozen=True, slots=True)
class Heard:
    """How often one severity was heard in the quarter: independent reports, and accounts."""

    severity: str
    requests: int
    accounts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemLine:
    """One item of the tree. The links are empty where it is not live."""

    need: str
    link: str
    description: str
    example: str
    status: str
    level: str
    level_title: str
    signal_link: str
    theme_link: str
    heard: Sequence[Heard]
    accounts: int


@dataclass(frozen=True, slots=True)
class Area:
    """An area with its needs."""

    name: str
    requests: int
    items: Sequence[ItemLine]


@dataclass(frozen=True, slots=True)
class ItemForm:
    """What is typed of an item, kept where it was refused."""

    area: str = ""
    need: str = ""
    description: str = ""
    examples: str = ""
    into: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What the pages of the taxonomy have in common.

    here: this page's own address, to come back to after an undo.
    """

    quarter: str
    previous_quarter: str
    previous_link: str
    next_quarter: str
    next_link: str
    tree_link: str
    unclassified_link: str
    open_candidates: int
    here: str
    may_decide: bool
    done: Done | None
    refused: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TreePage:
    """The tree.

    proposed: items that wait for CS Ops; said: what the person proposed a moment ago.
    may_propose: whether the form is there at all; `head.may_decide` says what it does.
    """

    head: Head
    q: str
    retired: bool
    retired_link: str
    live: int
    retired_items: int
    shown: int
    whole: bool
    areas: Sequence[Area]
    area_names: Sequence[str]
    proposed: Sequence[ItemLine]
    more_link: str
    first_link: str
    said: str
    form: ItemForm
    may_propose: bool
    csv_link: str
    empty: Empty | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemPage:
    """One item, with what can be done with it.

    opened: the action whose form was refused, and is open.
    examples_shown: the examples on record as the form shows them.
    others: the paths of the live items that it can be merged into.
    """

    head: Head
    id: str
    area: str
    need: str
    description: str
    examples: Sequence[str]
    status: str
    theme_id: str
    theme_link: str
    signal_link: str
    level: str
    level_title: str
    etag: str
    heard: Sequence[Heard]
    requests: int
    accounts: int
    arr: float
    made: str
    opened: str
    form: ItemForm
    examples_shown: str
    area_names: Sequence[str]
    others: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class TagCell:
    """Requests of one Unclassified tag in a month; `link` leads to its candidate."""

    count: int
    often: bool
    link: str


@dataclass(frozen=True, slots=True)
class TagLine:
    """One area in a month."""

    area: str
    waiting_link: str
    cells: Sequence[TagCell]
    requests: int


@dataclass(frozen=True, slots=True)
class TagMonth:
    """A month's Unclassified."""

    month: str
    requests: int
    lines: Sequence[TagLine]


@dataclass(frozen=True, slots=True)
class CandidateQuote:
    """One request that asks for a new item."""

    text: str
    account: str
    day: str
    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A tag that was reported so often that it asks for an item."""

    theme_id: str
    etag: str
    label: str
    area: str
    severity: str
    requests: int
    accounts: int
    quotes: Sequence[CandidateQuote]
    more: int
    theme_link: str
    waiting_link: str
    form: ItemForm


@dataclass(frozen=True, slots=True, kw_only=True)
class UnclassifiedPage:
    """What fits no item in a quarter, by month, and its candidates.

    elsewhere: (quarter, open candidates, link) of other quarters.
    """

    head: Head
    months: Sequence[TagMonth]
    candidates: Sequence[Candidate]
    all_candidates: int
    more_link: str
    first_link: str
    elsewhere: Sequence[tuple[str, int, str]]
    area_names: Sequence[str]
    empty: Empty | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedLine:
    """A signal that would change; a side is empty where the theme is not heard there."""

    label: str
    was: str
    level_before: str
    title_before: str
    level_after: str
    title_after: str
    accounts: tuple[int, int]
    requests: tuple[int, int]
    arr: tuple[float, float]
    gained: Sequence[str]
    gained_more: int
    lost: Sequence[str]
    lost_more: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePage:
    """What a change would do, with the form that does it.

    fields: what the form holds; button: what its button says.
    """

    quarter: str
    title: str
    button: str
    lines: Sequence[ChangedLine]
    more: int
    levels_changed: int
    moved: int
    taken_up: int
    set_free: int
    fields: Mapping[str, str] = field(default_factory=dict)
    back: str = ""
