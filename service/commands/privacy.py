"""`groundswell erase` and `groundswell retain`: what is not to be kept."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from service.commands.console import Commands, JsonFlag, note, result, result_json
from service.commands.opening import ACTOR, opened

erase = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Erase a note, an account with its notes, or what is personal of a CSM.",
    epilog="Example: groundswell erase account a-1",
)


def add_to(app: typer.Typer) -> None:
    """Add `erase` and `retain`."""
    app.add_typer(erase, name="erase")
    app.command("retain", epilog="Example: groundswell retain --days 730 --dry-run")(retain)


@erase.command("note", epilog="Example: groundswell erase note salesforce 0061x00000AbCdE")
def erase_note(
    source: Annotated[str, typer.Argument(help="Where the note came from.")],
    external_id: Annotated[str, typer.Argument(help="Its id there.")],
) -> None:
    """Erase a note: text, requests and vectors. Sent again, it is not stored."""
    from service.clock import system_clock
    from service.flows.forget import delete_note

    with opened(create=False) as (_, store):
        delete_note(store, source, external_id, now=system_clock(), actor=ACTOR)
    result(f"The note {external_id} of {source} is erased.")


@erase.command("account", epilog="Example: groundswell erase account a-1")
def erase_account(
    account_id: Annotated[str, typer.Argument(help="The account's id.")],
    as_json: JsonFlag = False,
) -> None:
    """Erase an account: its notes, requests, pre-reads, vectors and its record."""
    from service.clock import system_clock
    from service.flows.erase_account import erase_account as erased

    with opened(create=False) as (_, store):
        gone = erased(store, account_id, now=system_clock(), actor=ACTOR)
    if as_json:
        result_json(asdict(gone))
    else:
        result(
            f"The account {account_id} is erased, with {gone.notes:,} notes and"
            f" {gone.observations:,} pre-reads."
        )


@erase.command("csm", epilog="Example: groundswell erase csm c-1")
def erase_csm(
    csm_id: Annotated[str, typer.Argument(help="The CSM's id.")], as_json: JsonFlag = False
) -> None:
    """Erase a CSM's name, address, id and keys; the notes stay, under an id that says nothing."""
    from service.clock import system_clock
    from service.flows.erase_csm import erase_csm as erased

    with opened(create=False) as (_, store):
        stand_in = erased(store, csm_id, now=system_clock(), actor=ACTOR)
    if as_json:
        result_json({"csm_id": stand_in})
    else:
        result(f"The CSM is erased; the notes carry the id {stand_in}.")


def retain(
    days: Annotated[
        int | None,
        typer.Option(min=1, help="Keep so many days; GROUNDSWELL_RETENTION_DAYS unless given."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count, and erase nothing.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Erase the notes and pre-reads that are older than they are to be kept."""
    from service.clock import system_clock
    from service.flows.retention import erase_outdated, outdated

    now = system_clock()
    with opened(create=False) as (settings, store):
        kept = days or settings.retention_days
        if kept is None:
            raise typer.BadParameter("give --days, or set GROUNDSWELL_RETENTION_DAYS")
        old = outdated(store, kept, now=now)
        while not dry_run and erase_outdated(store, kept, now=now, actor=ACTOR):
            note(f"{outdated(store, kept, now=now).notes:,} notes left")
    if as_json:
        result_json({**asdict(old), "days": kept, "erased": not dry_run})
    else:
        said = "are to be erased" if dry_run else "are erased"
        result(
            f"{old.notes:,} notes and {old.observations:,} pre-reads from before"
            f" {old.before:%Y-%m-%d} {said}."
        )
