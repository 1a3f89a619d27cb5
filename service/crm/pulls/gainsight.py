"""Gainsight: Timeline activities by the object query API.

Facts: https://support.gainsight.com/Gainsight_NXT/API_and_Developer_Docs (object query:
select, where, orderBy, limit, offset; header `accesskey`). Field names differ by tenant, so
they come from the mapping.
"""

from __future__ import annotations

from collections.abc import Iterator

from models.errors import Unavailable
from service.crm.mapping import ColumnMapping
from service.crm.pulls import PulledPage
from service.crm.vendor_api import VendorApi

PAGE = 1_000


class GainsightPull:
    """Reads activities by the time of their last change, the mapping's first `revised_at`."""

    def __init__(
        self, api: VendorApi, mapping: ColumnMapping, record: str = "activity_timeline"
    ) -> None:
        self._api = api
        self._path = f"/v1/data/objects/query/{record}"
        self._fields = sorted({name for names in mapping.columns.values() for name in names})
        changed = mapping.columns.get("revised_at") or mapping.columns["occurred_at"]
        self._changed = changed[0]

    def pages(self, position: str) -> Iterator[PulledPage]:
        """As `Puller`; `position` is a time of last change, empty for the whole past."""
        offset = 0
        while True:
            answer = self._api.post(self._path, self._query(position, offset))
            if not answer.get("result"):
                raise Unavailable(
                    "Gainsight refuses the query; check the mapping's field names.",
                    code="vendor_refused",
                )
            records = [dict(record) for record in answer["data"]["records"]]
            last = str(records[-1].get(self._changed) or position) if records else position
            yield PulledPage(records=records, deleted=[], position=last)
            if len(records) < PAGE:
                return
            offset += PAGE

    def _query(self, since: str, offset: int) -> dict[str, object]:
        query: dict[str, object] = {
            "select": self._fields,
            "orderBy": {self._changed: "asc"},
            "limit": PAGE,
            "offset": offset,
        }
        if since:
            condition = {
                "name": self._changed,
                "alias": "A",
                "value": [since],
                "operator": "GTE",
            }
            query["where"] = {"conditions": [condition], "expression": "A"}
        return query
