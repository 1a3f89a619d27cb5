"""Open what a command works on: the settings, the store, the language models, the worker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from service.lazily import Lazily
from service.settings import Settings, load_settings

if TYPE_CHECKING:
    from service.crm.connector import Fetcher
    from service.flows.language import LanguageModels
    from service.jobs.worker import Worker
    from service.storage.engine import Store

# Whom the audit trail names for what was done from the command line.
ACTOR = "command line"
_SQLITE = "sqlite:///"


@contextmanager
def opened(*, create: bool) -> Iterator[tuple[Settings, Store]]:
    """The settings and the open store, closed afterwards.

    `create` makes a SQLite file that is not there yet, so that the first command of a new
    user works. A store that is there is never migrated unasked.

    Raises:
        BadSettings: as `load_settings`.
        Unavailable: `store_not_migrated`, `store_newer`, or the trouble of reaching it.
    """
    from service.storage.engine import migrate, open_store

    settings = load_settings()
    if create and _is_new_file(settings.database_url):
        migrate(settings.database_url)
    store = open_store(settings.database_url)
    try:
        yield settings, store
    finally:
        store.close()


def _is_new_file(url: str) -> bool:
    return url.startswith(_SQLITE) and not Path(url.removeprefix(_SQLITE)).exists()


def load_language_once(settings: Settings) -> Lazily[LanguageModels]:
    """The configured language models, loaded at the first call and shared after."""

    def load() -> LanguageModels:
        from service.flows.language import load_language

        return load_language(settings.encoder, rerank=settings.reranker)

    return Lazily(load)


def make_worker(
    settings: Settings, store: Store, language: Callable[[], LanguageModels] | None = None
) -> Worker:
    """The background worker on this store."""
    from service.clock import system_clock
    from service.jobs.worker import Worker

    return Worker(
        store,
        language or load_language_once(settings),
        clock=system_clock,
        calendar=settings.calendar,
        fetchers=_fetchers(settings),
        retention_days=settings.retention_days,
    )


def _fetchers(settings: Settings) -> dict[str, Fetcher]:
    """Who is asked for the notes that a vendor's events name; nobody without a token."""
    from service.crm.hubspot_notes import HubSpotNotes

    if settings.hubspot_token is None:
        return {}
    token = settings.hubspot_token.get_secret_value()
    wanted = settings.webhook_preferences("hubspot")
    return {"hubspot": HubSpotNotes(settings.hubspot_url, token, wanted)}
