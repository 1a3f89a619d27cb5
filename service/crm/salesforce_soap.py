"""Salesforce's Outbound Message: SOAP in, an Ack out.

Document types and entities are refused by the parser, and the session id, with which one could
act as its user, is never looked at. Answered with `Ack` false the whole message comes again for
24 hours, so that is for a message of which nothing could be stored; where some of it could, the
rest is named in the audit trail.
"""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from models.errors import Forbidden, InvalidInput, TooLarge
from service.crm.connector import Answer, Change, Delivery, Preferences, SignedRequest
from service.crm.salesforce_records import record_change

MAX_NOTIFICATIONS = 100
_OUTBOUND = "{http://soap.sforce.com/2005/09/outbound}"
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_XML_TYPES = ("text/xml", "application/xml", "application/soap+xml")
# The parser takes UTF-8 and UTF-16; other declared encodings may make it raise what it likes.
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")


def is_outbound_message(request: SignedRequest) -> bool:
    """Whether the body is XML, by its type or its first character."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return media_type in _XML_TYPES or request.body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<"


def parse_outbound_message(request: SignedRequest, wanted: Preferences) -> Delivery:
    """The notes of up to 100 notifications.

    Raises:
        InvalidInput: `broken_xml`, `not_an_outbound_message`.
        TooLarge: `too_many_records`.
        Forbidden: `unknown_organization`.
    """
    message = _message(request.body)
    _check_organization(message.findtext(f"{_OUTBOUND}OrganizationId") or "", wanted)
    notifications = message.findall(f"{_OUTBOUND}Notification")
    if not notifications:
        raise _no_message()
    if len(notifications) > MAX_NOTIFICATIONS:
        raise TooLarge(
            f"The message holds more than {MAX_NOTIFICATIONS} notifications.",
            code="too_many_records",
        )
    changes = tuple(_change(notification, wanted) for notification in notifications)
    return Delivery(changes, answer=acknowledgement(True), refusal=acknowledgement(False))


def acknowledgement(stored: bool) -> Answer:
    """What Salesforce waits for."""
    word = "true" if stored else "false"
    return Answer(
        (
            '<?xml version="1.0" encoding="UTF-8"?>'
            '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/">'
            '<soapenv:Body><notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound">'
            f"<Ack>{word}</Ack></notificationsResponse></soapenv:Body></soapenv:Envelope>"
        ).encode(),
        media_type="text/xml",
    )


def _message(body: bytes) -> Element:
    declared = _DECLARED.match(body.removeprefix(b"\xef\xbb\xbf"))
    if declared and declared[1].lower() not in (b"utf-8", b"utf-16", b"us-ascii"):
        raise _broken("it is not in UTF-8")
    try:
        root = fromstring(body, forbid_dtd=True)
    except DefusedXmlException:
        raise _broken("it holds a document type or entities, which are refused") from None
    except (ParseError, ValueError) as error:
        place = getattr(error, "position", None)
        raise _broken(f"it breaks at line {place[0]}" if place else "it can't be read") from None
    found = root.find(f".//{_OUTBOUND}notifications")
    if found is None:
        raise _no_message()
    return found


def _change(notification: Element, wanted: Preferences) -> Change:
    fields: dict[str, object] = {}
    for field in notification.findall("./*"):
        if _name(field) == "sObject":
            for child in field:
                nil = child.get(_NIL, "").strip() in ("true", "1")
                fields[_name(child)] = None if nil else child.text
    delivery = notification.findtext(f"{_OUTBOUND}Id")
    # Salesforce leaves empty fields out of the message.
    return record_change(fields, wanted, sparse=True, delivery=delivery)


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _check_organization(shown: str, wanted: Preferences) -> None:
    # Ids come with 15 characters or, with a checksum, with 18.
    allowed = {organization[:15] for organization in wanted.organizations}
    if allowed and shown.strip()[:15] not in allowed:
        raise Forbidden(
            "This Salesforce organisation may not send here; see"
            " GROUNDSWELL_SALESFORCE_ORGANIZATIONS.",
            code="unknown_organization",
        )


def _broken(why: str) -> InvalidInput:
    return InvalidInput(f"The body is not XML that we take: {why}.", code="broken_xml")


def _no_message() -> InvalidInput:
    return InvalidInput(
        "The body is XML, but not an Outbound Message with notifications.",
        code="not_an_outbound_message",
    )
