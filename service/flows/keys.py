"""API keys: made, shown once, checked, revoked. Only a hash of each is ever stored."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from models.errors import InvalidInput, NotFound, Unauthenticated, Unavailable
from service.storage import api_keys, audit
from service.storage.api_keys import StoredKey
from service.storage.engine import Store

PREFIX = "gs_"
ROLES = ("ingest", "csm", "cs_ops", "product", "admin")
# The last use is for people who tidy up, so a minute is near enough for one write saved.
TOUCH_EVERY = timedelta(minutes=1)
_MAX_NAME = 255


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made. `key` is shown to the person now and can't be had again."""

    id: str
    key: str
    stored: StoredKey


def create_key(
    store: Store,
    *,
    role: str,
    name: str,
    csm_id: str | None = None,
    now: datetime,
    actor: str,
) -> NewKey:
    """Make a key for a role; one of role csm is bound to its `csm_id`.

    Raises:
        InvalidInput: `unknown_role`, `missing_csm_id`, `csm_id_not_allowed`, `bad_name`.
        Unavailable: the store is busy, full or down.
    """
    _check(role, name, csm_id)
    key = PREFIX + secrets.token_urlsafe(32)
    stored = StoredKey(
        id=uuid4().hex,
        name=name.strip(),
        role=role,
        csm_id=csm_id,
        key_hash=_hash(key),
        created_at=now,
        last_used_at=None,
        revoked_at=None,
    )
    with store.write() as connection:
        api_keys.add(connection, stored)
        details = {"role": role, "name": stored.name}
        audit.record(
            connection,
            at=now,
            actor=actor,
            action="key.created",
            target=stored.id,
            details=details,
        )
    return NewKey(stored.id, key, stored)


def list_keys(store: Store) -> list[StoredKey]:
    """All keys, oldest first, revoked ones too."""
    with store.read() as connection:
        return api_keys.every(connection)


def revoke_key(store: Store, key_id: str, *, now: datetime, actor: str) -> StoredKey:
    """End a key's use; done twice, the first time stands.

    Raises:
        NotFound: `unknown_key`.
        Unavailable: the store is busy, full or down.
    """
    with store.write() as connection:
        known = api_keys.get(connection, key_id)
        if known is None:
            raise NotFound(
                "There is no key with this id; `groundswell keys list` names them.",
                code="unknown_key",
                field="id",
            )
        if known.revoked_at is None:
            api_keys.revoke(connection, key_id, at=now)
            audit.record(connection, at=now, actor=actor, action="key.revoked", target=key_id)
        return api_keys.get(connection, key_id) or known


def authenticate(store: Store, key: str, *, now: datetime) -> StoredKey:
    """Whose key this is.

    Raises:
        Unauthenticated: `unknown_key` or `revoked_key`.
    """
    key_hash = _hash(key)
    with store.read() as connection:
        known = api_keys.by_hash(connection, key_hash)
    # The index compares hashes of 256 random bits, which tells a guesser nothing of the key;
    # the comparison that decides takes the same time all the same.
    if known is None or not hmac.compare_digest(known.key_hash, key_hash):
        raise Unauthenticated(
            "This key is not known here; ask an administrator for one.", code="unknown_key"
        )
    if known.revoked_at is not None:
        raise Unauthenticated(
            "This key was revoked; ask an administrator for a new one.", code="revoked_key"
        )
    if known.last_used_at is None or now - known.last_used_at >= TOUCH_EVERY:
        _touch(store, known.id, now=now)
    return known


def _touch(store: Store, key_id: str, *, now: datetime) -> None:
    # A full or busy store must not turn readers away for the sake of this.
    with suppress(Unavailable), store.write(changes_answers=False) as connection:
        api_keys.touch(connection, key_id, at=now)


def _hash(key: str) -> str:
    # A slow hash protects words people choose; this is 256 random bits.
    return hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()


def _check(role: str, name: str, csm_id: str | None) -> None:
    if role not in ROLES:
        raise InvalidInput(
            f"role must be one of {', '.join(ROLES)}.", code="unknown_role", field="role"
        )
    if not name.strip() or len(name) > _MAX_NAME or not name.isprintable():
        raise InvalidInput(
            f"name must be 1 to {_MAX_NAME} printable characters that say whose key this is.",
            code="bad_name",
            field="name",
        )
    if role == "csm" and not csm_id:
        raise InvalidInput(
            "A key of role csm is bound to one CSM; name it in csm_id.",
            code="missing_csm_id",
            field="csm_id",
        )
    if role != "csm" and csm_id:
        raise InvalidInput(
            "Only a key of role csm is bound to a CSM; leave csm_id out.",
            code="csm_id_not_allowed",
            field="csm_id",
        )
