"""What signals are, in words and sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from models.margins import leading_to
from service.web.figures import LEVEL_TITLES

Row = Mapping[str, Any]


def counted(count: int, noun: str) -> str:
    """'1 account', '2 accounts'."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def listed(parts: Sequence[str]) -> str:
    """'a', 'a and b', 'a, b and c'."""
    *most, last = parts
    return f"{', '.join(most)} and {last}" if most else last


def a_level(level: str) -> str:
    """A level as a noun with its article."""
    article = "an" if level == "anecdote" else "a"
    return f"{article} {LEVEL_TITLES[level]}"


def outcome(level: str, direction: str) -> str:
    """The level that a change leads to; a bound, where other conditions could turn with it."""
    if level in ("p1", "anecdote"):
        return a_level(level)
    return f"at {'least' if direction == 'up' else 'most'} {a_level(level)}"


def tip_sentence(margin: str, level: str, direction: str, *, sure: bool = True) -> str:
    """What one change would make of a signal: 'One more account makes this a P1.'"""
    return sentence(leading_to(margin, outcome(level, direction), sure=sure))


def sentence(text: str) -> str:
    """The text with a capital and a full stop; a name at its beginning stays as it is."""
    return f"{text[:1].upper()}{text[1:]}."


def delivery_words(delivery: Row) -> str:
    """A delivery state in a word or two."""
    state, priority = delivery.get("state") or "open", delivery.get("priority")
    return f"{state} {priority}" if state == "backlog" and priority else str(state)


def severity_words(severities: Row) -> str:
    """'3 blocking, 1 minor': requests of each severity that there is."""
    counts = [f"{count['requests']} {name}" for name, count in severities.items()]
    return ", ".join(part for part in counts if not part.startswith("0 "))


def month_words(months: Sequence[Row]) -> str:
    """The months of a small chart, for those who can't see it."""
    return "Accounts a month: " + ", ".join(f"{row['month']} {row['accounts']}" for row in months)
