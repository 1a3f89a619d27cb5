"""How badly a request hurts: three words, ordered."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from models.raw_fields import missing, one_of


class Severity(StrEnum):
    """Declared from worst to mildest; `rank` 0 is the worst."""

    BLOCKING = "blocking"  # work stopped, cannot go live, deal-breaker
    DEGRADED = "degraded"  # a workaround costs time
    MINOR = "minor"  # friction, nice to have

    @property
    def rank(self) -> int:
        """0 for blocking, 1 for degraded, 2 for minor."""
        return _RANKS[self]


_RANKS = {severity: rank for rank, severity in enumerate(Severity)}
_WORDS = tuple(severity.value for severity in Severity)


def worst(severities: Iterable[Severity]) -> Severity | None:
    """The worst of them; None of an empty collection."""
    return min(severities, key=_RANKS.__getitem__, default=None)


def parse_severity(value: object, field: str = "severity") -> Severity:
    """One of the three words. Raises InvalidInput `unknown_severity`, `missing_field`."""
    if value is None:
        raise missing(field)
    return Severity(one_of(value, field, _WORDS, code="unknown_severity"))
