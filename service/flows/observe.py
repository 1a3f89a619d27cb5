"""Record a structured pre-read: one request, tagged by its CSM, visible in the signals at once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import Connection

from models.errors import Conflict, InvalidInput
from models.identity import (
    item_id,
    observation_id,
    observation_request_id,
    text_key,
    vector_key,
)
from models.observation import Observation, parse_observation
from models.taxonomy import ItemStatus
from service.storage import audit, observations, taxonomy_items
from service.storage.accounts import ACCOUNTS, CSMS
from service.storage.engine import Store
from service.storage.observations import StoredObservation
from service.storage.persons import ErasedCsms

_MAX_KEY = 255


@dataclass(frozen=True, slots=True)
class ObservationReceipt:
    """The observation's id; `created` is false for a repeat, which changed nothing."""

    id: str
    created: bool


def record_observation(
    store: Store,
    raw: Mapping[str, object],
    *,
    now: datetime,
    actor: str,
    idempotency_key: str | None = None,
) -> ObservationReceipt:
    """Store one pre-read on its live item's theme; committed when this returns.

    Its `external_id`, or else the `idempotency_key`, makes a repeat one, whoever sends it;
    without either each call is a new observation.

    Raises:
        InvalidInput: as `parse_observation`; `unknown_item` where the pair is not live;
            `bad_idempotency_key`. Nothing is stored.
        Conflict: `observation_differs`: this key was used for something else.
        Unavailable: the store is busy, full or down; nothing is stored.
    """
    observation = parse_observation(raw, now=now)
    sender_key = _sender_key(observation, idempotency_key)
    content = _content_key(observation)
    with store.write() as connection:
        known = observations.by_key(connection, sender_key) if sender_key else None
        if known is not None:
            if known.content_key != content:
                raise _differs(observation)
            return ObservationReceipt(known.id, created=False)
        stored = StoredObservation(
            id=observation_id(sender_key or uuid4().hex),
            idempotency_key=sender_key,
            external_id=observation.external_id,
            content_key=content,
            accounts_count=observation.accounts_count,
            feature_area=observation.feature_area,
            customer_need=observation.customer_need,
            received_at=now,
            received_from=actor,
        )
        theme_id = _theme_of(connection, observation)
        _store(connection, observation, stored, theme_id)
        audit.record(
            connection, at=now, actor=actor, action="observation.accepted", target=stored.id
        )
    return ObservationReceipt(stored.id, created=True)


def _store(
    connection: Connection, observation: Observation, stored: StoredObservation, theme_id: str
) -> None:
    csm_id = ErasedCsms(connection).current(observation.csm_id)
    CSMS.ensure(connection, {csm_id})
    arr = None
    if observation.account_id is not None:
        ACCOUNTS.ensure(connection, {observation.account_id})
        arr = ACCOUNTS.find(connection, {observation.account_id})[observation.account_id].value.arr
    verbatim = observation.verbatim or ""
    observations.add(
        connection,
        stored,
        request={
            "id": observation_request_id(stored.id),
            "account_id": observation.account_id,
            "csm_id": csm_id,
            "occurred_at": observation.occurred_at,
            "text": verbatim,
            "text_key": text_key(verbatim) if verbatim else "",
            "vector_key": vector_key(verbatim) if verbatim else "",
            "severity": observation.severity,
            "theme_id": theme_id,
            "arr_when_reported": arr,
        },
    )


def _theme_of(connection: Connection, observation: Observation) -> str:
    key = item_id(observation.feature_area, observation.customer_need)
    item = taxonomy_items.find(connection, {key}).get(key)
    if item is None or item.status is not ItemStatus.LIVE or item.theme_id is None:
        raise InvalidInput(
            f"There is no live item {observation.feature_area} > {observation.customer_need};"
            " use a pair of the taxonomy exactly as it is written there.",
            code="unknown_item",
            field="customer_need",
        )
    return item.theme_id


def _sender_key(observation: Observation, idempotency_key: str | None) -> str | None:
    if observation.external_id is not None:
        return "external:" + hashlib.sha256(observation.external_id.encode()).hexdigest()
    if idempotency_key is None:
        return None
    key = idempotency_key.strip()
    if not key or len(key) > _MAX_KEY or not key.isprintable():
        raise InvalidInput(
            f"Idempotency-Key must be 1 to {_MAX_KEY} printable characters.",
            code="bad_idempotency_key",
            field="Idempotency-Key",
        )
    return "key:" + hashlib.sha256(key.encode()).hexdigest()


def _content_key(observation: Observation) -> str:
    said = asdict(observation)
    said["occurred_at"] = observation.occurred_at.isoformat()
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _differs(observation: Observation) -> Conflict:
    named = observation.external_id is not None
    return Conflict(
        "Another observation was recorded under this key; give a new observation a key of its"
        " own, or repeat the first one exactly.",
        code="observation_differs",
        field="external_id" if named else "Idempotency-Key",
    )
