"""What pages show of requests that can be ticked and answered."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Choice:
    """A live item that an answer could name, and how sure the machine is of it, 0..1."""

    theme_id: str
    path: str
    confidence: float | None

    @property
    def need(self) -> str:
        """The item without its area."""
        return self.path.rpartition("›")[2].strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class PickedQuote:
    """One request, to tick. `chosen` ticks it from the start; `remark` says what is special.

    note_link: where it stands in its note; empty where it stands in none, or for a person who
        may not read notes.
    """

    id: str
    text: str
    severity: str
    severity_by: str
    account: str
    csm: str
    day: str
    remark: str
    confidence: float | None
    candidates: Sequence[Choice]
    chosen: bool
    note_link: str


@dataclass(frozen=True, slots=True)
class Typed:
    """What a form held that was refused: shown again, so that nobody does it twice.

    ticked: ids of requests; None where nothing was refused, and the page ticks what it likes.
    """

    item: str = ""
    into: str = ""
    label: str = ""
    ticked: Collection[str] | None = None

    def ticks(self, request_id: str, otherwise: bool) -> bool:
        """Whether a request is ticked; `otherwise` where nothing was refused."""
        return otherwise if self.ticked is None else request_id in self.ticked


@dataclass(frozen=True, slots=True)
class Answer:
    """A button: what the form posts, what it says, how likely it is right, and its key."""

    value: str
    text: str
    confidence: float | None
    key: str
