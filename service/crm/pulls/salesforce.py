"""Salesforce: tasks (or another object) by SOQL, deleted ones too.

Facts: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/ (queryAll,
nextRecordsUrl) and the OAuth 2.0 client credentials flow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from models.errors import Unavailable
from service.crm.mapping import ColumnMapping
from service.crm.pulls import PulledPage
from service.crm.vendor_api import VendorApi

VERSION = "v61.0"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.]*", re.ASCII)
_INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})", re.ASCII
)


class SalesforcePull:
    """Reads one object by the time of its last change (SystemModstamp)."""

    def __init__(
        self,
        api: VendorApi,
        mapping: ColumnMapping,
        *,
        client_id: str,
        client_secret: str,
        record: str = "Task",
    ) -> None:
        self._api = api
        self._credentials = {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": client_secret,
        }
        self._record = record
        named = {name for names in mapping.columns.values() for name in names}
        named |= {"Id", "SystemModstamp", "IsDeleted"}
        self._fields = sorted(name for name in named if _NAME.fullmatch(name))

    def pages(self, position: str) -> Iterator[PulledPage]:
        """As `Puller`; `position` is a SystemModstamp, empty for the whole past."""
        token = self._api.post_form("/services/oauth2/token", self._credentials)
        self._api.authorise(str(token["access_token"]))
        answer = self._api.get(f"/services/data/{VERSION}/queryAll", {"q": self._query(position)})
        while True:
            records = [dict(record) for record in answer["records"]]
            last = str(records[-1]["SystemModstamp"]) if records else position
            yield PulledPage(
                records=[record for record in records if not record.get("IsDeleted")],
                deleted=[str(record["Id"]) for record in records if record.get("IsDeleted")],
                position=last,
            )
            following = answer.get("nextRecordsUrl")
            if answer.get("done", True) or not following:
                return
            if not str(following).startswith("/services/data/"):
                raise Unavailable(
                    "Salesforce names a next page outside its API; it was not followed.",
                    code="vendor_refused",
                )
            answer = self._api.get(str(following))

    def _query(self, position: str) -> str:
        since = f" WHERE SystemModstamp >= {_literal(position)}" if position else ""
        order = "ORDER BY SystemModstamp, Id"
        return f"SELECT {', '.join(self._fields)} FROM {self._record}{since} {order}"


def _literal(position: str) -> str:
    """A date-time as SOQL takes it, without quotes; nothing else may stand in a query."""
    if not _INSTANT.fullmatch(position):
        raise Unavailable(
            "The stored position of the Salesforce pull is no time; give --since.",
            code="bad_position",
        )
    return position
