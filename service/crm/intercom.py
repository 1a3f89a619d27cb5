"""Intercom: internal notes on conversations (topic `conversation.admin.noted`).

Source: developers.intercom.com/docs/webhooks/webhook-notifications.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime

from models.errors import InvalidInput
from service.crm.connector import Change, Deletion, Delivery, Preferences, SignedRequest, Skipped
from service.crm.payload import identity, json_body, members, not_an_object, note_of
from service.crm.signatures import check_signature, header

_REDACTED = "conversation_part.redacted"
_INTERNAL = ("note", "note_and_reopen")


class Intercom:
    """See the module."""

    source = "intercom"

    def verify(
        self,
        request: SignedRequest,
        secrets: tuple[str, ...],
        wanted: Preferences,
        *,
        now: datetime,
    ) -> None:
        """sha1=hex(HMAC-SHA1(secret, body)); the scheme carries no time."""
        shown = header(request, "x-hub-signature")
        check_signature([shown], [sign(secret, request.body) for secret in secrets])

    def parse(self, request: SignedRequest, wanted: Preferences) -> Delivery:
        """The parts that a notification carries; a `ping` changes nothing."""
        value = json_body(request)
        if not isinstance(value, Mapping):
            raise InvalidInput("The body must be one JSON object.", code="wrong_type")
        topic = str(value.get("topic", ""))
        data = value.get("data")
        item = data.get("item") if isinstance(data, Mapping) else None
        if topic == "ping":
            return Delivery()
        if not topic.startswith("conversation"):
            return Delivery((Skipped(None, "not_a_note"),))
        if not isinstance(item, Mapping):
            return Delivery((not_an_object("data.item"),))
        if topic == _REDACTED:
            return Delivery((Deletion(identity(item.get("id"))),))
        listed = item.get("conversation_parts")
        parts = listed.get("conversation_parts") if isinstance(listed, Mapping) else None
        changes = tuple(_change(item, part, wanted) for part in members(parts))
        return Delivery(changes or (Skipped(None, "not_a_note"),))


def sign(secret: str, body: bytes) -> str:
    """The signature of a body."""
    return "sha1=" + hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()


def _change(item: Mapping[str, object], part: object, wanted: Preferences) -> Change:
    if not isinstance(part, Mapping):
        return not_an_object("A part")
    record = {"item": item, "part": part}
    external_id = identity(wanted.fields.value(record, "id"))
    known = external_id if isinstance(external_id, str) else None
    internal = part.get("part_type") in _INTERNAL
    if wanted.comments != "all" and internal != (wanted.comments == "internal"):
        return Skipped(known, "private" if internal else "public")
    # Which of the places for the company is there depends on the API version.
    return note_of("intercom", external_id, record, wanted, sparse=True)
