"""The words of notes: kept for what was stored before there were any."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from sqlalchemy import create_engine, text

from service.flows.note_search import NoteFilters, search_notes
from service.storage import schema
from service.storage.engine import migrate, open_store

_BEFORE = "0006"


def test_notes_of_an_older_store_are_found_once_it_is_migrated(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/old.db"
    engine = create_engine(url)
    with engine.begin() as connection:
        config = schema._config()
        config.attributes["connection"] = connection
        command.upgrade(config, _BEFORE)
        connection.execute(text("INSERT INTO accounts (account_id) VALUES ('a')"))
        connection.execute(text("INSERT INTO csms (csm_id) VALUES ('c')"))
        for number in range(1_001):
            connection.execute(
                text(
                    "INSERT INTO notes (id, source, external_id, account_id, csm_id, occurred_at,"
                    " received_at, text) VALUES (:id, 's', :id, 'a', 'c', '2026-07-01 09:00:00',"
                    " '2026-07-01 09:00:00', :text)"
                ),
                {"id": f"n_{number:04}", "text": f"Ein Café, das {number}."},
            )
    engine.dispose()
    migrate(url)
    store = open_store(url)
    try:
        assert search_notes(store, NoteFilters(typed="cafe")).total == 1_001
        assert search_notes(store, NoteFilters(typed="n_1000 cafe")).total == 1
    finally:
        store.close()
