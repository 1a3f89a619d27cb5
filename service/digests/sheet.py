"""A digest as people read it: the figures of each part in words, in the order of the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# More than these nobody reads in a message; the rest is counted.
MOST_NEW = 10

_LEVELS = {"p1": "P1", "signal": "Signal", "candidate": "Candidate", "anecdote": "Anecdote"}


@dataclass(frozen=True, slots=True)
class Quote:
    """A customer's words, and whose they are without naming them."""

    text: str
    whose: str


@dataclass(frozen=True, slots=True)
class TopTheme:
    """One of the top themes; `figures` are (name, value)."""

    rank: int
    label: str
    path: str
    figures: Sequence[tuple[str, str]]
    summary: str
    quote: Quote | None


@dataclass(frozen=True, slots=True)
class Line:
    """A theme and a sentence on it."""

    label: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestSheet:
    """What a digest shows. `standing` says whether it was issued, and when."""

    title: str
    standing: str
    summary: str
    top: Sequence[TopTheme]
    new: Sequence[Line]
    more_new: str
    resolved: Sequence[Line]
    actions: Sequence[str]
    answer: str


def sheet(digest: Mapping[str, Any]) -> DigestSheet:
    """The sheet of a digest as plain JSON."""
    fresh = digest["new_signals"]
    hidden = len(fresh) - MOST_NEW
    return DigestSheet(
        title=digest["title"],
        standing=_standing(digest),
        summary=digest["summary"],
        top=[_top(theme) for theme in digest["top_themes"]],
        new=[Line(row["label"], row["sentence"]) for row in fresh[:MOST_NEW]],
        more_new=f"And {hidden:,} more." if hidden > 0 else "",
        resolved=[Line(row["label"], row["sentence"]) for row in digest["resolved"]],
        actions=[row["text"] for row in digest["actions"]],
        answer=_answer(digest.get("acknowledgement")),
    )


def _standing(digest: Mapping[str, Any]) -> str:
    issued = digest.get("issued_at")
    if issued:
        return f"Issued on {issued[:10]}."
    so_far = "" if digest["complete"] else " The month is not over."
    return f"A draft as of {digest['as_of']}, not issued yet.{so_far}"


def _answer(said: Mapping[str, Any] | None) -> str:
    if said is None:
        return ""
    assessment = f": {said['assessment']}" if said["assessment"] else "."
    return f"Acknowledged by {said['by']} on {said['at'][:10]}{assessment}"


def _top(theme: Mapping[str, Any]) -> TopTheme:
    return TopTheme(
        rank=theme["rank"],
        label=theme["label"],
        path=_path(theme),
        figures=[
            ("Accounts", f"{theme['accounts']:,}"),
            ("ARR", f"${theme['arr']:,.0f}"),
            ("Severity", theme["severity"]),
            ("Trend", theme["trend"]),
            ("Level", _LEVELS[theme["level"]]),
        ],
        summary=theme["summary"],
        quote=_quote(theme["quote"]),
    )


def _path(theme: Mapping[str, Any]) -> str:
    area, need = theme["feature_area"], theme["customer_need"]
    if not area:
        return "Proposed, not reviewed yet"
    # Most themes are called what their need is called: once is enough.
    return str(area) if need == theme["label"] else f"{area} › {need}"


def _quote(quote: Mapping[str, Any] | None) -> Quote | None:
    if quote is None:
        return None
    segment = (quote["segment"] or "").replace("_", "-")
    whose = f"a customer, {segment}" if segment else "a customer"
    return Quote(quote["text"], whose)
