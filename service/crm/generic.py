"""Our own: the body of POST /notes, signed by Standard Webhooks.

`"deleted": true` beside source and external_id deletes. An array holds several.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from service.crm.connector import Change, Deletion, Delivery, NoteChange, Preferences, SignedRequest
from service.crm.payload import json_body, not_an_object, records_of
from service.crm.standard_webhooks import ID_HEADER, verify_standard


class Generic:
    """See the module."""

    source = "generic"

    def verify(
        self,
        request: SignedRequest,
        secrets: tuple[str, ...],
        wanted: Preferences,
        *,
        now: datetime,
    ) -> None:
        """As Standard Webhooks has it."""
        verify_standard(request, secrets, now=now)

    def parse(self, request: SignedRequest, wanted: Preferences) -> Delivery:
        """One note, or an array of them."""
        message = request.headers.get(ID_HEADER)
        return Delivery(
            tuple(_change(record, message) for record in records_of(json_body(request)))
        )


def _change(record: object, message: str | None) -> Change:
    if not isinstance(record, Mapping):
        return not_an_object("A note")
    if record.get("deleted") is True:
        return Deletion(record.get("external_id"), source=record.get("source"))
    return NoteChange(record, delivery=None if record.get("revised_at") else message)
