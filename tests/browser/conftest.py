"""A real browser against a served application: Debian's Chromium, driven by Playwright."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import uvicorn

from service.app import create_app
from service.settings import Settings
from service.storage.engine import Store
from tests.language_fakes import fake_language

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)
# For a machine at its limit; what never comes still fails.
PATIENCE_MS = 30_000
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One browser for all of these, so one process; without Chromium they say so."""
    for item in items:
        if item.path.parent.name == "browser":
            item.add_marker(pytest.mark.xdist_group("browser"))
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="Chromium is not installed"))


@dataclass(frozen=True)
class Served:
    """An application that answers on loopback, and its store."""

    url: str
    store: Store


@contextmanager
def served(store: Store, **options: Any) -> Iterator[Served]:
    """Serve a store on a free port until the block ends; auth is off unless given."""
    settings = Settings(auth=options.pop("auth", "off"))
    app = create_app(settings, store, language=fake_language, clock=lambda: NOW, **options)
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="on"))
    # Kept from the choice of the port on, so that no other process can take it between.
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive(), "the application did not start"
                time.sleep(0.01)
            yield Served(f"http://127.0.0.1:{listener.getsockname()[1]}", store)
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One headless browser for the session."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_ARGUMENTS)
        yield browser
        browser.close()


OpenPage = Callable[..., Any]


@pytest.fixture
def open_page(chromium: Any) -> Iterator[OpenPage]:
    """Makes a page with a fresh profile; what its console complains of fails the test."""
    with ExitStack() as stack:
        complaints: list[str] = []

        def make(*, width: dict[str, int] = WIDE, dark: bool = False, script: bool = True) -> Any:
            context = stack.enter_context(
                chromium.new_context(
                    viewport=width,
                    color_scheme="dark" if dark else "light",
                    java_script_enabled=script,
                    reduced_motion="reduce",
                )
            )
            page = context.new_page()
            page.set_default_timeout(PATIENCE_MS)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on("console", lambda said: _note(said, complaints))
            return page

        yield make
        assert complaints == []


def _note(said: Any, complaints: list[str]) -> None:
    # A refused answer (409, 422) is logged as an error by the browser itself.
    if said.type == "error" and "Failed to load resource" not in said.text:
        complaints.append(said.text)


def follow(target: Any) -> None:
    """Click what leads to a page, and wait for the whole of it.

    A click by itself waits for the first bytes: the page may be half there, and its style sheet
    and scripts are not. So before what is counted, read or typed at once: this, `press` or `goto`.
    """
    with target.page.expect_navigation():
        target.click()


def press(page: Any, key: str) -> None:
    """Press a key that leads to a page, and wait for the whole of it."""
    with page.expect_navigation():
        page.keyboard.press(key)


# Presses each form's button twice; nothing is really sent.
_TWICE = """() => [...document.querySelectorAll("form[method=post]")].filter((form) => {
  let sent = 0;
  const count = (event) => { sent += event.defaultPrevented ? 0 : 1; event.preventDefault(); };
  addEventListener("submit", count);
  form.noValidate = true;
  form.requestSubmit();
  form.requestSubmit();
  removeEventListener("submit", count);
  return sent > 1;
}).map((form) => form.getAttribute("action"))"""


def sent_twice(page: Any) -> list[str]:
    """The forms of a page that a second press sends again, while the first is on its way."""
    return list(page.evaluate(_TWICE))


_PARSED = """() => document.readyState !== "loading" || new Promise((done) => {
  document.addEventListener("readystatechange", () => done(true), { once: true });
})"""


@contextmanager
def without(page: Any, address: str, what: str) -> Iterator[None]:
    """A page as it is before one of its files has come; which comes when the block ends."""
    held: list[Any] = []
    page.route(what, lambda route: held.append(route))
    with page.expect_request(what):
        page.goto(address, wait_until="commit")
    # Read to its end: what is deferred waits behind this.
    page.evaluate(_PARSED)
    yield
    for route in held:
        route.continue_()
    page.wait_for_load_state("load")


def violations(page: Any) -> list[str]:
    """What axe finds against WCAG 2.2, levels A and AA: rule and element."""
    from axe_playwright_python.sync_playwright import Axe

    # A click has only committed its navigation: without its style sheet a page is another.
    page.wait_for_load_state("load")
    levels = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    options = {"runOnly": {"type": "tag", "values": levels}, "resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response["violations"]
    return [f"{rule['id']}: {node['html']}" for rule in found for node in rule["nodes"]]


def overflow(page: Any) -> int:
    """By how many pixels the page is wider than the window."""
    page.wait_for_load_state("load")
    return int(
        page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    )
