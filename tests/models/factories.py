"""Accounts, portfolios and mentions with the fewest words; everything can be set by keyword."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from models.account import CSM, Account, Portfolio
from models.evidence import Mention
from models.severity import Severity
from models.window import Calendar, Quarter

AS_OF = date(2026, 9, 30)
Q3 = Quarter(2026, 3)
UTC_CALENDAR = Calendar(ZoneInfo("UTC"))
MILLIONS = Decimal(5_000_000)


def account(account_id: str, arr: object = 10_000, **known: Any) -> Account:
    """A healthy account; `arr` None is unknown."""
    known.setdefault("name", f"Name of {account_id}")
    known.setdefault("at_risk", False)
    exact = None if arr is None else Decimal(str(arr))
    return Account(account_id=account_id, arr=exact, **known)


def portfolio(accounts: Iterable[Account], *, total: object = None, csms: int = 12) -> Portfolio:
    """These accounts, one more that brings the total ARR to `total`, and a team of `csms`."""
    known = {entry.account_id: entry for entry in accounts}
    if total is not None:
        there = sum((a.arr for a in known.values() if a.active and a.arr), Decimal(0))
        rest = Decimal(str(total)) - there
        assert rest >= 0, "the accounts hold more than the total"
        known["rest"] = account("rest", rest)
    return Portfolio(known, {f"c{i}": CSM(csm_id=f"c{i}") for i in range(csms)})


def mention(
    account_id: str | None = "a",
    *,
    csm: str = "c0",
    at: datetime = datetime(2026, 7, 15, 9, tzinfo=UTC),
    severity: Severity = Severity.DEGRADED,
    text: str | None = None,
    request_id: str | None = None,
    theme_id: str = "t",
) -> Mention:
    """One request; unless `text` or `request_id` says otherwise, unlike any other."""
    if request_id is None:
        request_id = f"r{next(_numbers)}"
    key = f"own text of {request_id}" if text is None else text
    return Mention(request_id, theme_id, account_id, csm, at, severity, key)


def day(month: int, number: int, hour: int = 9, year: int = 2026) -> datetime:
    """A UTC instant in 2026 unless said otherwise."""
    return datetime(year, month, number, hour, tzinfo=UTC)


def _count() -> Iterable[int]:
    number = 0
    while True:
        yield number
        number += 1


_numbers = iter(_count())
