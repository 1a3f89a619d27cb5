"""`groundswell pull`: notes fetched from a vendor's API, from where the last pull ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import SecretStr

from models.errors import InvalidInput
from service.commands.backfill import chosen_mapping, name_the_rest
from service.commands.console import Commands, JsonFlag, note
from service.commands.intake import WaitFlag, report
from service.commands.opening import ACTOR, make_worker, opened

if TYPE_CHECKING:
    from service.crm.mapping import ColumnMapping
    from service.crm.pulls import Puller
    from service.crm.vendor_api import VendorApi
    from service.settings import Settings

pull = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Fetch notes from a CRM's API, from where the last pull ended.",
    epilog="Example: groundswell pull hubspot --wait",
)

MappingOption = Annotated[
    str,
    typer.Option("--mapping", metavar="FILE.toml", help="Field names, where yours differ."),
]
SinceOption = Annotated[
    str,
    typer.Option("--since", help="A position in the vendor's terms: start there instead."),
]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(pull, name="pull")


@pull.command(epilog="Example: groundswell pull salesforce --wait")
def salesforce(
    mapping: MappingOption = "",
    since: SinceOption = "",
    wait: WaitFlag = False,
    as_json: JsonFlag = False,
) -> None:
    """Tasks from Salesforce. --since is a SystemModstamp, like 2026-07-01T00:00:00Z."""
    _pull("salesforce", mapping, since, wait=wait, as_json=as_json)


@pull.command(epilog="Example: groundswell pull gainsight --wait")
def gainsight(
    mapping: MappingOption = "",
    since: SinceOption = "",
    wait: WaitFlag = False,
    as_json: JsonFlag = False,
) -> None:
    """Timeline activities from Gainsight. --since is a time of last change."""
    _pull("gainsight", mapping, since, wait=wait, as_json=as_json)


@pull.command(epilog="Example: groundswell pull hubspot --wait")
def hubspot(
    mapping: MappingOption = "",
    since: SinceOption = "",
    wait: WaitFlag = False,
    as_json: JsonFlag = False,
) -> None:
    """Notes from HubSpot. --since is a last change in milliseconds."""
    _pull("hubspot", mapping, since, wait=wait, as_json=as_json)


def _pull(source: str, mapping: str, since: str, *, wait: bool, as_json: bool) -> None:
    from service.clock import system_clock
    from service.commands.waiting import read_everything
    from service.flows.pull import pull_notes

    fields = chosen_mapping(mapping or f"{source}-api")
    assert fields is not None
    with opened(create=True) as (settings, store):
        api, puller = _puller(source, settings, fields)
        with api:
            receipt, mapped = pull_notes(
                store,
                puller,
                fields,
                now=system_clock(),
                actor=ACTOR,
                since=since,
                on_page=lambda so_far: note(f"{so_far.lines:,} notes so far"),
            )
        if wait:
            read_everything(store, make_worker(settings, store))
    for bad in receipt.rejected:
        note(f"note {bad.line}: {bad.message} [{bad.code}]")
    name_the_rest(mapped)
    report(source, receipt, as_json=as_json)


def _puller(source: str, settings: Settings, mapping: ColumnMapping) -> tuple[VendorApi, Puller]:
    from service.crm.pulls.gainsight import GainsightPull
    from service.crm.pulls.hubspot import HubSpotPull
    from service.crm.pulls.salesforce import SalesforcePull
    from service.crm.vendor_api import VendorApi

    if source == "salesforce":
        _require(settings, "salesforce_url", "salesforce_client_id", "salesforce_client_secret")
        api = VendorApi("Salesforce", settings.salesforce_url, {})
        return api, SalesforcePull(
            api,
            mapping,
            client_id=settings.salesforce_client_id,
            client_secret=_secret(settings.salesforce_client_secret),
        )
    if source == "gainsight":
        _require(settings, "gainsight_url", "gainsight_access_key")
        key = _secret(settings.gainsight_access_key)
        api = VendorApi("Gainsight", settings.gainsight_url, {"accesskey": key})
        return api, GainsightPull(api, mapping)
    _require(settings, "hubspot_url", "hubspot_token")
    token = _secret(settings.hubspot_token)
    api = VendorApi("HubSpot", settings.hubspot_url, {"Authorization": f"Bearer {token}"})
    return api, HubSpotPull(api, mapping)


def _require(settings: Settings, *names: str) -> None:
    lacking = [name for name in names if not getattr(settings, name)]
    if lacking:
        variables = ", ".join(f"GROUNDSWELL_{name.upper()}" for name in lacking)
        raise InvalidInput(f"Set {variables} first.", code="missing_setting", field=lacking[0])


def _secret(value: SecretStr | None) -> str:
    return value.get_secret_value() if value is not None else ""
