"""`groundswell keys`: who may call the API."""

from __future__ import annotations

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


@keys.command(epilog='Example: groundswell keys create --role cs_ops --name "Ana"')
def create(
    role: Annotated[str, typer.Option(help="ingest, csm, cs_ops, product or admin.")],
    name: Annotated[str, typer.Option(help="Whose key it is; shown in the audit trail.")],
    csm_id: Annotated[
        str | None, typer.Option(help="The CSM that a key of role csm speaks for.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Make a key. It is printed once and can't be had again."""
    from service.clock import system_clock
    from service.flows.keys import create_key

    with opened(create=True) as (_settings, store):
        made = create_key(
            store, role=role, name=name, csm_id=csm_id, now=system_clock(), actor=ACTOR
        )
    if as_json:
        result_json({"id": made.id, "key": made.key, "role": role, "name": made.stored.name})
    else:
        note(f"Key {made.id} for {made.stored.name} ({role}). Keep it: it is not shown again.")
        result(made.key)


@keys.command("list", epilog="Example: groundswell keys list --json")
def list_them(as_json: JsonFlag = False) -> None:
    """List all keys, oldest first, revoked ones too; never the keys themselves."""
    from service.flows.keys import list_keys
    from service.rendering import instant

    with opened(create=False) as (_settings, store):
        known = list_keys(store)
    if as_json:
        shown = ("id", "name", "role", "csm_id", "created_at", "last_used_at", "revoked_at")
        result_json({"data": [{name: getattr(key, name) for name in shown} for key in known]})
        return
    rows = [
        (
            key.id,
            key.role,
            key.csm_id or "",
            key.name,
            instant(key.last_used_at) if key.last_used_at else "never",
            "revoked" if key.revoked_at else "",
        )
        for key in known
    ]
    table(("id", "role", "csm", "name", "last used", "state"), rows, right=())


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
