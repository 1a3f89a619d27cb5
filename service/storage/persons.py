"""Take a CSM's name, address and id out of every row that holds one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, String, Table, cast, delete, insert, or_, select, update

from models.account import CSM
from models.identity import erased_csm_id
from service.storage.operating_tables import api_keys, audit, issued_digests, jobs
from service.storage.tables import (
    accounts,
    csms,
    decisions,
    notes,
    observations,
    requests,
    taxonomy_items,
)

# Where the name of a key stands as who did something.
_ACTORS = (
    (audit, "actor"),
    (decisions, "actor"),
    (decisions, "undone_by"),
    (issued_digests, "issued_by"),
    (issued_digests, "acknowledged_by"),
    (jobs, "requested_by"),
    (observations, "received_from"),
    (taxonomy_items, "created_by"),
)


class ErasedCsms:
    """Which CSMs were erased: what still comes in under an old id is known by it."""

    def __init__(self, connection: Connection) -> None:
        stand_ins = select(csms.c.csm_id).where(csms.c.csm_id.startswith("erased-"))
        self._stand_ins = set(connection.scalars(stand_ins))

    def __contains__(self, csm_id: str) -> bool:
        return bool(self._stand_ins) and erased_csm_id(csm_id) in self._stand_ins

    def current(self, csm_id: str) -> str:
        """The id itself, or the one that stands in for it."""
        return erased_csm_id(csm_id) if csm_id in self else csm_id


def replace_csm(connection: Connection, old: CSM, stand_in: str) -> None:
    """Put a CSM without name and address in this one's place, as active as it was."""
    connection.execute(insert(csms).values(csm_id=stand_in, active=old.active, bare=False))
    for table in (notes, requests, accounts):
        mine = table.c.csm_id == old.csm_id
        connection.execute(update(table).where(mine).values(csm_id=stand_in))
    connection.execute(delete(csms).where(csms.c.csm_id == old.csm_id))


def erase_keys(connection: Connection, csm_id: str, stand_in: str, *, now: datetime) -> None:
    """Revoke this CSM's keys, and rename whatever was done with them."""
    mine = api_keys.c.csm_id == csm_id
    names = set(connection.scalars(select(api_keys.c.name).where(mine)))
    # A name that somebody else's key has too is not theirs alone.
    others = select(api_keys.c.name).where(or_(~mine, api_keys.c.csm_id.is_(None)))
    names -= set(connection.scalars(others))
    revoked = update(api_keys).where(mine, api_keys.c.revoked_at.is_(None))
    connection.execute(revoked.values(revoked_at=now))
    nameless = {"name": stand_in, "csm_id": stand_in, "subject": None}
    connection.execute(update(api_keys).where(mine).values(nameless))
    for table, column in _ACTORS:
        _rename(connection, table, column, names, stand_in)
    _rename(connection, audit, "target", {csm_id}, stand_in)
    _rename_in_details(connection, names | {csm_id}, stand_in)


def _rename(
    connection: Connection, table: Table, column: str, names: set[str], stand_in: str
) -> None:
    done_by = table.c[column]
    connection.execute(update(table).where(done_by.in_(names)).values({column: stand_in}))


def _rename_in_details(connection: Connection, names: set[str], stand_in: str) -> None:
    text = cast(audit.c.details, String)
    holding = or_(*(text.contains(json.dumps(name)[1:-1], autoescape=True) for name in names))
    rows = connection.execute(select(audit.c.seq, audit.c.details).where(holding)).all()
    for row in rows:
        renamed = _renamed(row.details, names, stand_in)
        if renamed != row.details:
            this = update(audit).where(audit.c.seq == row.seq)
            connection.execute(this.values(details=renamed))


def _renamed(value: Any, names: set[str], stand_in: str) -> Any:
    if isinstance(value, str):
        return stand_in if value in names else value
    if isinstance(value, Mapping):
        return {key: _renamed(inner, names, stand_in) for key, inner in value.items()}
    if isinstance(value, list):
        return [_renamed(inner, names, stand_in) for inner in value]
    return value
