"""`groundswell demo`: the whole main job on the sample notes, then the pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from models.errors import Conflict
from service.commands.console import JsonFlag, note, result_json
from service.commands.files import lines_of_file, opened_file
from service.commands.opening import load_language_once
from service.commands.serving import DEFAULT_PORT, address_of, listen, run_server
from service.settings import Settings, load_settings

if TYPE_CHECKING:
    import socket

    from service.flows.language import LanguageModels
    from service.flows.receipts import BatchReceipt
    from service.lazily import Lazily
    from service.storage.engine import Store

_ACTOR = "demo"
_HOST = "127.0.0.1"
_FOLDER = "groundswell-demo"
# With no --port, how many ports after the default one are tried.
_PORTS_TRIED = 20


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: groundswell demo --no-serve")(demo)


def demo(
    folder: Annotated[
        Path | None,
        typer.Option(help="A folder that is not there yet [default: ./groundswell-demo]."),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help=f"Where to serve [default: {DEFAULT_PORT}, or next]."),
    ] = None,
    serve: Annotated[
        bool, typer.Option("--serve/--no-serve", help="Serve the pages at the end.")
    ] = True,
    as_json: JsonFlag = False,
) -> None:
    """Load, read, cluster and judge the sample notes in a fresh store, then serve the pages.

    Authentication is off and only this machine is answered. The sample ends on 2026-09-30, and
    the signals are as of that day.
    """
    from service.storage.engine import migrate, open_store

    listener = _listen(port) if serve else None
    settings = _settings(_new_folder(folder))
    migrate(settings.database_url)
    store = open_store(settings.database_url)
    language = load_language_once(settings)
    try:
        _load_sample(store)
        _read_and_cluster(store, language)
        _print_signals(store, settings, as_json=as_json)
        if listener is not None:
            _serve(settings, store, language, listener)
    finally:
        store.close()
        if listener is not None:
            listener.close()


def demo_clock(now: Callable[[], datetime]) -> Callable[[], datetime]:
    """The time of `now`, but never before the sample's last note has been written."""
    from service.demo import SAMPLE_LAST_DAY

    after = datetime.combine(SAMPLE_LAST_DAY + timedelta(days=1), time(), tzinfo=UTC)
    return lambda: max(now(), after)


def _clock() -> datetime:
    from service.clock import system_clock

    return demo_clock(system_clock)()


def _listen(port: int | None) -> socket.socket:
    from service.commands.serving import AddressTaken

    if port is not None:
        return listen(_HOST, port)
    for candidate in range(DEFAULT_PORT, DEFAULT_PORT + _PORTS_TRIED):
        try:
            return listen(_HOST, candidate)
        except AddressTaken:
            continue
    return listen(_HOST, 0)


def _new_folder(wanted: Path | None) -> Path:
    """Make a folder that was not there: the demo never touches an existing store.

    Raises:
        Conflict: code `folder_exists`, for a folder that was asked for by name.
    """
    if wanted is not None:
        try:
            wanted.mkdir(parents=True)
        except FileExistsError:
            raise Conflict(
                f"{wanted} is there already; name a folder that is not.",
                code="folder_exists",
                field="folder",
            ) from None
        return wanted
    for number in count(1):
        folder = Path(_FOLDER if number == 1 else f"{_FOLDER}-{number}")
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        return folder
    raise AssertionError("counting does not end")


def _settings(folder: Path) -> Settings:
    """Settings that do not depend on the user's own, but for the encoder."""
    return Settings(
        database_url=f"sqlite:///{folder / 'groundswell.db'}",
        encoder=load_settings().encoder,
        auth="off",
        timezone="UTC",
        fiscal_year_start=1,
        policy="combined",
    )


def _load_sample(store: Store) -> None:
    from service.demo import SAMPLE_CORPUS
    from service.flows.ingest import ingest_notes
    from service.flows.portfolio import upsert_accounts, upsert_csms
    from service.flows.taxonomy import upsert_items

    steps: tuple[tuple[str, str, Callable[..., BatchReceipt], dict[str, bool]], ...] = (
        ("CSMs", "csms.csv", upsert_csms, {}),
        ("accounts", "accounts.csv", upsert_accounts, {}),
        ("taxonomy items", "themes.csv", upsert_items, {"live": True}),
        ("notes", "notes.jsonl", ingest_notes, {}),
    )
    for noun, name, store_lines, options in steps:
        file = SAMPLE_CORPUS / name
        with opened_file(file) as source:
            lines = lines_of_file(file, source, ())
            receipt = store_lines(store, lines, now=_clock(), actor=_ACTOR, **options)
        note(f"Loaded {receipt.accepted:,} {noun}.")


def _read_and_cluster(store: Store, language: Lazily[LanguageModels]) -> None:
    from service.commands.waiting import finish_job, read_everything
    from service.flows.jobs import start_run
    from service.jobs.worker import Worker

    note("Loading the language model ...")
    language()
    worker = Worker(store, language, clock=_clock)
    read_everything(store, worker)
    finish_job(store, worker, start_run(store, now=_clock(), actor=_ACTOR))


def _print_signals(store: Store, settings: Settings, *, as_json: bool) -> None:
    from service.commands.board import print_board
    from service.demo import SAMPLE_LAST_DAY, SAMPLE_QUARTER
    from service.flows.signals import SignalQuery, signals

    query = SignalQuery(quarter=SAMPLE_QUARTER, policy=settings.policy_called(None))
    board = signals(store, query, today=SAMPLE_LAST_DAY, calendar=settings.calendar)
    if as_json:
        result_json(board)
    else:
        print_board(board)


def _serve(
    settings: Settings, store: Store, language: Lazily[LanguageModels], listener: socket.socket
) -> None:
    from service.app import create_app
    from service.demo import SAMPLE_LAST_DAY
    from service.jobs.worker import Worker

    app = create_app(
        settings,
        store,
        language=language,
        clock=_clock,
        fixed_day=SAMPLE_LAST_DAY,
        worker=Worker(store, language, clock=_clock),
        loopback_hosts_only=True,
    )
    where = address_of(listener)
    run_server(
        app, listener, f"\nThe signals: {where}/   The API: {where}/docs   Stop with Ctrl-C."
    )
