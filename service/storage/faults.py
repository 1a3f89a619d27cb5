"""A database's own trouble, told in our words: busy, full, down or damaged.

Only what passes by itself or by an operator's hand is translated. A broken constraint or a
wrong statement is our bug and goes up as it is.
"""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from models.errors import Unavailable

BUSY = "store_busy"
FULL = "store_full"
DOWN = "store_down"
DAMAGED = "store_damaged"

_SENTENCES = {
    BUSY: "Another program holds the store; try again in a moment.",
    FULL: "The store can't be written: its disk is full or failing; free some space, then retry.",
    DOWN: "The store can't be reached; check GROUNDSWELL_DATABASE_URL and that it is running.",
    DAMAGED: "The store's file is not a healthy database; restore it from a backup.",
}

# Primary result codes, https://www.sqlite.org/rescode.html
_SQLITE = {
    sqlite3.SQLITE_BUSY: BUSY,
    sqlite3.SQLITE_LOCKED: BUSY,
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_IOERR: FULL,
    sqlite3.SQLITE_NOMEM: FULL,
    sqlite3.SQLITE_CANTOPEN: DOWN,
    sqlite3.SQLITE_READONLY: DOWN,
    sqlite3.SQLITE_PERM: DOWN,
    sqlite3.SQLITE_CORRUPT: DAMAGED,
    sqlite3.SQLITE_NOTADB: DAMAGED,
}

# https://www.postgresql.org/docs/18/errcodes-appendix.html: whole codes first, then classes.
_POSTGRES = {
    "55P03": BUSY,  # lock_not_available
    "57014": BUSY,  # query_canceled, by a timeout
    "40001": BUSY,  # serialization_failure
    "40P01": BUSY,  # deadlock_detected
    "53300": BUSY,  # too_many_connections
    "25006": DOWN,  # read_only_sql_transaction: a standby
    "XX001": DAMAGED,
    "XX002": DAMAGED,
}
_POSTGRES_CLASSES = {"53": FULL, "58": FULL, "08": DOWN, "57": DOWN, "28": DOWN, "3D": DOWN}


def unavailable(code: str) -> Unavailable:
    """The refusal with this code (one of BUSY, FULL, DOWN, DAMAGED) and its sentence."""
    return Unavailable(_SENTENCES[code], code=code)


def translate(error: SQLAlchemyError) -> Unavailable | None:
    """The refusal that an error of SQLAlchemy stands for, or None where it is our own bug."""
    if isinstance(error, PoolTimeout):
        return unavailable(BUSY)
    if not isinstance(error, DBAPIError):
        return None
    code = _code_of(error)
    return unavailable(code) if code else None


def _code_of(error: DBAPIError) -> str | None:
    origin = error.orig
    if isinstance(origin, sqlite3.Error):
        extended = getattr(origin, "sqlite_errorcode", None)
        return None if extended is None else _SQLITE.get(extended & 0xFF)
    state = getattr(origin, "sqlstate", None)
    if state is None:
        # psycopg has no state to tell where the connection itself broke or never came up.
        lost = error.connection_invalidated or type(origin).__name__ == "OperationalError"
        return DOWN if lost else None
    return _POSTGRES.get(state) or _POSTGRES_CLASSES.get(state[:2])
