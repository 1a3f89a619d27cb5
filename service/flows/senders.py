"""What the accounts and CSMs behind some requests are called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Connection

from service.flows.request_rows import RequestRow
from service.storage.accounts import ACCOUNTS, CSMS


@dataclass(frozen=True, slots=True)
class Senders:
    """Names of accounts and of CSMs, and the ARR of accounts, by id; None where unknown."""

    accounts: Mapping[str, str | None]
    csms: Mapping[str, str | None]
    arr: Mapping[str, Decimal | None]


def senders_of(connection: Connection, shown: Sequence[RequestRow]) -> Senders:
    """Those of the requests that are shown, in two queries."""
    accounts = ACCOUNTS.find(connection, {row["account_id"] or "" for row in shown})
    csms = CSMS.find(connection, {row["csm_id"] for row in shown})
    return Senders(
        accounts={name: known.value.name for name, known in accounts.items()},
        csms={name: known.value.name for name, known in csms.items()},
        arr={name: known.value.arr for name, known in accounts.items()},
    )
