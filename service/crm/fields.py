"""Where in a vendor's payload each part of a note stands: defaults, and what a setting replaces.

A place is a path of names with dots (`event.comment.body`; a number takes that element of a
list). `a|b` takes the first that holds something. `base64:` decodes what stands there.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass

# The documented defaults: docs/connectors has a table of each.
DEFAULT_FIELDS: Mapping[str, Mapping[str, str]] = {
    "salesforce": {
        "id": "Id",
        "account": "AccountId|WhatId",
        "csm": "OwnerId",
        "occurred_at": "CreatedDate",
        "revised_at": "LastModifiedDate",
        "subject": "Subject|Title",
        "text": "Description|Body|base64:Content",
        "deleted": "IsDeleted",
        "private": "IsPrivate",
    },
    "gainsight": {
        "id": "Gsid|GSID|ExternalId",
        "account": "GsCompanyId|CompanyId",
        "csm": "Author|AuthorId",
        "occurred_at": "ActivityDate",
        "revised_at": "ModifiedDate",
        "subject": "Subject",
        "text": "Notes",
        "deleted": "IsDeleted",
        "private": "IsPrivate",
    },
    "churnzero": {
        "id": "id",
        "account": "account_id",
        "csm": "csm",
        "occurred_at": "occurred_at",
        "revised_at": "revised_at",
        "subject": "subject",
        "text": "text",
        "deleted": "deleted",
        "private": "private",
    },
    "hubspot": {
        "id": "id|objectId|hs_object_id|properties.hs_object_id.value|properties.hs_object_id",
        "account": "associations.companies.results.0.id|company_id"
        "|properties.associatedcompanyid.value",
        "csm": "properties.hubspot_owner_id.value|properties.hubspot_owner_id|hubspot_owner_id",
        "occurred_at": "properties.hs_timestamp.value|properties.hs_timestamp|hs_timestamp",
        "revised_at": "properties.hs_lastmodifieddate.value|properties.hs_lastmodifieddate"
        "|hs_lastmodifieddate",
        "subject": "subject",
        "text": "properties.hs_note_body.value|properties.hs_note_body|hs_note_body",
        "deleted": "archived|isDeleted",
        "private": "private",
    },
    "zendesk": {
        "ticket": "detail.id|ticket_id",
        "id": "event.comment.id|comment_id|id",
        "account": "detail.organization_id|organization_id",
        "csm": "event.comment.author.id|detail.actor_id|author_id",
        "occurred_at": "time|created_at",
        "revised_at": "time|updated_at",
        "subject": "",
        "text": "event.comment.body|comment",
        "deleted": "deleted",
        "public": "event.comment.is_public|is_public",
    },
    "intercom": {
        "id": "part.id",
        "account": "item.company.company_id|item.company.id|item.custom_attributes.account_id"
        "|item.contacts.contacts.0.companies.data.0.company_id"
        "|item.contacts.contacts.0.companies.data.0.id",
        "csm": "part.author.id",
        "occurred_at": "part.created_at",
        "revised_at": "part.updated_at|part.created_at",
        "subject": "",
        "text": "part.body",
        "deleted": "part.redacted",
    },
    "slack": {
        "account": "account.account.value|account.account.selected_option.value",
        "text": "text.text.value",
    },
    "generic": {},
}


@dataclass(frozen=True, slots=True)
class Fields:
    """Name of a part -> its places, best first."""

    places: Mapping[str, str]

    def value(self, record: object, name: str) -> object:
        """What stands at the first place that holds something; None where none does."""
        for place in self._alternatives(name):
            found = _at(record, place.removeprefix(_ENCODED))
            if found is None or (isinstance(found, str) and not found.strip()):
                continue
            return _decoded(found) if place.startswith(_ENCODED) else found
        return None

    def mentions(self, record: object, name: str) -> bool:
        """Whether the payload has one of the places at all, be it empty."""
        return any(
            _at(record, place.removeprefix(_ENCODED), absent=_ABSENT) is not _ABSENT
            for place in self._alternatives(name)
        )

    def _alternatives(self, name: str) -> list[str]:
        return [place for place in self.places.get(name, "").split("|") if place]


def fields_for(source: str, setting: str = "") -> Fields:
    """The fields of a source, with those of `setting` (`text=Notes__c,csm=Owner.Email`) in place.

    Raises:
        ValueError: a pair names no part of this source, or has no place.
    """
    places = dict(DEFAULT_FIELDS[source])
    for pair in filter(None, (part.strip() for part in setting.split(","))):
        name, equals, place = (part.strip() for part in pair.partition("="))
        if name not in places or not equals or not all(place.split("|")):
            raise ValueError(
                "it holds pairs like text=Notes__c,account=Account_Key__c; the names are"
                f" {', '.join(places) or 'none for this source'}"
            )
        places[name] = place
    return Fields(places)


_ENCODED = "base64:"
_ABSENT = object()


def _at(record: object, path: str, absent: object = None) -> object:
    for name in path.split("."):
        if isinstance(record, Mapping) and name in record:
            record = record[name]
        elif isinstance(record, list) and name.isdecimal() and int(name) < len(record):
            record = record[int(name)]
        else:
            return absent
    return record


def _decoded(value: object) -> object:
    """Base64 of UTF-8 as text; what is neither is left as it came."""
    try:
        return base64.b64decode(str(value), validate=True).decode()
    except (binascii.Error, ValueError):
        return value
