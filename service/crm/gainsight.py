"""Gainsight: Timeline activities, sent by a rule's Call External API action.

Nothing is signed. The rule runs on a schedule over a window that overlaps the last one, so
repeats are the normal case.
Source: support.gainsight.com, Call_External_API_Action_Type and Timeline_APIs.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from service.crm.connector import Change, Delivery, Preferences, SignedRequest
from service.crm.payload import json_body, not_an_object, note_of, records_of
from service.crm.signatures import check_shared_secret


class Gainsight:
    """See the module."""

    source = "gainsight"

    def verify(
        self,
        request: SignedRequest,
        secrets: tuple[str, ...],
        wanted: Preferences,
        *,
        now: datetime,
    ) -> None:
        """The secret itself."""
        check_shared_secret(request, secrets)

    def parse(self, request: SignedRequest, wanted: Preferences) -> Delivery:
        """One record, an array of them, or a `records` array as Gainsight's own API has it."""
        records = records_of(json_body(request), "records")
        return Delivery(tuple(self._change(record, wanted) for record in records))

    def _change(self, record: object, wanted: Preferences) -> Change:
        if not isinstance(record, Mapping):
            return not_an_object()
        return note_of(self.source, wanted.fields.value(record, "id"), record, wanted)
