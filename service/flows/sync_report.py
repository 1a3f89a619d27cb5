"""`GET /reports/sync`: the agenda of the CSMs' sync."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TypedDict

from models.errors import InvalidInput
from models.heard import Heard, agenda
from models.policy import Policy
from models.window import Calendar, parse_week
from service.flows.top_report import HeardRow, heard_of, heard_row
from service.masking import Mask
from service.storage import observations
from service.storage.accounts import CSMS
from service.storage.engine import Store
from service.storage.observations import PreRead

# One to three from each CSM: a fourth is named, not read out.
READS_FROM_EACH = 3


class SyncRow(HeardRow):
    """A theme on the agenda, and the CSMs who heard it."""

    csm_ids: list[str]


class PreReadRow(TypedDict):
    """What a CSM brings to the sync."""

    occurred_at: datetime
    feature_area: str
    customer_need: str
    severity: str
    accounts_count: int
    verbatim: str | None


class BroughtRow(TypedDict):
    """One CSM's pre-reads, those of most accounts first; `left_out` are beyond three."""

    csm_id: str
    name: str | None
    reads: list[PreReadRow]
    left_out: int


class SyncReport(TypedDict):
    """Themes that several CSMs heard, what one alone heard, and the pre-reads."""

    week: str
    weeks: int
    first_day: date
    last_day: date
    as_of: date
    data: list[SyncRow]
    handle_offline: list[SyncRow]
    pre_reads: list[BroughtRow]


def sync_report(
    store: Store,
    week: str | None,
    weeks: int = 1,
    *,
    today: date,
    calendar: Calendar,
    policy: Policy,
    mask: Mask,
) -> SyncReport:
    """The agenda of a week (this one when left out), or of it and the one before it.

    Raises:
        InvalidInput: `unknown_week`; `bad_weeks` unless `weeks` is 1 or 2.
    """
    if weeks not in (1, 2):
        raise InvalidInput("weeks must be 1 or 2.", code="bad_weeks", field="weeks")
    named = today.isocalendar()
    asked = parse_week(week or f"{named.year:04d}-W{named.week:02d}")
    last = asked.last_day
    first = date.fromordinal(last.toordinal() - 7 * weeks + 1)
    window = calendar.days_window(first, last)
    as_of = min(today, last)
    with store.read() as connection:
        listed = agenda(heard_of(connection, window, as_of, policy, mask))
        reads = observations.in_window(connection, window)
        csms = CSMS.find(connection, {read.csm_id for read in reads})
    names = {csm_id: known.value.name for csm_id, known in csms.items()}
    return SyncReport(
        week=str(asked),
        weeks=weeks,
        first_day=first,
        last_day=last,
        as_of=as_of,
        data=[_row(one) for one in listed.shared],
        handle_offline=[_row(one) for one in listed.offline],
        pre_reads=_brought(reads, names, mask),
    )


def _row(one: Heard) -> SyncRow:
    return SyncRow(**heard_row(one), csm_ids=list(one.evidence.csm_ids))


def _brought(
    reads: Sequence[PreRead], names: dict[str, str | None], mask: Mask
) -> list[BroughtRow]:
    by_csm: dict[str, list[PreRead]] = {}
    for read in sorted(reads, key=lambda one: (-one.accounts_count, one.occurred_at, one.id)):
        by_csm.setdefault(read.csm_id, []).append(read)
    return [
        BroughtRow(
            csm_id=csm_id,
            name=names.get(csm_id),
            reads=[
                PreReadRow(
                    occurred_at=read.occurred_at,
                    feature_area=read.feature_area,
                    customer_need=read.customer_need,
                    severity=read.severity,
                    accounts_count=read.accounts_count,
                    verbatim=mask(read.verbatim) or None,
                )
                for read in mine[:READS_FROM_EACH]
            ],
            left_out=max(0, len(mine) - READS_FROM_EACH),
        )
        for csm_id, mine in sorted(by_csm.items())
    ]
