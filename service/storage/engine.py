"""The store: one database behind `read()` and `write()`, and the only commit in the program.

SQLite and PostgreSQL are held to one behaviour. A read sees one snapshot and can't write. A
write that can change an answer is the only one of its kind at a time: on SQLite by BEGIN
IMMEDIATE, on PostgreSQL by the row lock on the data version, which it bumps first.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, select, text, update
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from models.errors import InvalidInput, Unavailable
from service.storage import faults, schema
from service.storage.operating_tables import data_version as version_table

# How long a writer waits for another one before it answers store_busy.
LOCK_WAIT_SECONDS = 10
# How long a scrub holds up the caller for readers to finish; it is tried again later.
_SCRUB_WAIT_SECONDS = 0.5
_NO_TRANSACTION = "groundswell_no_transaction"
# As many readers as the web server has threads.
_READERS = 40


class _Rehearsed(Exception):
    """Ends a write that nobody wants kept."""


class Store:
    """One database, open. Safe to share between threads; several processes may have it open.

    Nothing is connected before the first `read()` or `write()`.

    Raises:
        InvalidInput: code `unknown_database` for a URL that is neither SQLite nor PostgreSQL.
    """

    def __init__(self, url: str) -> None:
        parsed = _parse(url)
        self._reader = _make_engine(parsed, reads=True)
        self._writer = _make_engine(parsed, reads=False)
        self._mine = threading.local()
        self._scrub_is_due = False

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._writer.dialect.name

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one snapshot and refuses to write.

        Raises:
            Unavailable: `store_busy`, `store_full`, `store_down`, `store_damaged`.
        """
        with _translated(), self._reader.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self, *, changes_answers: bool = True) -> Iterator[Connection]:
        """A connection whose work is committed when the block ends, and undone if it raises.

        `changes_answers=False` is for what no reader is ever shown (a claim, a key's last
        use): it leaves the data version, and so every ETag, as it is.

        Raises:
            Unavailable: `store_busy`, `store_full`, `store_down`, `store_damaged`; nothing of
                the block is stored then.
            RuntimeError: for a write inside a write of the same thread, which could only wait
                for itself.
        """
        if getattr(self._mine, "writing", False):
            raise RuntimeError("a write inside a write: pass the open connection on instead")
        self._mine.writing = True
        try:
            with _committed(self._writer) as connection:
                if changes_answers:
                    _bump(connection)
                yield connection
        finally:
            self._mine.writing = False
        if self._scrub_is_due:
            self.scrub()

    @contextmanager
    def rehearse(self) -> Iterator[Connection]:
        """A connection as of `write`, whose work is never kept: to see what a write would do.

        Raises:
            Unavailable, RuntimeError: as `write`.
        """
        try:
            with self.write() as connection:
                yield connection
                raise _Rehearsed
        except _Rehearsed:
            pass

    @staticmethod
    def data_version(connection: Connection) -> int:
        """How many writes that can change an answer are behind this snapshot."""
        return int(connection.scalar(select(version_table.c.version)) or 0)

    def is_read(self, connection: Connection) -> bool:
        """Whether it is one of `read()`, so that what it sees is committed."""
        return connection.engine is self._reader

    def scrub(self) -> bool:
        """Empty SQLite's write-ahead file, where deleted text would linger; False if held up.

        Deleted rows are zeroed in the main file (`secure_delete`), but the log keeps the old
        pages until it is started over. A reader in the middle of a long answer holds that up:
        then each later write tries again. On PostgreSQL this is its own vacuum's work.
        """
        if self.dialect == "sqlite":
            self._scrub_is_due = not self._truncate_log()
        return not self._scrub_is_due

    def _truncate_log(self) -> bool:
        try:
            with _translated(), self._writer.connect() as connection:
                plain = connection.execution_options(**{_NO_TRANSACTION: True})
                plain.exec_driver_sql(f"PRAGMA busy_timeout = {_SCRUB_WAIT_SECONDS * 1000:.0f}")
                held_up = plain.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar()
                plain.exec_driver_sql(f"PRAGMA busy_timeout = {LOCK_WAIT_SECONDS * 1000:.0f}")
        except Unavailable:
            return False
        return not held_up

    def close(self) -> None:
        """Close every connection."""
        self._reader.dispose()
        self._writer.dispose()


def open_store(url: str) -> Store:
    """The store at this URL, whose schema is the one this code knows.

    Raises:
        InvalidInput: `unknown_database`.
        Unavailable: `store_not_migrated`, `store_newer`, or the trouble of reaching it.
    """
    store = Store(url)
    try:
        parsed = _parse(url)
        if store.dialect == "sqlite" and not Path(parsed.database or "").exists():
            raise schema.not_migrated()
        with store.read() as connection:
            schema.check(connection)
    except BaseException:
        store.close()
        raise
    return store


