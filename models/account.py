"""Accounts and CSMs, what an upload may change of them, and who is at risk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any

from models.raw_fields import (
    Raw,
    as_object,
    boolean,
    identifier,
    is_cleared,
    label,
    money,
    one_of,
    parse_date,
    unknown_columns,
)

RENEWAL_DAYS = 60


class Health(StrEnum):
    """The CRM's colour for an account."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A customer. None means not known, which is never zero and never 'no'.

    Attributes:
        arr: US dollars a year, exact.
        at_risk: as the CRM states it, or None where it states nothing.
        active: only active accounts are in the total ARR.
    """

    account_id: str
    name: str | None = None
    segment: str | None = None
    arr: Decimal | None = None
    health: Health | None = None
    renewal_date: date | None = None
    at_risk: bool | None = None
    csm_id: str | None = None
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CSM:
    """A customer-success manager."""

    csm_id: str
    name: str | None = None
    email: str | None = None
    active: bool = True


@dataclass(frozen=True, slots=True)
class AccountPatch:
    """What one uploaded row changes: columns that were there, None where it clears one."""

    account_id: str
    changes: Mapping[str, Any]
    ignored: tuple[str, ...] = ()

    def apply(self, current: Account | None) -> Account:
        """The account after this row; absent columns keep what `current` has."""
        return replace(current or Account(account_id=self.account_id), **self.changes)


@dataclass(frozen=True, slots=True)
class CSMPatch:
    """What one uploaded row changes: columns that were there, None where it clears one."""

    csm_id: str
    changes: Mapping[str, Any]
    ignored: tuple[str, ...] = ()

    def apply(self, current: CSM | None) -> CSM:
        """The CSM after this row; absent columns keep what `current` has."""
        return replace(current or CSM(csm_id=self.csm_id), **self.changes)


@dataclass(frozen=True)
class Portfolio:
    """Every account and CSM the service knows, by id."""

    accounts: Mapping[str, Account]
    csms: Mapping[str, CSM]

    @cached_property
    def total_arr(self) -> Decimal | None:
        """Sum of the known ARR of active accounts; None where that is none or zero."""
        total = sum(
            (a.arr for a in self.accounts.values() if a.active and a.arr is not None), Decimal(0)
        )
        return total or None

    @cached_property
    def active_csms(self) -> int:
        """How many CSMs are active: the size of the team."""
        return sum(csm.active for csm in self.csms.values())


@dataclass(frozen=True, slots=True)
class Risk:
    """Whether an account is at risk on a day, and why.

    Attributes:
        why: a clause for a person, such as 'health is red'.
        reason_code: the same as a stable word.
        days_to_renewal: from the day asked about; negative when past; None if no date.
    """

    at_risk: bool
    why: str
    reason_code: str
    days_to_renewal: int | None


def risk(account: Account, as_of: date, renewal_days: int = RENEWAL_DAYS) -> Risk:
    """RULES 'At risk': the CRM's statement wins; else red; else yellow with renewal near."""
    days = (account.renewal_date - as_of).days if account.renewal_date else None
    at_risk, code, why = _judge_risk(account, days, renewal_days)
    return Risk(at_risk, why, code, days)


def _judge_risk(account: Account, days: int | None, near: int) -> tuple[bool, str, str]:
    if account.at_risk is not None:
        if account.at_risk:
            return True, "stated_at_risk", "the CRM says it is at risk"
        return False, "stated_not_at_risk", "the CRM says it is not at risk"
    if account.health is None:
        return False, "health_unknown", "neither a risk statement nor a health is on record"
    if account.health is Health.RED:
        return True, "health_red", "health is red"
    if account.health is Health.GREEN:
        return False, "health_green", "health is green"
    if days is None:
        return False, "yellow_no_renewal", "health is yellow, no renewal date is on record"
    if days < 0:
        return False, "yellow_renewal_past", "health is yellow, its renewal date has passed"
    when = "today" if days == 0 else "in 1 day" if days == 1 else f"in {days} days"
    code = "yellow_renewal_near" if days <= near else "yellow_renewal_far"
    return days <= near, code, f"health is yellow and it renews {when}"


def parse_account(raw: object) -> AccountPatch:
    """One row of PUT /accounts: JSON values or CSV text.

    An absent column is not in `changes`; null or blank clears (None; `active` back to true).
    Raises InvalidInput with field and code: `missing_field`, `wrong_type`, `empty_field`,
    `id_too_long`, `text_too_long`, `control_character`, `lone_surrogate`, `negative_arr`,
    `not_a_number`, `too_many_decimals`, `number_too_large`, `bad_date`, `unknown_health`.
    """
    record = as_object(raw, "An account")
    account_id = identifier(record, "account_id")
    known = frozenset(_ACCOUNT_COLUMNS) | {"account_id"}
    changes = _changes(record, _ACCOUNT_COLUMNS)
    return AccountPatch(account_id, changes, unknown_columns(record, known))


def parse_csm(raw: object) -> CSMPatch:
    """One row of PUT /csms; as `parse_account`."""
    record = as_object(raw, "A CSM")
    csm_id = identifier(record, "csm_id")
    known = frozenset(_CSM_COLUMNS) | {"csm_id"}
    return CSMPatch(csm_id, _changes(record, _CSM_COLUMNS), unknown_columns(record, known))


Reader = Callable[[Raw, str], Any]


def _health(raw: Raw, field: str) -> Health:
    value = raw[field]
    # CRM exports write Green, GREEN and green.
    folded = value.strip().lower() if isinstance(value, str) else value
    return Health(one_of(folded, field, tuple(Health), code="unknown_health"))


def _money(raw: Raw, field: str) -> Decimal:
    return money(raw[field], field)


def _date(raw: Raw, field: str) -> date:
    return parse_date(raw[field], field)


def _boolean(raw: Raw, field: str) -> bool:
    return boolean(raw[field], field)


_ACCOUNT_COLUMNS: Mapping[str, Reader] = {
    "name": label,
    "segment": label,
    "arr": _money,
    "health": _health,
    "renewal_date": _date,
    "at_risk": _boolean,
    "csm_id": identifier,
    "active": _boolean,
}
_CSM_COLUMNS: Mapping[str, Reader] = {"name": label, "email": label, "active": _boolean}


def _changes(raw: Raw, columns: Mapping[str, Reader]) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for column, read in columns.items():
        if column in raw:
            changes[column] = None if is_cleared(raw[column]) else read(raw, column)
    if "active" in changes and changes["active"] is None:
        changes["active"] = True
    return changes
