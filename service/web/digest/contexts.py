"""What the page of the digest shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.digests.sheet import DigestSheet


@dataclass(frozen=True, slots=True)
class Answering:
    """What product typed, and why it was refused; all empty at first."""

    refused: str = ""
    by: str = ""
    assessment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestPage:
    """One month's digest, and what may be done about it.

    `issue_link` and `answer_link` are '' where the person may not, or not yet; `next_link` where
    the month has not begun. `evidence` are (theme, link to what its sentence is made of).
    """

    month: str
    title: str
    sheet: DigestSheet
    document_link: str
    previous_month: str
    previous_link: str
    next_month: str
    next_link: str
    issue_link: str
    answer_link: str
    evidence: Sequence[tuple[str, str]]
    typed: Answering
