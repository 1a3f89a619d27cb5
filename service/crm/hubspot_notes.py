"""The text of a HubSpot note that an event has named, asked for by the CRM API.

One call for each, and no waiting here: whoever asks decides when to ask again.
Source: developers.hubspot.com/docs/api/crm/notes and .../usage-details (limits).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from models.errors import InvalidInput
from service.crm.connector import Deletion, FetchFailed, NoteChange, Preferences, Skipped
from service.crm.payload import note_of
from service.decoding import decode_json

if TYPE_CHECKING:
    import httpx

_TIMEOUT_SECONDS = 10.0
_PREFIX = "properties."
_BUSY = frozenset({408, 423, 425, 429, 477})


class HubSpotNotes:
    """Asks for one note at a time."""

    def __init__(self, base_url: str, token: str, wanted: Preferences) -> None:
        self._base_url = base_url
        self._token = token
        self._wanted = wanted
        self._client: httpx.Client | None = None

    def fetch(self, external_id: str) -> NoteChange | Deletion | Skipped:
        """As `Fetcher`. A note that HubSpot does not have is deleted."""
        import httpx

        path = f"/crm/v3/objects/notes/{quote(external_id, safe='')}"
        params = {"properties": ",".join(self._properties()), "associations": "companies"}
        try:
            answer = self._connected().get(path, params=params)
        except httpx.TransportError:
            raise FetchFailed("vendor_unreachable", for_all=True) from None
        if answer.status_code == 404:
            return Deletion(external_id)
        if not answer.is_success:
            raise _failure(answer.status_code, answer.headers.get("retry-after", ""))
        return self._change(external_id, answer.content)

    def _change(self, external_id: str, body: bytes) -> NoteChange | Deletion | Skipped:
        try:
            record = decode_json(body)
        except InvalidInput:
            raise FetchFailed("vendor_answer_broken", for_all=True) from None
        if not isinstance(record, Mapping):
            raise FetchFailed("vendor_answer_broken", for_all=True)
        # A note of no company comes without `associations`.
        known = _with_first_company(record)
        change = note_of("hubspot", external_id, known, self._wanted, sparse=True)
        if isinstance(change, NoteChange | Deletion | Skipped):
            return change
        raise FetchFailed("vendor_answer_broken", final=True)

    def _properties(self) -> list[str]:
        places = "|".join(self._wanted.fields.places.values()).split("|")
        named = {
            place.removeprefix(_PREFIX).split(".")[0]
            for place in places
            if place.startswith(_PREFIX)
        }
        return sorted(named)

    def _connected(self) -> httpx.Client:
        import httpx

        if self._client is None:
            # A redirect could carry the token to another host.
            self._client = httpx.Client(
                base_url=self._base_url,
                headers={"Authorization": f"Bearer {self._token}", "Accept": "application/json"},
                timeout=_TIMEOUT_SECONDS,
                follow_redirects=False,
            )
        return self._client


def _failure(status: int, retry_after: str) -> FetchFailed:
    if status in _BUSY or status >= 500:
        asked = int(retry_after) if retry_after.isdecimal() and len(retry_after) < 7 else None
        wait = None if asked is None else timedelta(seconds=asked)
        return FetchFailed("vendor_busy", retry_after=wait, for_all=True)
    if status in (401, 403):
        return FetchFailed("vendor_refused", for_all=True)
    return FetchFailed("vendor_refused", final=True)


def _with_first_company(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """The record with the company of the smallest id in front: HubSpot's order is not fixed."""
    associations = record.get("associations")
    companies = associations.get("companies") if isinstance(associations, Mapping) else None
    results = companies.get("results") if isinstance(companies, Mapping) else None
    if not isinstance(results, list):
        return record

    def number(result: object) -> tuple[int, str]:
        value = str(result.get("id", "")) if isinstance(result, Mapping) else ""
        return (int(value), "") if value.isdecimal() else (2**63, value)

    return {**record, "associations": {"companies": {"results": sorted(results, key=number)}}}