def migrate(url: str) -> None:
    """Bring the store at this URL to the newest schema, making a fresh SQLite file if need be.

    All steps are one transaction: killed in the middle, the store is as it was. Two at once
    wait for each other. A new file can be read by its owner alone.

    Raises:
        InvalidInput: `unknown_database`, or `store_path` where the folder does not exist.
        Unavailable: `store_newer` for a store that a newer version wrote, or the trouble of
            reaching it.
    """
    parsed = _parse(url)
    if parsed.get_backend_name() == "sqlite":
        _make_file(Path(parsed.database or ""))
    # Rebuilding a table on SQLite drops it, and with keys enforced that deletes its children.
    engine = _make_engine(parsed, reads=False, foreign_keys=False)
    try:
        with _committed(engine) as connection:
            schema.upgrade(connection)
    finally:
        engine.dispose()


@contextmanager
def _committed(engine: Engine) -> Iterator[Connection]:
    with _translated(), engine.connect() as connection:
        transaction = connection.begin()
        try:
            if engine.dialect.name == "postgresql":
                connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_WAIT_SECONDS}s'"))
            yield connection
            transaction.commit()
        except BaseException:
            transaction.rollback()
            raise


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        refusal = faults.translate(error)
        if refusal is None:
            raise
        raise refusal from error


def _bump(connection: Connection) -> None:
    # First, not last: on PostgreSQL the lock on this row makes writers take turns.
    connection.execute(update(version_table).values(version=version_table.c.version + 1))


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except (ArgumentError, SQLAlchemyError, ValueError):
        raise _unknown_database() from None
    if backend not in ("sqlite", "postgresql"):
        raise _unknown_database()
    in_memory = parsed.database in (None, "", ":memory:") or "uri" in parsed.query
    if backend == "sqlite" and in_memory:
        # Each thread and process would have a store of its own.
        raise _unknown_database()
    return parsed


def _unknown_database() -> InvalidInput:
    return InvalidInput(
        "The database URL must be sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME.",
        code="unknown_database",
        field="database_url",
    )


def _make_file(path: Path) -> None:
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        return
    except (FileNotFoundError, NotADirectoryError):
        raise InvalidInput(
            f"The folder of {path} does not exist; make it first.",
            code="store_path",
            field="database_url",
        ) from None
    except OSError as error:
        raise Unavailable(
            f"The store's file can't be made: {error.strerror}.", code=faults.DOWN
        ) from error


def _make_engine(url: URL, *, reads: bool, foreign_keys: bool = True) -> Engine:
    # Parameters hold note text, which must not get into a log by way of an error's message.
    options: dict[str, Any] = {"hide_parameters": True, "pool_timeout": LOCK_WAIT_SECONDS}
    if url.get_backend_name() == "postgresql":
        engine = create_engine(
            url, pool_size=5, max_overflow=_READERS - 5, pool_pre_ping=True, **options
        )
        if not reads:
            return engine
        return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    # One writer per process: threads queue here in order, not by polling SQLite's lock.
    engine = create_engine(url, pool_size=_READERS if reads else 1, max_overflow=0, **options)
    _prepare_sqlite(engine, reads=reads, foreign_keys=foreign_keys)
    return engine


def _prepare_sqlite(engine: Engine, *, reads: bool, foreign_keys: bool) -> None:
    @event.listens_for(engine, "connect")
    def connected(dbapi_connection: Any, _record: Any) -> None:
        # We write our own BEGIN: sqlite3's implicit one comes late and never IMMEDIATE.
        dbapi_connection.isolation_level = None
        for pragma in _pragmas(reads=reads, foreign_keys=foreign_keys):
            dbapi_connection.execute(f"PRAGMA {pragma}")
        if not reads:
            _write_ahead(dbapi_connection)

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        if not connection.get_execution_options().get(_NO_TRANSACTION):
            connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Turn the write-ahead log on, where nobody has yet.

    Of two who turn it on in the same moment SQLite tells one that the file is locked, without
    the wait that it grants everything else.
    """
    give_up = time.monotonic() + LOCK_WAIT_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                raise
            time.sleep(0.01)


def _pragmas(*, reads: bool, foreign_keys: bool) -> list[str]:
    common = [f"busy_timeout = {LOCK_WAIT_SECONDS * 1000:.0f}"]
    if reads:
        return [*common, "query_only = ON"]
    return [
        *common,
        # An answered write outlives a power cut too, at one fsync a commit.
        "synchronous = FULL",
        f"foreign_keys = {'ON' if foreign_keys else 'OFF'}",
        # A deleted note's text is overwritten, not only unlinked.
        "secure_delete = ON",
        "journal_size_limit = 67108864",
    ]
