"""What was heard of each theme in a span of time, ranked for the reports of RULES 'Reports'."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from models.evidence import Evidence, Mention, Standings, independent, weigh_reports
from models.signal import ThemeFacts
from models.window import Window

TOP = 5


@dataclass(frozen=True, slots=True)
class Heard:
    """A theme and what it weighs in the span."""

    theme: ThemeFacts
    evidence: Evidence

    @property
    def accounts(self) -> int:
        """Its distinct accounts."""
        return len(self.evidence.accounts)

    @property
    def csms(self) -> int:
        """Its distinct CSMs, each credited with a report."""
        return len(self.evidence.csm_ids)


def heard_in(
    by_theme: Mapping[str, Sequence[Mention]],
    window: Window,
    facts: Mapping[str, ThemeFacts],
    standings: Standings,
) -> list[Heard]:
    """What was heard in the window of each theme, in the order of ids.

    `by_theme` holds mentions of themes that are in `facts`; those outside the window are
    left out.
    """
    found = []
    for theme_id in sorted(by_theme):
        said = [mention for mention in by_theme[theme_id] if mention.occurred_at in window]
        if said:
            evidence = weigh_reports(independent(said), standings)
            found.append(Heard(facts[theme_id], evidence))
    return found


def accounts_in(by_theme: Mapping[str, Sequence[Mention]], window: Window) -> dict[str, int]:
    """The distinct accounts of each theme that was heard of in the window."""
    found: dict[str, int] = {}
    for theme_id, mentions in by_theme.items():
        said = [mention for mention in mentions if mention.occurred_at in window]
        if said:
            found[theme_id] = len({mention.account_id for mention in said} - {None})
    return found


def by_accounts(heard: Iterable[Heard]) -> list[Heard]:
    """By distinct accounts, then ARR, then name; what no account said is left out."""
    with_accounts = [one for one in heard if one.accounts]
    return sorted(with_accounts, key=lambda one: (-one.accounts, *_then(one)))


@dataclass(frozen=True, slots=True)
class Agenda:
    """A sync's themes: those that several CSMs heard, and those that one CSM alone did."""

    shared: Sequence[Heard]
    offline: Sequence[Heard]


def agenda(heard: Iterable[Heard]) -> Agenda:
    """By CSMs, then ARR, then name."""
    ranked = sorted(heard, key=lambda one: (-one.csms, *_then(one)))
    return Agenda(
        shared=[one for one in ranked if one.csms > 1],
        offline=[one for one in ranked if one.csms == 1],
    )


def _then(one: Heard) -> tuple[object, ...]:
    return (-one.evidence.arr, one.theme.label.casefold(), one.theme.theme_id)
