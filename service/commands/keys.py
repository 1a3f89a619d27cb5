"""`groundswell keys`: who may call the API."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Annotated

import typer

from service.commands.console import Commands, JsonFlag, note, result, result_json, table
from service.commands.opening import ACTOR, opened

keys = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    help="Make, list and revoke API keys.",
    rich_markup_mode=None,
)


def add_to(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(keys, name="keys")


@keys.command(epilog='Example: groundswell keys create --role cs_ops --name "Ana" --expires-in 90d')
def create(
    role: Annotated[str, typer.Option(help="ingest, csm, cs_ops, product or admin.")],
    name: Annotated[str, typer.Option(help="Whose key it is; shown in the audit trail.")],
    csm_id: Annotated[
        str | None, typer.Option(help="The CSM that a key of role csm speaks for.")
    ] = None,
    expires_in: Annotated[
        str | None, typer.Option(help="How long it is good for: 12h, 90d, 52w.")
    ] = None,
    expires: Annotated[
        str | None, typer.Option(help="The last day it is good: 2027-03-31.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Make a key. It is printed once and can't be had again."""
    from service.clock import system_clock
    from service.flows.keys import create_key

    now = system_clock()
    if expires is not None and expires_in is not None:
        raise typer.BadParameter("give --expires or --expires-in, not both")
    with opened(create=True) as (settings, store):
        made = create_key(
            store,
            role=role,
            name=name,
            csm_id=csm_id,
            expires_at=_end(expires, expires_in, now, settings.calendar.timezone),
            now=now,
            actor=ACTOR,
        )
    if as_json:
        shown = {"id": made.id, "key": made.key, "role": role, "name": made.stored.name}
        result_json({**shown, "expires_at": made.stored.expires_at})
    else:
        note(f"Key {made.id} for {made.stored.name} ({role}). Keep it: it is not shown again.")
        result(made.key)


def _end(
    last_day: str | None, lifetime: str | None, now: datetime, timezone: tzinfo
) -> datetime | None:
    from models.access import parse_last_day, parse_lifetime

    if last_day is not None:
        return parse_last_day(last_day, timezone)
    return None if lifetime is None else now + parse_lifetime(lifetime)


@keys.command("list", epilog="Example: groundswell keys list --json")
def list_them(as_json: JsonFlag = False) -> None:
    """List all keys, oldest first, expired and revoked ones too; never the keys themselves."""
    from service.clock import system_clock
    from service.flows.keys import list_keys, view_of
    from service.rendering import instant

    now = system_clock()
    with opened(create=False) as (_settings, store):
        known = [view_of(key, now=now) for key in list_keys(store)]
    if as_json:
        result_json({"data": known})
        return
    rows = [
        (
            key.id,
            key.role,
            key.csm_id or "",
            key.name,
            instant(key.last_used_at) if key.last_used_at else "never",
            instant(key.expires_at) if key.expires_at else "never",
            key.state,
        )
        for key in known
    ]
    table(("id", "role", "csm", "name", "last used", "expires", "state"), rows, right=())


@keys.command(epilog="Example: groundswell keys revoke 5f0c...")
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="As `keys list` shows it.")],
) -> None:
    """End a key's use, at once."""
    from service.clock import system_clock
    from service.flows.keys import revoke_key

    with opened(create=False) as (_settings, store):
        revoked = revoke_key(store, key_id, now=system_clock(), actor=ACTOR)
    result(f"Revoked the key of {revoked.name}.")
