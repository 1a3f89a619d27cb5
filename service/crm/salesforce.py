"""Salesforce: a Flow's HTTP callout, an Outbound Message, or a relay of its change events.

Salesforce signs nothing: a Flow shows the secret by its Named Credential, an Outbound Message
in its address. A relay is ours to demand of, so it signs by Standard Webhooks.
Sources: help.salesforce.com, platform.flow_http_callout_considerations; developer.salesforce.com,
sforce_api_om_outboundmessaging_notifications and platform_events_objects_change_data_capture.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from service.crm.connector import (
    Change,
    Deletion,
    Delivery,
    NoteChange,
    Preferences,
    SignedRequest,
    Skipped,
)
from service.crm.payload import identity, instant, json_body, members, note_of, records_of
from service.crm.salesforce_records import record_change, without_other_targets
from service.crm.salesforce_soap import is_outbound_message, parse_outbound_message
from service.crm.signatures import check_shared_secret
from service.crm.standard_webhooks import SIGNATURE_HEADER, verify_standard

_HEADER = "ChangeEventHeader"


class Salesforce:
    """See the module."""

    source = "salesforce"

    def verify(
        self,
        request: SignedRequest,
        secrets: tuple[str, ...],
        wanted: Preferences,
        *,
        now: datetime,
    ) -> None:
        """A signature where one is shown, else the secret itself."""
        if SIGNATURE_HEADER in request.headers:
            verify_standard(request, secrets, now=now)
        else:
            check_shared_secret(request, secrets)

    def parse(self, request: SignedRequest, wanted: Preferences) -> Delivery:
        """XML is an Outbound Message; JSON is change events, or the records of a Flow."""
        if is_outbound_message(request):
            return parse_outbound_message(request, wanted)
        changes: list[Change] = []
        for record in records_of(json_body(request), "records", "events"):
            event = _unwrapped(record)
            if isinstance(event, Mapping) and isinstance(event.get(_HEADER), Mapping):
                changes += _change_event(event, event[_HEADER], wanted)
            else:
                changes.append(record_change(event, wanted))
        return Delivery(tuple(changes))


def _unwrapped(record: object) -> object:
    """The event inside what a relay may leave around it (CometD's data and payload)."""
    for name in ("data", "payload"):
        if isinstance(record, Mapping) and isinstance(record.get(name), Mapping):
            record = record[name]
    return record


def _change_event(
    event: Mapping[str, object], head: Mapping[str, object], wanted: Preferences
) -> Iterator[Change]:
    """One change for each record that the event is about."""
    kind = str(head.get("changeType", "")).upper()
    at = instant(head.get("commitTimestamp"))
    body = without_other_targets({name: value for name, value in event.items() if name != _HEADER})
    for record_id in members(head.get("recordIds")):
        external_id = identity(record_id)
        known = external_id if isinstance(external_id, str) else None
        if kind == "DELETE":
            yield Deletion(external_id)
        elif kind in ("CREATE", "UPDATE", "UNDELETE"):
            # An update holds the changed fields alone; the rest is as we have it.
            partly = kind != "CREATE"
            made = note_of(
                "salesforce", external_id, body, wanted, sparse=True, keeps_stored=partly
            )
            yield _as_of(made, at)
        else:
            # GAP_...: Salesforce says that something changed, and not what.
            yield Skipped(known, "gap")


def _as_of(change: Change, at: object) -> Change:
    if isinstance(change, NoteChange) and at is not None:
        return NoteChange({**change.raw, "revised_at": at}, keeps_stored=change.keeps_stored)
    return change
