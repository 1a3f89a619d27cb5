"""The schema's version: bringing a store up to date, and refusing one that is not.

The migrations are packaged beside this file; no ini file and no working folder is involved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, text

from models.errors import Unavailable

if TYPE_CHECKING:
    from alembic.config import Config

# Any number, the same in every process, so that two migrations wait for each other.
_MIGRATION_LOCK = 7_214_508_331


def upgrade(connection: Connection) -> None:
    """Run every migration that this store still lacks, in the caller's transaction.

    Raises:
        Unavailable: `store_newer`.
    """
    from alembic import command

    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})"))
    config = _config()
    _refuse_newer(connection, config)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if broken is not None:
            raise RuntimeError(f"a migration left rows of {broken[0]} without their parent")


def check(connection: Connection) -> None:
    """Refuse a store whose schema is not this code's.

    Raises:
        Unavailable: `store_not_migrated` or `store_newer`.
    """
    if _refuse_newer(connection, _config()) != newest():
        raise not_migrated()


def newest() -> str | None:
    """The schema version that this code knows."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_config()).get_current_head()


def not_migrated() -> Unavailable:
    """The refusal of a store that is missing or older than the code."""
    return Unavailable(
        "The store is not set up for this version; run `groundswell migrate`.",
        code="store_not_migrated",
    )


def _refuse_newer(connection: Connection, config: Config) -> str | None:
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    current = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if current is not None and current not in known:
        raise Unavailable(
            "The store was written by a newer Groundswell; install that version to open it.",
            code="store_newer",
        )
    return current


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "service.storage:migrations")
    return config
