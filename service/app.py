"""The web application, built on call: `create_app(settings, store)`.

Nothing is opened here and nothing heavy is imported: the encoder loads in the worker's thread
while the first answers are already given.
"""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date, datetime
from typing import Any, Protocol

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from service import api, web
from service.clock import system_clock
from service.dependencies import Services
from service.errors import install_error_handlers
from service.flows.health import count_waiting_notes, store_figures
from service.flows.receive_together import IntakeLine
from service.flows.sessions import session_secret
from service.lazily import Lazily
from service.limits import IntakeQueue, Limits, parse_rate
from service.middleware import LocalOnly, RequestContext
from service.openapi import describe, install_openapi
from service.session_seal import SessionSeal
from service.settings import Settings
from service.sign_on import SignOn
from service.storage.engine import Store
from service.telemetry import Telemetry

# How long a stop waits for the worker to finish the batch in its hands; what it does not
# finish is claimed again by the next worker.
STOP_SECONDS = 20


class BackgroundWorker(Protocol):
    """The worker as the application sees it: it runs until told to stop, and has a status."""

    @property
    def status(self) -> Any:
        """What it is doing, or why it waits."""
        ...

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set."""
        ...


def create_app(
    settings: Settings,
    store: Store,
    *,
    language: Callable[[], Any],
    clock: Callable[[], datetime] = system_clock,
    fixed_day: date | None = None,
    worker: BackgroundWorker | None = None,
    loopback_hosts_only: bool = False,
) -> FastAPI:
    """Build the application.

    Args:
        settings: as loaded at start.
        store: an open store; whoever opened it closes it.
        language: loads the encoder and reader on first use, for decisions that assign.
        clock: where `now` comes from.
        fixed_day: what `quarter` and `as_of` default to instead of today (the demo).
        worker: run in a thread for as long as the application is served.
        loopback_hosts_only: refuse a Host that is not this machine's (when auth is off).
    """
    telemetry = Telemetry(lambda: store_figures(store))
    app = FastAPI(
        title="Groundswell",
        lifespan=_lifespan(worker),
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        **describe(),
    )
    app.state.services = Services(
        settings=settings,
        store=store,
        telemetry=telemetry,
        clock=clock,
        fixed_day=fixed_day,
        worker=worker,
        language=language,
        limits=_limits(settings, store),
        session_seal=Lazily(lambda: _session_seal(settings, store)),
        intake=IntakeLine(store),
        sign_on=None if settings.oidc_issuer is None else SignOn(settings),
    )
    install_error_handlers(app)
    api.install(app)
    # Before the pages: their /static would hide the /static/swagger of this.
    install_openapi(app)
    web.install(app)
    if settings.auth == "off":
        app.add_middleware(LocalOnly, loopback_hosts_only=loopback_hosts_only)
    # Added last, so it is outermost: it also counts and names what the others refuse.
    app.add_middleware(RequestContext, telemetry=telemetry)
    return app


def _limits(settings: Settings, store: Store) -> Limits:
    queue = IntakeQueue(lambda: count_waiting_notes(store), settings.queue_bound)
    return Limits(
        requests=parse_rate(settings.rate_limit),
        wrong_keys=parse_rate(settings.wrong_key_limit),
        logins=parse_rate(settings.login_limit),
        queue=queue,
    )


def _session_seal(settings: Settings, store: Store) -> SessionSeal:
    given = settings.session_secret
    return SessionSeal(session_secret(store) if given is None else given.get_secret_value())


def _lifespan(worker: BackgroundWorker | None) -> Any:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        if worker is None:
            yield
            return
        stop = threading.Event()
        thread = threading.Thread(target=worker.run, args=(stop,), name="worker", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            await run_in_threadpool(thread.join, STOP_SECONDS)

    return lifespan
