"""Sessions of people, bound to a key."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from models.errors import InvalidInput, Unauthenticated
from service.flows.audit import list_audit
from service.flows.keys import authenticate, create_key, list_keys, revoke_key
from service.flows.sessions import (
    Identity,
    authenticate_session,
    open_session,
    session_secret,
    sign_on,
)
from service.storage.engine import Store, open_store
from tests.factories import NOW

HOUR = timedelta(hours=1)
ANA = Identity(
    issuer="https://id.example", subject="u-1", name="ana@x.example", role="cs_ops", csm_id=None
)


def refusal(store: Store, key_id: str, *, after: timedelta = timedelta()) -> str:
    with pytest.raises(Unauthenticated) as caught:
        authenticate_session(store, key_id, now=NOW + after)
    return caught.value.code


def test_every_process_on_a_store_finds_the_same_secret(store: Store, store_url: str) -> None:
    made = session_secret(store)
    other = open_store(store_url)
    try:
        assert session_secret(other) == made == session_secret(store)
    finally:
        other.close()
    assert len(made) >= 43


def test_a_key_opens_a_session_of_its_holder(store: Store) -> None:
    made = create_key(store, role="csm", name="Ana", csm_id="c-1", now=NOW, actor="admin")
    session = open_session(store, made.key, now=NOW, hours=12)
    holder = authenticate_session(store, session.holder.id, now=NOW)
    assert (holder.name, holder.role, holder.csm_id) == ("Ana", "csm", "c-1")
    assert session.until == NOW + 12 * HOUR


def test_a_session_ends_with_its_key(store: Store) -> None:
    made = create_key(
        store, role="admin", name="Ana", expires_at=NOW + HOUR, now=NOW, actor="admin"
    )
    session = open_session(store, made.key, now=NOW, hours=12)
    assert session.until == NOW + HOUR
    assert refusal(store, made.id, after=HOUR) == "expired_key"
    revoke_key(store, made.id, now=NOW, actor="admin")
    assert refusal(store, made.id) == "revoked_key"


def test_a_session_of_no_key_is_over(store: Store) -> None:
    assert refusal(store, "k_none") == "session_over"


def test_a_wrong_key_opens_no_session_and_leaves_no_trace(store: Store) -> None:
    with pytest.raises(Unauthenticated):
        open_session(store, "gs_guess", now=NOW, hours=12)
    assert list_audit(store).data == []


def test_signing_in_is_in_the_audit_trail(store: Store) -> None:
    made = create_key(store, role="admin", name="Ana", now=NOW, actor="admin")
    open_session(store, made.key, now=NOW, hours=12)
    sign_on(store, ANA, now=NOW, hours=12)
    rows = [(row.actor, row.action) for row in list_audit(store).data]
    assert rows[:2] == [("ana@x.example", "session.opened_by_sign_on"), ("Ana", "session.opened")]


def test_one_person_has_one_key_however_often_they_come(store: Store) -> None:
    first = sign_on(store, ANA, now=NOW, hours=12).holder
    promoted = replace(ANA, role="admin", name="ana@new.example")
    again = sign_on(store, promoted, now=NOW + HOUR, hours=12).holder
    other = sign_on(store, replace(ANA, subject="u-2"), now=NOW, hours=12).holder
    elsewhere = sign_on(store, replace(ANA, issuer="https://b.example"), now=NOW, hours=12).holder
    assert first.id == again.id
    assert len({first.id, other.id, elsewhere.id}) == 3
    assert (again.role, again.name) == ("admin", "ana@new.example")
    assert again.expires_at == NOW + 13 * HOUR


def test_a_person_who_is_kept_out_stays_out(store: Store) -> None:
    holder = sign_on(store, ANA, now=NOW, hours=12).holder
    revoke_key(store, holder.id, now=NOW, actor="admin")
    assert refusal(store, holder.id) == "revoked_key"
    with pytest.raises(Unauthenticated) as caught:
        sign_on(store, ANA, now=NOW + HOUR, hours=12)
    assert caught.value.code == "revoked_key"
    assert refusal(store, holder.id) == "revoked_key"


def test_the_key_of_a_signed_on_person_is_no_bearer_key(store: Store) -> None:
    holder = sign_on(store, ANA, now=NOW, hours=12).holder
    for guess in (holder.id, holder.key_hash, str(holder.subject)):
        with pytest.raises(Unauthenticated):
            authenticate(store, guess, now=NOW)
    assert "u-1" not in repr(list_keys(store))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"role": "root"}, "unknown_role"),
        ({"role": "csm"}, "missing_csm_id"),
        ({"name": "a\nb"}, "bad_name"),
    ],
)
def test_nobody_signs_on_as_what_no_key_may_be(
    store: Store, changes: dict[str, str], code: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        sign_on(store, replace(ANA, **changes), now=NOW, hours=12)
    assert caught.value.code == code
    assert list_keys(store) == []
