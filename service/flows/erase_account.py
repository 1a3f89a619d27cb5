"""Erase an account: every note on it, with all that was read out of them, and its record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from models.errors import NotFound
from service.flows.forget import forget_notes, forget_observations
from service.storage import audit, notes, observations
from service.storage.accounts import ACCOUNTS
from service.storage.engine import Store

# As many to a transaction: a writer waits no longer than this takes.
AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class ErasedAccount:
    """How much was erased with the account."""

    account_id: str
    notes: int
    observations: int


def erase_account(store: Store, account_id: str, *, now: datetime, actor: str) -> ErasedAccount:
    """Erase the account; done when this returns. Cut off in the middle, call it again.

    Its notes are gone as `delete_note` has it, tombstones and all, so that a repeat of one
    does not bring it back; a new note on the account begins a bare record. Figures that were
    issued stay.

    Raises:
        NotFound: `unknown_account`.
        Unavailable: the store is busy, full or down; what is erased by then stays erased.
    """
    notes_gone = observations_gone = 0
    while True:
        with store.write() as connection:
            if account_id not in ACCOUNTS.find(connection, {account_id}):
                raise NotFound("There is no account with this id.", code="unknown_account")
            gone = _erase_some(connection, account_id, now=now)
            notes_gone += gone[0]
            observations_gone += gone[1]
            if gone == (0, 0):
                ACCOUNTS.remove(connection, account_id)
                audit.record(
                    connection,
                    at=now,
                    actor=actor,
                    action="account.erased",
                    target=account_id,
                    details={"notes": notes_gone, "observations": observations_gone},
                )
                break
    store.scrub()
    return ErasedAccount(account_id, notes_gone, observations_gone)


def _erase_some(connection: Connection, account_id: str, *, now: datetime) -> tuple[int, int]:
    gone = notes.of_account(connection, account_id, limit=AT_ONCE)
    forget_notes(connection, gone, now=now)
    said = observations.of_account(connection, account_id, limit=AT_ONCE)
    forget_observations(connection, said)
    return len(gone), len(said)
