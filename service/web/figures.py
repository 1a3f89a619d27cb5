"""Figures and words as people read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

UNKNOWN = "unknown"

# (word of the API, title, what it asks for), highest first.
LEVELS = (
    ("p1", "P1", "accounts, ARR and churn all met"),
    ("signal", "Signal", "escalate"),
    ("candidate", "Candidate", "document and quantify"),
    ("anecdote", "Anecdote", "log it, keep watching"),
)
LEVEL_TITLES = {name: title for name, title, _ in LEVELS}
_TRENDS = {"increasing": "↑ increasing", "stable": "→ stable", "decreasing": "↓ decreasing"}
_MET = {True: "yes", False: "no", None: UNKNOWN}


def dollars(amount: float | None) -> str:
    """US dollars, whole."""
    return UNKNOWN if amount is None else f"${amount:,.0f}"


def percent(share: float | None) -> str:
    """A share as a percentage with one decimal."""
    return UNKNOWN if share is None else f"{share * 100:.1f} %"


def chance(probability: float) -> str:
    """A probability as a percentage; one too small to print is not zero."""
    return "under 0.1 %" if probability < 0.001 else percent(probability)


def trend(word: str | None) -> str:
    """A trend with an arrow; a dash while no month is complete."""
    return _TRENDS.get(word or "", "-")


def met(value: bool | None) -> str:
    """Whether a condition is met."""
    return _MET[value]


def condition_value(code: str, value: Any) -> str:
    """A condition's value or threshold in words."""
    if value is None:
        return UNKNOWN
    if not isinstance(value, Mapping):
        return percent(value) if code == "arr" else str(value)
    if "csms" in value:
        csms, segments = value["csms"], value["segments"]
        return f"{csms} CSM{_s(csms)}, {segments} segment{_s(segments)}"
    account = value.get("account_id")
    if value.get("share") is None:
        return "none"
    return f"{percent(value['share'])} ({account})" if account else percent(value["share"])


def _s(count: int) -> str:
    return "" if count == 1 else "s"


def threshold(code: str, value: Any) -> str:
    """A condition's threshold in words, and whether it has to be reached or passed."""
    sign = "over" if code in ("arr", "direct") else "at least"
    return f"{sign} {condition_value(code, value)}"


def link(path: str, query: Mapping[str, str]) -> str:
    """An address on this site; empty parameters are left out."""
    kept = {name: value for name, value in query.items() if value}
    return f"{path}?{urlencode(kept)}" if kept else path
