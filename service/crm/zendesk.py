"""Zendesk: events of ticket comments, or whatever JSON a trigger's author wrote.

Internal comments are what the team writes about a customer, so they are the notes; what is
said to the customer is kept only when asked for.
Source: developer.zendesk.com, documentation/webhooks/verifying and
api-reference/webhooks/event-types/ticket-events.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime

from service.crm.connector import Change, Deletion, Delivery, Preferences, SignedRequest, Skipped
from service.crm.payload import identity, json_body, not_an_object, note_of, records_of, truth
from service.crm.signatures import bad_timestamp, check_signature, check_window, header

_EVENTS = "zen:event-type:"
_PREFIX = f"{_EVENTS}ticket.comment_"
_MOMENT = {"private": False, "public": True}


class Zendesk:
    """See the module."""

    source = "zendesk"

    def verify(
        self,
        request: SignedRequest,
        secrets: tuple[str, ...],
        wanted: Preferences,
        *,
        now: datetime,
    ) -> None:
        """base64(HMAC-SHA256(secret, timestamp + body)), the timestamp as it was received."""
        stamp = header(request, "x-zendesk-webhook-signature-timestamp")
        shown = header(request, "x-zendesk-webhook-signature")
        check_signature([shown], [sign(secret, stamp, request.body) for secret in secrets])
        check_window(_moment(stamp), now)

    def parse(self, request: SignedRequest, wanted: Preferences) -> Delivery:
        """One event, or a trigger's object or array."""
        records = records_of(json_body(request), "records")
        return Delivery(tuple(_change(record, wanted) for record in records))


def sign(secret: str, stamp: str, body: bytes) -> str:
    """The signature of a body."""
    digest = hmac.new(secret.encode(), stamp.encode() + body, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def _moment(stamp: str) -> datetime:
    try:
        moment = datetime.fromisoformat(stamp.strip())
    except ValueError:
        raise bad_timestamp() from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _change(record: object, wanted: Preferences) -> Change:
    if not isinstance(record, Mapping):
        return not_an_object()
    kind = str(record.get("type", ""))
    external_id = _external_id(record, wanted)
    known = external_id if isinstance(external_id, str) else None
    if kind.startswith(_EVENTS):
        if kind == f"{_PREFIX}redacted":
            return Deletion(external_id)
        if kind not in (f"{_PREFIX}added", f"{_PREFIX}made_private", f"{_PREFIX}made_public"):
            return Skipped(known, "not_a_note")
    public = _MOMENT.get(kind.removeprefix(f"{_PREFIX}made_"))
    if public is None:
        public = _is_public(record, wanted)
    if public is not None and wanted.comments != "all" and public != (wanted.comments == "public"):
        return Skipped(known, "public" if public else "private", withdraw=True)
    change = note_of("zendesk", external_id, record, wanted)
    if isinstance(change, Skipped) and change.reason == "empty" and "made_" in kind:
        # Only the comment's audience changed, and the event need not repeat its text.
        return Skipped(known, "empty")
    return change


def _external_id(record: Mapping[str, object], wanted: Preferences) -> object:
    """The comment's id; where the payload has none, the ticket's and the event's together."""
    found = wanted.fields.value(record, "id")
    ticket = identity(wanted.fields.value(record, "ticket"))
    if found == record.get("id") and str(record.get("type", "")).startswith(_EVENTS):
        return f"{ticket}:{found}"
    return identity(found)


def _is_public(record: Mapping[str, object], wanted: Preferences) -> bool | None:
    value = wanted.fields.value(record, "public")
    return None if value is None else truth(value)
