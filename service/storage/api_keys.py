"""API keys as stored: a hash of each, never the key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from service.storage.operating_tables import api_keys


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredKey:
    """One key: whose it is, what it may do, and the SHA-256 of it in hex."""

    id: str
    name: str
    role: str
    csm_id: str | None
    key_hash: str
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
    expires_at: datetime | None = None
    subject: str | None = None


def add(connection: Connection, key: StoredKey) -> None:
    """Store a new key."""
    values = {name: getattr(key, name) for name in StoredKey.__slots__}
    connection.execute(insert(api_keys).values(values))


def by_hash(connection: Connection, key_hash: str) -> StoredKey | None:
    """The key with this hash, revoked or not."""
    row = connection.execute(select(api_keys).where(api_keys.c.key_hash == key_hash)).first()
    return None if row is None else StoredKey(**row._mapping)


def get(connection: Connection, key_id: str) -> StoredKey | None:
    """The key with this id, revoked or not."""
    row = connection.execute(select(api_keys).where(api_keys.c.id == key_id)).first()
    return None if row is None else StoredKey(**row._mapping)


def by_subject(connection: Connection, subject: str) -> StoredKey | None:
    """The key of the person whom single sign-on knows by this, revoked or not."""
    row = connection.execute(select(api_keys).where(api_keys.c.subject == subject)).first()
    return None if row is None else StoredKey(**row._mapping)


def renew(connection: Connection, key_id: str, fresh: StoredKey) -> None:
    """Give a key the holder, the role and the end of a newer one."""
    taken = ("name", "role", "csm_id", "last_used_at", "expires_at")
    values = {name: getattr(fresh, name) for name in taken}
    connection.execute(update(api_keys).where(api_keys.c.id == key_id).values(values))


def page(
    connection: Connection, *, after: tuple[datetime, str] | None, limit: int
) -> list[StoredKey]:
    """Up to `limit` keys behind the place `after`, oldest first."""
    statement = select(api_keys).order_by(api_keys.c.created_at, api_keys.c.id).limit(limit)
    if after is not None:
        made, key_id = after
        later = (api_keys.c.created_at == made) & (api_keys.c.id > key_id)
        statement = statement.where((api_keys.c.created_at > made) | later)
    return [StoredKey(**row._mapping) for row in connection.execute(statement)]


def every(connection: Connection) -> list[StoredKey]:
    """All keys, oldest first."""
    rows = connection.execute(select(api_keys).order_by(api_keys.c.created_at, api_keys.c.id))
    return [StoredKey(**row._mapping) for row in rows]


def touch(connection: Connection, key_id: str, *, at: datetime) -> None:
    """Note that the key was used."""
    connection.execute(update(api_keys).where(api_keys.c.id == key_id).values(last_used_at=at))


def revoke(connection: Connection, key_id: str, *, at: datetime) -> None:
    """End the key's use; the first time stands."""
    open_key = (api_keys.c.id == key_id) & api_keys.c.revoked_at.is_(None)
    connection.execute(update(api_keys).where(open_key).values(revoked_at=at))
