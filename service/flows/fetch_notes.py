"""Fetch the notes that thin events have named: the vendor's text, stored as if it had been sent.

An event is settled in the transaction that stores its note, so a kill in between only has it
fetched again. What can't be had is tried again ever more slowly, then given up and shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from models.errors import InvalidInput
from service.crm.connector import Change, Fetcher, FetchFailed, Skipped
from service.flows.receive import receive_in
from service.storage import audit, pending_fetches
from service.storage.engine import Store
from service.storage.pending_fetches import PendingFetch

# 1, 2, 4 ... minutes, at most 4 hours apart: some 16 hours in all.
MOST_ATTEMPTS = 12
_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(hours=4)
# A vendor may ask for patience, but not for so much that an event is as good as lost.
_LONGEST_ASKED = timedelta(hours=24)
# A worker that was killed leaves its claims to the next one after this long.
_LEASE = timedelta(minutes=5)


def fetch_due(
    store: Store, fetchers: Mapping[str, Fetcher], *, now: datetime, limit: int = 8
) -> int:
    """Fetch up to `limit` notes that are due; returns how many were settled or put off.

    When a vendor does not answer at all, the rest of its claims are given back untried.

    Raises:
        Unavailable: the store is busy, full or down; what was claimed is due again later.
    """
    if not fetchers:
        return 0
    with store.read() as connection:
        if not pending_fetches.any_due(connection, fetchers, now=now, most_attempts=MOST_ATTEMPTS):
            return 0
    with store.write(changes_answers=False) as connection:
        claimed = pending_fetches.claim(
            connection,
            fetchers,
            now=now,
            until=now + _LEASE,
            most_attempts=MOST_ATTEMPTS,
            limit=limit,
        )
    silent: dict[str, FetchFailed] = {}
    for fetch in claimed:
        trouble = silent.get(fetch.source)
        if trouble is None:
            trouble = _fetch(store, fetchers[fetch.source], fetch, now=now)
            if trouble is not None and trouble.for_all:
                silent[fetch.source] = trouble
        else:
            _put_off(store, fetch, trouble, now=now, counts=False)
    return len(claimed)


def _fetch(
    store: Store, fetcher: Fetcher, fetch: PendingFetch, *, now: datetime
) -> FetchFailed | None:
    try:
        change: Change = fetcher.fetch(fetch.external_id)
    except FetchFailed as trouble:
        _put_off(store, fetch, trouble, now=now, counts=True)
        return trouble
    if isinstance(change, Skipped):
        # What is no longer to be read goes, if it was stored.
        change = Skipped(fetch.external_id, change.reason, withdraw=True)
    try:
        with store.write() as connection:
            if pending_fetches.settle(connection, fetch):
                receipt = receive_in(connection, fetch.source, [change], now=now)
            else:
                # A newer event came meanwhile: it will be fetched as it is then.
                return None
    except InvalidInput as refused:
        _put_off(store, fetch, FetchFailed(refused.code, final=True), now=now, counts=True)
        return None
    if receipt.forgotten:
        store.scrub()
    return None


def _put_off(
    store: Store, fetch: PendingFetch, trouble: FetchFailed, *, now: datetime, counts: bool
) -> None:
    attempts = fetch.attempts + counts
    if trouble.final:
        attempts = MOST_ATTEMPTS
    asked = min(trouble.retry_after or timedelta(0), _LONGEST_ASKED)
    until = now + max(asked, _wait(attempts))
    with store.write(changes_answers=False) as connection:
        pending_fetches.put_off(
            connection, fetch, until=until, error=trouble.code, attempts=attempts
        )
        if attempts >= MOST_ATTEMPTS:
            audit.record(
                connection,
                at=now,
                actor=f"webhook:{fetch.source}",
                action="fetch.given_up",
                target=fetch.external_id,
                details={"code": trouble.code, "attempts": fetch.attempts + counts},
            )


def _wait(attempts: int) -> timedelta:
    return min(_FIRST_WAIT * 2 ** max(0, min(attempts, 20) - 1), _LONGEST_WAIT)
