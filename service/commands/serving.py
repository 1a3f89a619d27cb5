"""`groundswell serve`, `work` and `migrate`: the processes that run, and the store's schema."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Annotated

import typer

from models.errors import Forbidden, GroundswellError
from service.commands.console import note, result
from service.commands.opening import load_language_once, make_worker, opened
from service.settings import Settings, load_settings

if TYPE_CHECKING:
    from fastapi import FastAPI

DEFAULT_PORT = 8000

HostOption = Annotated[str, typer.Option(help="The address to listen on.")]
PortOption = Annotated[int, typer.Option(min=0, max=65535, help="0 takes any free port.")]


class AddressTaken(GroundswellError):
    """Nothing can listen on that address and port."""


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(epilog="Example: groundswell serve --port 8000")(serve)
    app.command(epilog="Example: groundswell work")(work)
    app.command(epilog="Example: groundswell migrate")(migrate)


def serve(
    host: HostOption = "127.0.0.1",
    port: PortOption = DEFAULT_PORT,
    worker: Annotated[
        bool, typer.Option("--worker/--no-worker", help="Also read notes in this process.")
    ] = True,
) -> None:
    """Serve the API, the pages and the background worker in one process."""
    from service.app import create_app
    from service.flows.keys import list_keys
    from service.security import is_loopback

    settings = load_settings()
    refuse_open_address(settings, host)
    listener = listen(host, port)
    with listener, opened(create=True) as (settings, store):
        language = load_language_once(settings)
        app = create_app(
            settings,
            store,
            language=language,
            worker=make_worker(settings, store, language) if worker else None,
            loopback_hosts_only=is_loopback(host),
        )
        if settings.auth == "keys" and not list_keys(store):
            note('No one has a key yet: groundswell keys create --role admin --name "..."')
        where = address_of(listener)
        run_server(app, listener, f"Groundswell answers on {where} (API: {where}/docs).")


def work() -> None:
    """Run a worker alone: it reads notes and does jobs until it is stopped."""
    import signal
    import threading

    from service.telemetry import configure_logging

    configure_logging()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with opened(create=True) as (settings, store):
        note("Working; stop with Ctrl-C.")
        make_worker(settings, store).run(stop)


def migrate() -> None:
    """Bring the store's schema up to date; a store that is not there yet is made."""
    from service.storage.engine import migrate as bring_up_to_date

    bring_up_to_date(load_settings().database_url)
    result("The store is up to date.")


def refuse_open_address(settings: Settings, host: str) -> None:
    """Without keys, only this machine may reach the service.

    Raises:
        Forbidden: code `auth_off_needs_loopback`.
    """
    from service.security import is_loopback

    if settings.auth == "off" and not is_loopback(host):
        raise Forbidden(
            f"GROUNDSWELL_AUTH=off is for this machine alone, and others can reach {host};"
            " listen on 127.0.0.1, or leave authentication on.",
            code="auth_off_needs_loopback",
            field="host",
        )


def listen(host: str, port: int) -> socket.socket:
    """A socket bound there, taken before any work is done; it refuses callers until served.

    Raises:
        AddressTaken: another program has it, or the address is not this machine's.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        raise AddressTaken(
            f"Nothing can listen on {host}:{port} ({error.strerror}); choose another --port.",
            code="address_taken",
            field="port",
        ) from None
    return listener


def address_of(listener: socket.socket) -> str:
    """The URL of a listening socket."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def run_server(app: FastAPI, listener: socket.socket, announcement: str) -> None:
    """Say where, then serve until stopped."""
    from service.server import make_server
    from service.telemetry import configure_logging

    configure_logging()
    # From here on a caller waits rather than being refused, so what we say is true.
    listener.listen()
    result(announcement)
    make_server(app).run(sockets=[listener])
