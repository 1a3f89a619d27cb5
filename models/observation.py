"""A structured pre-read: one observation that its CSM tagged already."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from models.raw_fields import (
    as_object,
    identifier,
    instant,
    label,
    optional_identifier,
    optional_text,
    whole_number,
)
from models.severity import Severity, parse_severity

MAX_ACCOUNTS_COUNT = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One pre-read. `accounts_count` is what the CSM says; it weighs nothing by itself.

    Without an account it counts for the CSM conditions and the agenda, not for accounts,
    ARR or risk.
    """

    csm_id: str
    account_id: str | None
    occurred_at: datetime
    feature_area: str
    customer_need: str
    severity: Severity
    accounts_count: int
    verbatim: str | None = None
    external_id: str | None = None


def parse_observation(raw: object, *, now: datetime) -> Observation:
    """The one door for a pre-read. Unknown fields are ignored.

    Raises InvalidInput with field and code: those of `parse_note`, `unknown_severity`,
    `out_of_range`.
    """
    record = as_object(raw, "An observation")
    return Observation(
        csm_id=identifier(record, "csm_id"),
        account_id=optional_identifier(record, "account_id"),
        occurred_at=instant(record, "occurred_at", now=now),
        feature_area=label(record, "feature_area"),
        customer_need=label(record, "customer_need"),
        severity=parse_severity(record.get("severity")),
        accounts_count=whole_number(record, "accounts_count", least=1, most=MAX_ACCOUNTS_COUNT),
        verbatim=optional_text(record, "verbatim"),
        external_id=optional_identifier(record, "external_id"),
    )
