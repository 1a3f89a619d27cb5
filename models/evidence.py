"""What a theme weighs in a window: independent reports, accounts, CSMs, ARR, risk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from operator import attrgetter

from models.account import RENEWAL_DAYS, Account, Portfolio, Risk, risk
from models.severity import Severity, worst


@dataclass(frozen=True, slots=True)
class Mention:
    """One request as evidence sees it.

    `account_id` is None for a pre-read that names no account. Requests of one account with
    the same `text_key` are one report; an empty key is a duplicate of nothing.
    """

    request_id: str
    theme_id: str
    account_id: str | None
    csm_id: str
    occurred_at: datetime
    severity: Severity
    text_key: str


@dataclass(frozen=True, slots=True)
class Report:
    """An independent report: the first mention, credited, and its later copies.

    `severity` is the worst that any of them states.
    """

    first: Mention
    severity: Severity
    copies: tuple[Mention, ...] = ()


class Standings:
    """Each account as it stands on a day, looked up once.

    An account that the portfolio does not hold is one of which nothing is known.
    """

    def __init__(self, portfolio: Portfolio, as_of: date, renewal_days: int = RENEWAL_DAYS) -> None:
        self.portfolio = portfolio
        self.as_of = as_of
        self.renewal_days = renewal_days
        self._found: dict[str, tuple[Account, Risk]] = {}

    def of(self, account_id: str) -> tuple[Account, Risk]:
        """The account and its risk."""
        found = self._found.get(account_id)
        if found is None:
            account = self.portfolio.accounts.get(account_id) or Account(account_id=account_id)
            found = (account, risk(account, self.as_of, self.renewal_days))
            self._found[account_id] = found
        return found


@dataclass(frozen=True, slots=True)
class AccountEvidence:
    """One account's part in a theme: how it stands, its reports and the worst of them."""

    account: Account
    risk: Risk
    requests: int
    severity: Severity

    @property
    def name(self) -> str:
        """What to call it in a sentence: its name, or its id where none is known."""
        return self.account.name or self.account.account_id


@dataclass(frozen=True, slots=True)
class SeverityCount:
    """Reports of one severity, and the distinct accounts that made them."""

    requests: int
    accounts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a theme weighs.

    Attributes:
        as_of: the day on which risk was judged.
        accounts: distinct accounts, by id.
        csm_ids: distinct CSMs who are credited with a report, sorted.
        segments: distinct known segments, sorted.
        requests: independent reports, those without an account included.
        copies: mentions folded into earlier reports.
        arr: current known ARR of the accounts, each once, in US dollars.
        arr_unknown: ids of accounts whose ARR is not known; they are not in `arr`.
        at_risk: ids of accounts at risk.
        severity: the worst; None with no report.
        severities: for each severity its reports and accounts.
    """

    as_of: date
    accounts: tuple[AccountEvidence, ...]
    csm_ids: tuple[str, ...]
    segments: tuple[str, ...]
    requests: int
    copies: int
    arr: Decimal
    arr_unknown: tuple[str, ...]
    at_risk: tuple[str, ...]
    severity: Severity | None
    severities: Mapping[Severity, SeverityCount]

    @property
    def account_ids(self) -> tuple[str, ...]:
        """Ids of the distinct accounts, sorted."""
        return tuple(entry.account.account_id for entry in self.accounts)


_MILDEST_FIRST = tuple(reversed(Severity))

in_order = attrgetter("occurred_at", "csm_id", "request_id")
"""Sort key: the first of two equal reports is the earlier; ties by CSM, then request."""


def independent(mentions: Iterable[Mention]) -> list[Report]:
    """Fold the mentions of one theme into independent reports, in order of time.

    Same account and same normalised text is one report, credited to the first CSM.
    """
    firsts: list[Mention] = []
    place: dict[tuple[str, str], int] = {}
    copies: dict[int, list[Mention]] = {}
    for mention in sorted(mentions, key=in_order):
        if mention.account_id is not None and mention.text_key:
            index = place.setdefault((mention.account_id, mention.text_key), len(firsts))
            if index < len(firsts):
                copies.setdefault(index, []).append(mention)
                continue
        firsts.append(mention)
    return [
        _report(first, copies[index]) if index in copies else Report(first, first.severity)
        for index, first in enumerate(firsts)
    ]


def weigh(
    mentions: Iterable[Mention],
    portfolio: Portfolio,
    as_of: date,
    renewal_days: int = RENEWAL_DAYS,
) -> Evidence:
    """What these mentions of one theme weigh, with ARR and health as they stand on `as_of`."""
    return weigh_reports(independent(mentions), Standings(portfolio, as_of, renewal_days))


def weigh_reports(reports: Sequence[Report], standings: Standings) -> Evidence:
    """As `weigh`, for reports that are independent already."""
    reported: dict[str, int] = {}
    accounts_by = {severity: set[str]() for severity in Severity}
    requests_by = dict.fromkeys(Severity, 0)
    csms: set[str] = set()
    copies = 0
    for report in reports:
        first, severity = report.first, report.severity
        copies += len(report.copies)
        csms.add(first.csm_id)
        requests_by[severity] += 1
        if first.account_id is not None:
            reported[first.account_id] = reported.get(first.account_id, 0) + 1
            accounts_by[severity].add(first.account_id)
    # From the mildest up, so that the worst stays.
    worst_of = {name: severity for severity in _MILDEST_FIRST for name in accounts_by[severity]}
    accounts = tuple(
        AccountEvidence(*standings.of(name), reported[name], worst_of[name])
        for name in sorted(reported)
    )
    return Evidence(
        as_of=standings.as_of,
        accounts=accounts,
        csm_ids=tuple(sorted(csms)),
        segments=tuple(sorted({a.account.segment for a in accounts if a.account.segment})),
        requests=len(reports),
        copies=copies,
        arr=sum((a.account.arr for a in accounts if a.account.arr is not None), Decimal(0)),
        arr_unknown=tuple(a.account.account_id for a in accounts if a.account.arr is None),
        at_risk=tuple(a.account.account_id for a in accounts if a.risk.at_risk),
        severity=worst(severity for severity, count in requests_by.items() if count),
        severities={
            severity: SeverityCount(count, len(accounts_by[severity]))
            for severity, count in requests_by.items()
        },
    )


def _report(first: Mention, copies: Sequence[Mention]) -> Report:
    severity = worst(mention.severity for mention in (first, *copies))
    return Report(first, severity or first.severity, tuple(copies))
