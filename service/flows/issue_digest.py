"""Issue a month's digest, once; and write down what product says to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from models.digest import is_over
from models.errors import Conflict, NotFound
from models.policy import Policy
from models.raw_fields import as_object, label, optional_text
from models.window import Calendar, parse_month
from service.flows.digest import digest_in, told
from service.masking import Mask
from service.rendering import plain_record
from service.storage import audit, issued_digests
from service.storage.engine import Store
from service.storage.issued_digests import IssuedDigest

MOST_SAID = 10_000


@dataclass(frozen=True, slots=True)
class Issued:
    """The digest, as plain JSON, and whether it was issued just now."""

    digest: Mapping[str, Any]
    now: bool


def issue_digest(
    store: Store,
    month: str,
    *,
    today: date,
    calendar: Calendar,
    policy: Policy,
    mask: Mask,
    now: datetime,
    actor: str,
) -> Issued:
    """Issue the digest as it stands. A second time it is the same one, whatever came since.

    Raises:
        InvalidInput: `unknown_month`.
        Conflict: `month_not_over`.
    """
    asked = parse_month(month)
    with store.write() as connection:
        known = issued_digests.get(connection, str(asked))
        if known is not None:
            return Issued(told(known, mask), now=False)
        if not is_over(asked, today):
            raise Conflict(
                f"{asked} is not over; its digest can be issued from its last day on.",
                code="month_not_over",
                field="month",
            )
        content = digest_in(
            store, connection, asked, today=today, calendar=calendar, policy=policy, mask=mask
        )
        kept = IssuedDigest(
            month=str(asked), content=plain_record(content), issued_at=now, issued_by=actor
        )
        issued_digests.add(connection, kept)
        audit.record(connection, at=now, actor=actor, action="digest.issued", target=str(asked))
    return Issued(told(kept, mask), now=True)


def acknowledge_digest(
    store: Store, month: str, raw: object, *, mask: Mask, now: datetime, actor: str
) -> Mapping[str, Any]:
    """Write down who of product acknowledged it, and their assessment where they gave one.

    Said again, the later one stands. The answer is the digest with it, as plain JSON.

    Raises:
        InvalidInput: `unknown_month`, `wrong_type`, `missing_field`, `text_too_long`.
        NotFound: `not_issued`.
    """
    asked = str(parse_month(month))
    said = as_object(raw, "An acknowledgement")
    by, assessment = label(said, "by"), optional_text(said, "assessment", limit=MOST_SAID)
    with store.write() as connection:
        if issued_digests.get(connection, asked) is None:
            raise NotFound("The digest of this month has not been issued yet.", code="not_issued")
        issued_digests.acknowledge(connection, asked, by=by, assessment=assessment, now=now)
        audit.record(connection, at=now, actor=actor, action="digest.acknowledged", target=asked)
        kept = issued_digests.get(connection, asked)
    assert kept is not None
    return told(kept, mask)
