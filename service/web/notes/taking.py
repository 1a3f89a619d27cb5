"""Store the lines of a file that was dropped: as the command line's `load` does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import BinaryIO

from models.errors import InvalidInput, TooLarge
from service.crm.mapping import shipped_mapping
from service.decoding import decode_lines
from service.dependencies import Services
from service.encodings import as_utf8
from service.flows.backfill import MappedRows
from service.flows.ingest import ingest_notes
from service.flows.portfolio import upsert_accounts, upsert_csms
from service.flows.receipts import BatchReceipt, Line
from service.flows.taxonomy import upsert_items
from service.security import Principal, Right, check_right
from service.web.notes.bad_lines import RefusedLine, with_raw

_CSV, _LINES = "text/csv", "application/x-ndjson"
_PIECE = 1 << 20
_MEDIA_TYPES = {"csv": _CSV, "jsonl": _LINES, "ndjson": _LINES}


@dataclass(frozen=True, slots=True)
class Kind:
    """What can be in a file: who may send it, the columns that it needs, and who stores it."""

    name: str
    title: str
    right: Right
    columns: tuple[str, ...]
    store: Callable[..., BatchReceipt]


KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "notes",
            "Notes",
            Right.WRITE_NOTES,
            ("source", "external_id", "account_id", "csm_id", "occurred_at", "text"),
            ingest_notes,
        ),
        Kind("accounts", "Accounts", Right.WRITE_PORTFOLIO, ("account_id",), upsert_accounts),
        Kind("csms", "CSMs", Right.WRITE_PORTFOLIO, ("csm_id",), upsert_csms),
        Kind(
            "taxonomy",
            "Taxonomy",
            Right.WRITE_TAXONOMY,
            ("feature_area", "customer_need"),
            partial(upsert_items, live=True),
        ),
    )
}


# A CRM's own export, by the mapping that reads it as notes.
EXPORTS = {
    "salesforce-task": "Salesforce: Tasks and Events",
    "salesforce-note": "Salesforce: Notes",
    "salesforce-contentnote": "Salesforce: enhanced Notes",
    "gainsight-timeline": "Gainsight: Timeline",
    "churnzero-activity": "ChurnZero: activities",
    "hubspot-notes": "HubSpot: notes",
    "zendesk-comments": "Zendesk: comments",
    "intercom-notes": "Intercom: notes",
}


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of the lines; each bad one as it stands in the file, and a CSV's header.

    `left_out` are the rows that a mapping passes over.
    """

    receipt: BatchReceipt
    bad: Sequence[RefusedLine]
    header: str | None
    left_out: int = 0


def take(
    services: Services,
    who: Principal,
    source: BinaryIO,
    *,
    kind: str,
    ending: str,
    encoding: str = "",
) -> Taken:
    """Store every good line, 1,000 to a transaction, and name each bad one.

    Sent again, what is stored is a duplicate. `ending` is that of the file's name.

    Raises:
        InvalidInput: `unknown_kind`, `unknown_ending`, `unknown_encoding`, `broken_encoding`,
            `csv_header`, `broken_utf8`: the file as a whole can't be read.
        Forbidden: `role_not_allowed`.
        TooLarge: `batch_too_long`; nothing of it is stored.
        Unavailable: `queue_full`; the store is busy, full or down, where lines before stay.
    """
    wanted = KINDS["notes"] if kind in EXPORTS else KINDS.get(kind)
    if wanted is None:
        raise InvalidInput(
            f"A file holds one of {', '.join((*KINDS, *EXPORTS))}.",
            code="unknown_kind",
            field="kind",
        )
    check_right(who, wanted.right)
    media_type = _MEDIA_TYPES.get(ending.lower())
    if media_type is None:
        raise InvalidInput(
            "Only .csv and .jsonl files are read here; save it as one of these.",
            code="unknown_ending",
            field="file",
        )
    if wanted.right is Right.WRITE_NOTES:
        services.limits.queue.enter()
    _check_length(source, encoding, media_type, services.settings.batch_lines)
    receipt, left_out = _store(services, who, source, kind, wanted, media_type, encoding)
    source.seek(0)
    bad, header = with_raw(
        receipt.rejected, as_utf8(source, encoding or None), is_csv=media_type == _CSV
    )
    return Taken(receipt, bad, header, left_out)


def _check_length(source: BinaryIO, encoding: str, media_type: str, most: int) -> None:
    """Refuse more lines than a batch may have: each bad one is kept until it has been shown."""
    ends = 0
    while ends < most and (piece := source.read(_PIECE)):
        ends += piece.count(b"\n")
    source.seek(0)
    if ends < most:
        return
    lines = decode_lines(as_utf8(source, encoding or None), media_type)
    count = sum(1 for _ in islice(lines, most + 1))
    source.seek(0)
    if count > most:
        raise TooLarge(
            f"The file has more than {most:,} lines; send it in parts.", code="batch_too_long"
        )


def _store(
    services: Services,
    who: Principal,
    source: BinaryIO,
    kind: str,
    wanted: Kind,
    media_type: str,
    encoding: str,
) -> tuple[BatchReceipt, int]:
    """What was stored, and how many rows a mapping has passed over."""
    is_export = kind in EXPORTS
    mapped = MappedRows()
    lines: Iterable[Line] = decode_lines(
        as_utf8(source, encoding or None),
        media_type,
        csv_columns=() if is_export else wanted.columns,
    )
    if is_export:
        lines = mapped.lines(lines, shipped_mapping(kind))
    receipt = wanted.store(services.store, lines, now=services.clock(), actor=who.name)
    receipt.ignore(mapped.unmapped)
    return receipt, mapped.left_out
