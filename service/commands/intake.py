"""`groundswell load` and `groundswell run`: the backfill, and a clustering run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.commands.console import (
    Commands,
    JsonFlag,
    note,
    progress_bar,
    result,
    result_json,
)
from service.commands.files import DataFile, EncodingOption, lines_of_file, opened_file
from service.commands.opening import ACTOR, make_worker, opened

if TYPE_CHECKING:
    from service.flows.receipts import BatchReceipt

load = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Load accounts, CSMs, a taxonomy or notes from a file (.csv, .jsonl, .json).",
    epilog="Example: groundswell load notes backfill.jsonl --wait",
)

_ACCOUNT_COLUMNS = ("account_id",)
_CSM_COLUMNS = ("csm_id",)
_ITEM_COLUMNS = ("feature_area", "customer_need")
_NOTE_COLUMNS = ("source", "external_id", "account_id", "csm_id", "occurred_at", "text")

WaitFlag = Annotated[
    bool, typer.Option("--wait", help="Return when all is read, embedded and assigned.")
]

MappingOption = Annotated[
    str,
    typer.Option(
        "--mapping",
        metavar="NAME|FILE.toml",
        help="How a CRM's export is read: a shipped mapping (see docs/backfill.md) or your own.",
    ),
]
DryRunFlag = Annotated[
    bool,
    typer.Option("--dry-run", help="Show the first ten notes as understood; store nothing."),
]


def add_to(app: typer.Typer) -> None:
    """Add `load` and `run`."""
    app.add_typer(load, name="load")
    app.command("run", epilog="Example: groundswell run")(run)


@load.command(epilog="Example: groundswell load accounts accounts.csv")
def accounts(file: DataFile, encoding: EncodingOption = None, as_json: JsonFlag = False) -> None:
    """Add or change accounts: account_id, name, segment, arr, health, renewal_date, at_risk,
    csm_id, active."""
    from service.flows.portfolio import upsert_accounts

    _load("accounts", file, upsert_accounts, _ACCOUNT_COLUMNS, encoding=encoding, as_json=as_json)


@load.command(epilog="Example: groundswell load csms csms.csv")
def csms(file: DataFile, encoding: EncodingOption = None, as_json: JsonFlag = False) -> None:
    """Add or change CSMs: csm_id, name, email, active."""
    from service.flows.portfolio import upsert_csms

    _load("csms", file, upsert_csms, _CSM_COLUMNS, encoding=encoding, as_json=as_json)


@load.command(epilog="Example: groundswell load taxonomy themes.csv --wait")
def taxonomy(
    file: DataFile,
    encoding: EncodingOption = None,
    wait: WaitFlag = False,
    as_json: JsonFlag = False,
) -> None:
    """Add or change taxonomy items, live at once: feature_area, customer_need, description,
    examples."""
    from service.flows.taxonomy import upsert_items

    said: dict[str, Any] = {"encoding": encoding, "wait": wait, "as_json": as_json}
    _load("taxonomy", file, upsert_items, _ITEM_COLUMNS, **said, live=True)


@load.command(
    epilog="Example: groundswell load notes tasks.csv --mapping salesforce-task --dry-run"
)
def notes(
    file: DataFile,
    mapping: MappingOption = "",
    dry_run: DryRunFlag = False,
    encoding: EncodingOption = None,
    wait: WaitFlag = False,
    as_json: JsonFlag = False,
) -> None:
    """Load notes, as POST /notes takes them, or as a CRM exports them. Returns when they are
    stored.

    Safe to run again: what is stored already is a duplicate, so a load that was cut off goes
    on where it stopped.
    """
    from service.commands.backfill import chosen_mapping, load_mapped, show_dry_run
    from service.flows.ingest import ingest_notes

    chosen = chosen_mapping(mapping)
    if dry_run:
        show_dry_run(file, chosen, _NOTE_COLUMNS, encoding=encoding, as_json=as_json)
    elif chosen is not None:
        load_mapped(file, chosen, _load, encoding=encoding, wait=wait, as_json=as_json)
    else:
        said: dict[str, Any] = {"encoding": encoding, "wait": wait, "as_json": as_json}
        _load("notes", file, ingest_notes, _NOTE_COLUMNS, **said)


def run(
    reread: Annotated[
        bool, typer.Option("--reread", help="Read every note anew first, as corrections taught.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Read what is unread, embed, cluster, align and propose; returns when that is done."""
    from service.clock import system_clock
    from service.commands.waiting import finish_job, read_everything
    from service.flows.jobs import start_run

    with opened(create=False) as (settings, store):
        worker = make_worker(settings, store)
        job_id = start_run(store, now=system_clock(), actor=ACTOR, reread=reread)
        read_everything(store, worker)
        job = finish_job(store, worker, job_id)
    if as_json:
        result_json({"job_id": job.id, "state": job.state})
    else:
        result("The run is done: `groundswell signals` shows what weighs.")


def _load(
    noun: str,
    file: Path,
    store_lines: Callable[..., BatchReceipt],
    columns: Sequence[str],
    *,
    as_json: bool,
    wait: bool = False,
    delimiter: str = ",",
    encoding: str | None = None,
    **options: Any,
) -> None:
    from service.clock import system_clock
    from service.commands.waiting import read_everything

    with opened(create=True) as (settings, store):
        bar = progress_bar(f"Loading {noun}", _size(file))
        with opened_file(file, encoding) as source, bar as show:
            receipt = store_lines(
                store,
                lines_of_file(file, source, columns, delimiter),
                now=system_clock(),
                actor=ACTOR,
                on_chunk=lambda so_far: show(source.tell(), f"{so_far.lines:,} lines"),
                **options,
            )
        for bad in receipt.rejected:
            note(f"line {bad.line}: {bad.message} [{bad.code}]")
        if wait:
            read_everything(store, make_worker(settings, store))
    report(noun, receipt, as_json=as_json)
    if receipt.rejected:
        raise typer.Exit(1)


def _size(file: Path) -> int:
    return file.stat().st_size


def report(noun: str, receipt: BatchReceipt, *, as_json: bool) -> None:
    """What became of many records, in a line; with `as_json` the receipt itself."""
    if as_json:
        result_json(receipt)
        return
    counts = ("accepted", "duplicate", "updated", "stale", "deleted")
    parts = [f"{getattr(receipt, name):,} {name}" for name in counts if getattr(receipt, name)]
    if receipt.rejected:
        parts.append(f"{len(receipt.rejected):,} rejected")
    result(f"{noun}: {', '.join(parts) or 'nothing to load'}")
    if receipt.ignored_columns:
        note(f"columns that were ignored: {', '.join(receipt.ignored_columns)}")
