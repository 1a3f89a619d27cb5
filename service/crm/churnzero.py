"""ChurnZero: a step of a play, as a JSON body or as parameters of the address.

Nothing is signed, and a play knows no note's id: where the payload has none, what it says is
its id, so that the same step sent twice is one note. It is then dated by its arrival.
Source: support.churnzero.net/hc/en-us/articles/360002659032.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import parse_qsl

from models.errors import InvalidInput
from service.crm.connector import Change, Delivery, Preferences, SignedRequest
from service.crm.payload import fingerprint, identity, json_body, not_an_object, note_of, records_of
from service.crm.signatures import check_shared_secret

_FORM = "application/x-www-form-urlencoded"
# Of two plays with these the same, the second is a repeat.
_TELLING = ("account", "csm", "occurred_at", "subject", "text")


class ChurnZero:
    """See the module."""

    source = "churnzero"

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
        """The records of the body, or the one that the parameters are."""
        records = records_of(_payload(request), "records")
        return Delivery(tuple(self._change(record, wanted) for record in records))

    def _change(self, record: object, wanted: Preferences) -> Change:
        if not isinstance(record, Mapping):
            return not_an_object()
        telling = {name: wanted.fields.value(record, name) for name in _TELLING}
        external_id = identity(wanted.fields.value(record, "id"))
        if external_id is None and any(value is not None for value in telling.values()):
            external_id = fingerprint(telling)
        return note_of(self.source, external_id, record, wanted, undated=True)


def _payload(request: SignedRequest) -> object:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not request.body.strip():
        return request.query
    if media_type != _FORM or request.body.lstrip()[:1] in (b"{", b"["):
        return json_body(request)
    try:
        pairs = parse_qsl(request.body.decode(), max_num_fields=200)
    except ValueError:
        raise InvalidInput(
            "The body is not a form in UTF-8 with at most 200 fields.", code="broken_form"
        ) from None
    return {**request.query, **dict(pairs)}
