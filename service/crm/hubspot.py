"""HubSpot: thin events of an app, which say that a note changed, and a workflow's webhooks.

An event carries ids alone, so it becomes a `Fetch`; what a workflow sends is the whole object.
Source: developers.hubspot.com, build-apps/authentication/request-validation and webhooks.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal

from models.errors import InvalidInput, Unauthenticated
from models.raw_fields import identifier
from service.crm.connector import (
    Change,
    Deletion,
    Delivery,
    Fetch,
    Preferences,
    SignedRequest,
    Skipped,
    Unreadable,
)
from service.crm.payload import identity, json_body, not_an_object, note_of, records_of
from service.crm.signatures import check_signature, check_window, epoch, header

_V3 = "x-hubspot-signature-v3"
# The only escapes of the address that are undone before it is signed.
_UNDONE = re.compile("%(?:3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)", re.IGNORECASE)
_NOTES = "0-46"
_GONE = ("deletion", "privacyDeletion")


class HubSpot:
    """See the module."""

    source = "hubspot"

    def verify(
        self,
        request: SignedRequest,
        secrets: tuple[str, ...],
        wanted: Preferences,
        *,
        now: datetime,
    ) -> None:
        """The newest signature that is shown; the older two carry no time."""
        if _V3 in request.headers:
            stamp = header(request, "x-hubspot-request-timestamp")
            expected = [sign_v3(secret, request, stamp) for secret in secrets]
            check_signature([header(request, _V3)], expected)
            check_window(epoch(stamp, milliseconds=True), now)
            return
        shown = header(request, "x-hubspot-signature")
        version = request.headers.get("x-hubspot-signature-version", "v1").strip().lower()
        if version not in ("v1", "v2") or version < wanted.oldest_signature:
            raise Unauthenticated(
                "The request is signed by a version of the scheme that is not accepted here; see"
                " GROUNDSWELL_HUBSPOT_OLDEST_SIGNATURE.",
                code="signature_too_old",
            )
        sign = sign_v1 if version == "v1" else sign_v2
        check_signature([shown], [sign(secret, request) for secret in secrets])

    def parse(self, request: SignedRequest, wanted: Preferences) -> Delivery:
        """Events in an array, or a workflow's object."""
        value = json_body(request)
        records = records_of(value)
        return Delivery(tuple(_change(record, wanted) for record in records))


def sign_v3(secret: str, request: SignedRequest, stamp: str) -> str:
    """base64(HMAC-SHA256(secret, method + address + body + timestamp))."""
    address = _UNDONE.sub(lambda found: chr(int(found.group()[1:], 16)), request.url)
    signed = f"{request.method}{address}".encode() + request.body + stamp.encode()
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def sign_v2(secret: str, request: SignedRequest) -> str:
    """hex(SHA-256(secret + method + address + body))."""
    signed = f"{secret}{request.method}{request.url}".encode() + request.body
    return hashlib.sha256(signed).hexdigest()


def sign_v1(secret: str, request: SignedRequest) -> str:
    """hex(SHA-256(secret + body))."""
    return hashlib.sha256(secret.encode() + request.body).hexdigest()


def _change(record: object, wanted: Preferences) -> Change:
    if not isinstance(record, Mapping):
        return not_an_object("An event")
    if "subscriptionType" in record:
        return _event(record)
    return note_of("hubspot", wanted.fields.value(record, "id"), record, wanted)


def _event(event: Mapping[str, object]) -> Change:
    object_id = identity(event.get("objectId"))
    kind, _, what = str(event["subscriptionType"]).partition(".")
    try:
        object_id = identifier({"objectId": object_id}, "objectId")
    except InvalidInput as error:
        return Unreadable(error)
    if kind != "note" and event.get("objectTypeId") != _NOTES:
        return Skipped(object_id, "not_a_note")
    if what in _GONE:
        return Deletion(object_id)
    occurred = event.get("occurredAt")
    try:
        if isinstance(occurred, bool) or not isinstance(occurred, int | Decimal):
            raise ValueError
        at = datetime.fromtimestamp(float(occurred) / 1_000, UTC)
    except (OverflowError, OSError, ValueError):
        refusal = InvalidInput(
            "An event's occurredAt is not a time in milliseconds.",
            code="bad_time",
            field="occurredAt",
        )
        return Unreadable(refusal, object_id)
    return Fetch(object_id, at)
