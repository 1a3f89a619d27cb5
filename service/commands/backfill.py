"""`groundswell load notes --mapping`: a CRM's own export, looked at first, then stored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from models.errors import InvalidInput
from service.commands.console import note, result, result_json, table
from service.commands.files import lines_of_file, opened_file
from service.crm.mapping import ColumnMapping, parse_mapping, shipped_mapping

if TYPE_CHECKING:
    from models.note import Note
    from service.flows.backfill import DryRun, MappedRows
    from service.flows.receipts import BatchReceipt, Line

_SHOWN_TEXT = 60


def chosen_mapping(name: str) -> ColumnMapping | None:
    """The mapping that was asked for: a file where the name ends in .toml, else a shipped one.

    Raises:
        NotFound: `unknown_mapping`.
        InvalidInput: `bad_mapping`, `unreadable_file`.
    """
    if not name:
        return None
    if not name.endswith(".toml"):
        return shipped_mapping(name)
    with opened_file(Path(name)) as source:
        try:
            content = source.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise InvalidInput(
                "The mapping can't be used: it is not UTF-8.", code="bad_mapping", field="mapping"
            ) from None
    return parse_mapping(content)


def load_mapped(file: Path, mapping: ColumnMapping, load: Callable[..., None], **said: Any) -> None:
    """Store the rows of an export as notes, and say which of its columns were not read.

    `said` is what the command was told besides: encoding, wait, as_json.
    """
    from service.flows.backfill import MappedRows
    from service.flows.ingest import ingest_notes

    mapped = MappedRows()

    def store_rows(store: Any, rows: Iterable[Line], **options: Any) -> BatchReceipt:
        return ingest_notes(store, mapped.lines(rows, mapping), **options)

    try:
        load("notes", file, store_rows, (), delimiter=mapping.delimiter, **said)
    finally:
        name_the_rest(mapped)


def show_dry_run(
    file: Path,
    mapping: ColumnMapping | None,
    columns: Sequence[str],
    *,
    encoding: str | None,
    as_json: bool,
) -> None:
    """The first ten notes as understood, what would be refused, and the columns not read."""
    from service.clock import system_clock
    from service.flows.backfill import dry_run

    delimiter = "," if mapping is None else mapping.delimiter
    with opened_file(file, encoding) as source:
        rows = lines_of_file(file, source, () if mapping else columns, delimiter)
        found = dry_run(rows, mapping, now=system_clock())
    if as_json:
        result_json(_as_json(found))
    else:
        _show(found)
    if found.rejected:
        raise typer.Exit(1)


def _show(found: DryRun) -> None:
    head = ("line", "external_id", "account_id", "csm_id", "occurred_at", "text")
    rows = [(str(line), *_cells(one)) for line, one in found.first]
    if rows:
        table(head, rows, right=("line",))
    for bad in found.rejected:
        note(f"line {bad.line}: {bad.message} [{bad.code}]")
    name_the_rest(found.mapped)
    result(f"{found.notes:,} notes, {len(found.rejected):,} rejected; nothing was stored.")


def _cells(one: Note) -> tuple[str, ...]:
    text = " ".join(one.text.split())
    shown = text if len(text) <= _SHOWN_TEXT else f"{text[: _SHOWN_TEXT - 1]}…"
    return (one.external_id, one.account_id, one.csm_id, one.occurred_at.isoformat(), shown)


def name_the_rest(mapped: MappedRows) -> None:
    """What of the rows was not taken, on stderr."""
    if mapped.left_out:
        note(f"left out by the mapping's `skip`: {mapped.left_out:,}")
    if mapped.unmapped:
        named = [f"{column} ({rows:,})" for column, rows in sorted(mapped.unmapped.items())]
        note(f"columns that the mapping does not read, and rows that fill them: {', '.join(named)}")


def _as_json(found: DryRun) -> dict[str, object]:
    return {
        "notes": found.notes,
        "first": [{"line": line, "note": one} for line, one in found.first],
        "rejected": found.rejected,
        "left_out": found.mapped.left_out,
        "unmapped_columns": dict(sorted(found.mapped.unmapped.items())),
    }
