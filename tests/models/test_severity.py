"""Three words, in order."""

from __future__ import annotations

from models.severity import Severity, worst


def test_blocking_is_worst_and_minor_mildest() -> None:
    assert sorted(Severity, key=lambda severity: severity.rank) == [
        Severity.BLOCKING,
        Severity.DEGRADED,
        Severity.MINOR,
    ]


def test_the_worst_of_some() -> None:
    assert worst([Severity.MINOR, Severity.BLOCKING, Severity.DEGRADED]) is Severity.BLOCKING
    assert worst([Severity.MINOR]) is Severity.MINOR
    assert worst([]) is None
