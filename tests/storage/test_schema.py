from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, create_engine, text

from models.errors import Unavailable
from service.storage import schema
from service.storage.engine import Store, migrate, open_store
from service.storage.whole_schema import metadata

# What the database itself says of its constraints and indexes, beyond what Alembic compares.
DEFINITIONS = {
    "sqlite": """
        SELECT type, name, sql FROM sqlite_master
        WHERE name NOT LIKE '%alembic%' AND type <> 'trigger'
    """,
    "postgresql": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace
          AND conrelid::regclass::text <> 'alembic_version'
        UNION ALL
        SELECT tablename, indexname, indexdef FROM pg_indexes
        WHERE schemaname = 'public' AND tablename <> 'alembic_version'
    """,
}


def definitions(connection: Connection) -> set[tuple[str, ...]]:
    rows = connection.execute(text(DEFINITIONS[connection.dialect.name]))
    # Columns and constraints of a table may stand in another order in its CREATE TABLE: a
    # column added later comes last.
    return {(kind, name, *sorted(_parts(sql or ""))) for kind, name, sql in rows}


def _parts(sql: str) -> list[str]:
    """What the outer brackets hold, cut at the commas that no inner bracket encloses."""
    head, _, body = " ".join(sql.split()).partition("(")
    parts, depth, start = [head.strip()], 0, 0
    for place, sign in enumerate(body):
        depth += (sign == "(") - (sign == ")")
        if depth < 0 or (depth == 0 and sign == ","):
            parts.append(body[start:place].strip())
            start = place + 1
    return parts


def test_the_migrations_make_the_tables_that_the_code_speaks_of(store: Store) -> None:
    with store.read() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, metadata) == []


def test_constraints_and_indexes_are_the_same_too_on_sqlite(
    sqlite_store: Store, tmp_path: Path
) -> None:
    made = create_engine(f"sqlite:///{tmp_path}/made.db")
    metadata.create_all(made)
    with sqlite_store.read() as migrated, made.connect() as created:
        assert definitions(migrated) == definitions(created)


def test_constraints_and_indexes_are_the_same_too_on_postgresql(postgresql_url: str) -> None:
    made = create_engine(postgresql_url)
    with made.connect() as connection:
        migrated = definitions(connection)
        connection.execute(text("DROP SCHEMA public CASCADE; CREATE SCHEMA public"))
        metadata.create_all(connection)
        assert migrated == definitions(connection)
        connection.rollback()
    made.dispose()


def test_migrating_again_changes_nothing(store: Store, store_url: str) -> None:
    with store.read() as connection:
        before = definitions(connection)
    migrate(store_url)
    with store.read() as connection:
        assert definitions(connection) == before
        assert store.data_version(connection) == 0


def test_a_store_of_a_newer_version_is_neither_opened_nor_migrated(
    store: Store, store_url: str
) -> None:
    with store.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for touch in (open_store, migrate):
        with pytest.raises(Unavailable) as caught:
            touch(store_url)
        assert caught.value.code == "store_newer"


def test_an_older_store_is_not_opened_before_it_is_migrated(store: Store, store_url: str) -> None:
    with store.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    with pytest.raises(Unavailable) as caught:
        open_store(store_url)
    assert caught.value.code == "store_not_migrated"


def test_a_migration_that_breaks_leaves_the_store_as_it_was(
    store: Store, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.read() as connection:
        before = definitions(connection)

    def breaks(connection: Connection) -> None:
        connection.execute(text("CREATE TABLE half_done (id INTEGER)"))
        raise LookupError

    monkeypatch.setattr(schema, "upgrade", breaks)
    with pytest.raises(LookupError):
        migrate(store_url)
    with store.read() as connection:
        assert definitions(connection) == before


def test_two_programs_may_migrate_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/groundswell.db"
    program = "import sys; from service.storage.engine import migrate; migrate(sys.argv[1])"
    command = [sys.executable, "-c", program, url]
    running = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(2)]
    assert [(one.communicate()[1], one.returncode) for one in running] == [(b"", 0)] * 2
    open_store(url).close()
