"""HubSpot: notes by the CRM search API, with the company each belongs to.

Facts: https://developers.hubspot.com/docs/api/crm/search (at most 200 a page and 10,000 a
query) and .../crm/associations (batch read). Deleted notes come by webhook, not here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from models.errors import Unavailable
from service.crm.mapping import ColumnMapping
from service.crm.pulls import PulledPage
from service.crm.vendor_api import VendorApi

PAGE = 200
MOST_BY_ONE_QUERY = 10_000
_PREFIX = "properties."
_CHANGED = "hs_lastmodifieddate"


class HubSpotPull:
    """Reads notes by the time of their last change."""

    def __init__(self, api: VendorApi, mapping: ColumnMapping) -> None:
        self._api = api
        named = {name for names in mapping.columns.values() for name in names}
        properties = {n.removeprefix(_PREFIX) for n in named if n.startswith(_PREFIX)}
        self._properties = sorted(properties | {_CHANGED})

    def pages(self, position: str) -> Iterator[PulledPage]:
        """As `Puller`; `position` is a last change in milliseconds, empty for the whole past."""
        after = 0
        began = position
        while True:
            answer = self._search(began, after)
            found = [dict(note) for note in answer.get("results", [])]
            companies = self._companies([str(note["id"]) for note in found])
            last = _milliseconds(found[-1]) if found else position
            yield PulledPage(
                records=[
                    {**note, "associations": {"companies": companies.get(str(note["id"]), "")}}
                    for note in found
                ],
                deleted=[],
                position=last,
            )
            following = answer.get("paging", {}).get("next", {}).get("after")
            if following is None:
                return
            after = int(following)
            if after >= MOST_BY_ONE_QUERY:
                if last == began:
                    raise Unavailable(
                        "HubSpot holds more than 10,000 notes of one instant; load an export.",
                        code="vendor_refused",
                    )
                began, after = last, 0

    def _search(self, since: str, after: int) -> Any:
        changed = {"propertyName": _CHANGED, "operator": "GTE", "value": since or "0"}
        return self._api.post(
            "/crm/v3/objects/notes/search",
            {
                "filterGroups": [{"filters": [changed]}],
                "sorts": [{"propertyName": _CHANGED, "direction": "ASCENDING"}],
                "properties": self._properties,
                "limit": PAGE,
                "after": str(after),
            },
        )

    def _companies(self, notes: list[str]) -> dict[str, str]:
        """The first company of each note that has one."""
        if not notes:
            return {}
        answer = self._api.post(
            "/crm/v4/associations/notes/companies/batch/read",
            {"inputs": [{"id": note} for note in notes]},
        )
        return {
            str(pair["from"]["id"]): str(min(int(to["toObjectId"]) for to in pair["to"]))
            for pair in answer.get("results", [])
            if pair.get("to")
        }


def _milliseconds(note: Mapping[str, Any]) -> str:
    changed = str(note["properties"][_CHANGED])
    if changed.isdecimal():
        return changed
    return str(int(datetime.fromisoformat(changed).timestamp() * 1000))
