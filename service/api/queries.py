"""Query parameters that several endpoints take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import Query

MAX_LIMIT = 1_000

Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Rows on a page.")]
Cursor = Annotated[
    str, Query(max_length=2_000, description="The `next_cursor` of the page before.")
]
Text = Annotated[str, Query(max_length=1_000)]
Flag = Annotated[bool, Query()]


def prefers_csv(accept: str) -> bool:
    """True when an Accept header wants text/csv more than JSON (RFC 9110, 12.5.1)."""
    return preferred(accept, ("application/json", "text/csv")) == "text/csv"


def preferred(accept: str, kinds: Sequence[str]) -> str:
    """The media type that an Accept header wants most (RFC 9110, 12.5.1).

    Of several that it wants alike, and where it wants none, the one named first here.
    """
    return max(kinds, key=lambda kind: _quality(accept, kind))


def _quality(accept: str, media_type: str) -> float:
    """The weight of the most specific range that matches; 0 when none does."""
    family = media_type.partition("/")[0] + "/*"
    weights: dict[str, float] = {}
    for entry in accept.split(","):
        name, _, parameters = entry.strip().lower().partition(";")
        weights[name.strip()] = _weight(parameters)
    for name in (media_type, family, "*/*"):
        if name in weights:
            return weights[name]
    return 0.0


def _weight(parameters: str) -> float:
    for parameter in parameters.split(";"):
        name, _, value = parameter.strip().partition("=")
        if name == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0
