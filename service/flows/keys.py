"""API keys: made, shown once, checked, expired, revoked. Only a hash of each is ever stored."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from models.access import KeyWish, check_wish
from models.errors import NotFound, Unauthenticated, Unavailable
from service.flows.pages import Page, bad_cursor, decode_cursor, page_of
from service.storage import api_keys, audit
from service.storage.api_keys import StoredKey
from service.storage.engine import Store

PREFIX = "gs_"
# The last use is for people who tidy up, so a minute is near enough for one write saved.
TOUCH_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyView:
    """A key as administrators see it: never the key, nor its hash."""

    id: str
    name: str
    role: str
    csm_id: str | None
    state: str  # live | expired | revoked
    by_sign_on: bool
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None


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
    expires_at: datetime | None = None,
    now: datetime,
    actor: str,
) -> NewKey:
    """Make a key for a role; one of role csm is bound to its `csm_id`.

    Raises:
        InvalidInput: `unknown_role`, `missing_csm_id`, `csm_id_not_allowed`, `bad_name`,
            `bad_expiry`.
        Unavailable: the store is busy, full or down.
    """
    wish = check_wish(KeyWish(role=role, name=name, csm_id=csm_id, expires_at=expires_at), now=now)
    key = PREFIX + secrets.token_urlsafe(32)
    stored = StoredKey(
        id=uuid4().hex,
        name=wish.name,
        role=wish.role,
        csm_id=wish.csm_id,
        key_hash=_hash(key),
        created_at=now,
        last_used_at=None,
        revoked_at=None,
        expires_at=wish.expires_at,
    )
    with store.write() as connection:
        api_keys.add(connection, stored)
        details = {"role": role, "name": stored.name}
        if expires_at is not None:
            details["expires_at"] = expires_at.isoformat()
        audit.record(
            connection,
            at=now,
            actor=actor,
            action="key.created",
            target=stored.id,
            details=details,
        )
    return NewKey(stored.id, key, stored)


def view_of(known: StoredKey, *, now: datetime) -> KeyView:
    """The key as administrators see it at this instant."""
    state = "live"
    if known.revoked_at is not None:
        state = "revoked"
    elif _is_over(known, now):
        state = "expired"
    return KeyView(
        id=known.id,
        name=known.name,
        role=known.role,
        csm_id=known.csm_id,
        state=state,
        by_sign_on=known.subject is not None,
        created_at=known.created_at,
        last_used_at=known.last_used_at,
        expires_at=known.expires_at,
        revoked_at=known.revoked_at,
    )


def list_keys(store: Store) -> list[StoredKey]:
    """All keys, oldest first, revoked and expired ones too."""
    with store.read() as connection:
        return api_keys.every(connection)


def page_of_keys(store: Store, *, cursor: str = "", limit: int = 100) -> Page[StoredKey]:
    """Some keys, oldest first, revoked and expired ones too.

    Raises:
        InvalidInput: `bad_cursor`.
    """
    place = decode_cursor(cursor, str, str)
    after = None if place is None else (_instant(str(place[0])), str(place[1]))
    with store.read() as connection:
        rows = api_keys.page(connection, after=after, limit=limit + 1)
    last = rows[limit - 1] if len(rows) > limit else None
    return page_of(rows, limit, (last.created_at.isoformat(), last.id) if last else None)


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
        Unauthenticated: `unknown_key`, `revoked_key` or `expired_key`.
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
    check_usable(known, now=now)
    note_use(store, known, now=now)
    return known


def check_usable(known: StoredKey, *, now: datetime) -> None:
    """Refuse a key whose use has ended.

    Raises:
        Unauthenticated: `revoked_key` or `expired_key`.
    """
    if known.revoked_at is not None:
        raise Unauthenticated(
            "This key was revoked; ask an administrator for a new one.", code="revoked_key"
        )
    if _is_over(known, now):
        raise Unauthenticated(
            "This key has expired; ask an administrator for a new one.", code="expired_key"
        )


def _is_over(known: StoredKey, now: datetime) -> bool:
    return known.expires_at is not None and known.expires_at <= now


def note_use(store: Store, known: StoredKey, *, now: datetime) -> None:
    """Remember that the key was used, to the minute."""
    if known.last_used_at is not None and now - known.last_used_at < TOUCH_EVERY:
        return
    # A full or busy store must not turn readers away for the sake of this.
    with suppress(Unavailable), store.write(changes_answers=False) as connection:
        api_keys.touch(connection, known.id, at=now)


def new_hash() -> str:
    """A hash that no key has: what it was made of is thrown away."""
    return _hash(secrets.token_urlsafe(32))


def _hash(key: str) -> str:
    # A slow hash protects words people choose; this is 256 random bits.
    return hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()


def _instant(text: str) -> datetime:
    try:
        made = datetime.fromisoformat(text)
    except ValueError:
        raise bad_cursor() from None
    if made.tzinfo is None:
        raise bad_cursor()
    return made
