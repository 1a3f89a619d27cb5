"""A Salesforce object as a note, whichever way it came."""

from __future__ import annotations

from collections.abc import Mapping

from service.crm.connector import Change, Preferences
from service.crm.payload import not_an_object, note_of

# WhatId is whatever a task is about; only accounts begin like this.
_ACCOUNT_PREFIX = "001"


def record_change(
    record: object, wanted: Preferences, *, sparse: bool = False, delivery: str | None = None
) -> Change:
    """The change that a Task, Event, Note or other object makes."""
    if not isinstance(record, Mapping):
        return not_an_object()
    record = without_other_targets(record)
    external_id = wanted.fields.value(record, "id")
    return note_of("salesforce", external_id, record, wanted, sparse=sparse, delivery=delivery)


def without_other_targets(record: Mapping[str, object]) -> Mapping[str, object]:
    """The record without a WhatId that is an opportunity, a case or the like."""
    what = record.get("WhatId")
    if isinstance(what, str) and what and not what.startswith(_ACCOUNT_PREFIX):
        return {**record, "WhatId": None}
    return record
