"""People who sign in to the pages: with a key, or by their organisation's single sign-on.

A session is bound to a key and holds no longer than it: revoke the key, and every browser that
is signed in by it is out at its next request. Who comes by single sign-on gets a key of their
own, which nobody is ever shown and no header opens; revoking it keeps that person out.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import Connection

from models.access import KeyWish, check_wish
from models.errors import Unauthenticated
from service.flows.keys import authenticate, check_usable, new_hash, note_use
from service.storage import api_keys, audit, service_secrets
from service.storage.api_keys import StoredKey
from service.storage.engine import Store

_SECRET_NAME = "session"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Whom the identity provider vouches for; `subject` is theirs alone, for good."""

    issuer: str
    subject: str
    name: str
    role: str
    csm_id: str | None


@dataclass(frozen=True, slots=True)
class Session:
    """A session that may begin: whose it is, and when it ends at the latest."""

    holder: StoredKey
    until: datetime


def session_secret(store: Store) -> str:
    """The secret that every process on this store seals sessions with; made on first use.

    Raises:
        Unavailable: the store is busy, full or down.
    """
    with store.read() as connection:
        known = service_secrets.get(connection, _SECRET_NAME)
    if known is not None:
        return known
    # Two who find none take turns here, and the second finds the first one's.
    with store.write() as connection:
        known = service_secrets.get(connection, _SECRET_NAME)
        if known is None:
            known = secrets.token_urlsafe(32)
            service_secrets.add(connection, _SECRET_NAME, known)
    return known


def open_session(store: Store, key: str, *, now: datetime, hours: int) -> Session:
    """Begin a session with a key.

    Raises:
        Unauthenticated: as `authenticate`.
        Unavailable: the store is busy, full or down.
    """
    holder = authenticate(store, key, now=now)
    with store.write() as connection:
        _record(connection, holder, "session.opened", now=now)
    return Session(holder, _end(holder, now, hours))


def sign_on(store: Store, who: Identity, *, now: datetime, hours: int) -> Session:
    """Begin a session for one whom the identity provider vouches for.

    Name, role and csm_id are taken anew each time.

    Raises:
        InvalidInput: `unknown_role`, `bad_name`, `missing_csm_id`.
        Unauthenticated: `revoked_key`, for one whom an administrator keeps out.
        Unavailable: the store is busy, full or down.
    """
    until = now + timedelta(hours=hours)
    wish = check_wish(
        KeyWish(role=who.role, name=who.name, csm_id=who.csm_id, expires_at=until), now=now
    )
    subject = hashlib.sha256(f"{who.issuer}\n{who.subject}".encode()).hexdigest()
    fresh = StoredKey(
        id=uuid4().hex,
        name=wish.name,
        role=wish.role,
        csm_id=wish.csm_id,
        # Of random bytes that are thrown away.
        key_hash=new_hash(),
        created_at=now,
        last_used_at=now,
        revoked_at=None,
        expires_at=until,
        subject=subject,
    )
    with store.write() as connection:
        known = api_keys.by_subject(connection, subject)
        if known is None:
            api_keys.add(connection, fresh)
        elif known.revoked_at is not None:
            check_usable(known, now=now)
        else:
            api_keys.renew(connection, known.id, fresh)
        holder = api_keys.by_subject(connection, subject) or fresh
        _record(connection, holder, "session.opened_by_sign_on", now=now)
    return Session(holder, until)


def authenticate_session(store: Store, key_id: str, *, now: datetime) -> StoredKey:
    """The key that a session is bound to, while it may still be used.

    Raises:
        Unauthenticated: `session_over`, `revoked_key`, `expired_key`.
    """
    with store.read() as connection:
        holder = api_keys.get(connection, key_id)
    if holder is None:
        raise Unauthenticated("The session is over; sign in again.", code="session_over")
    check_usable(holder, now=now)
    note_use(store, holder, now=now)
    return holder


def _end(holder: StoredKey, now: datetime, hours: int) -> datetime:
    end = now + timedelta(hours=hours)
    return end if holder.expires_at is None else min(end, holder.expires_at)


def _record(connection: Connection, holder: StoredKey, action: str, *, now: datetime) -> None:
    details = {"role": holder.role}
    audit.record(
        connection, at=now, actor=holder.name, action=action, target=holder.id, details=details
    )
