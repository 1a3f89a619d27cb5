"""The taxonomy as CSV, in the columns of PUT /taxonomy, so that it can be put back."""

from __future__ import annotations

import csv
import io
import json

from models.taxonomy import ItemStatus
from service.storage import taxonomy_items
from service.storage.engine import Store


def taxonomy_csv(store: Store) -> str:
    """The live items under a header, by RFC 4180; examples are a JSON list in their cell.

    What is proposed or retired is left out: put back, it would be live. No cell is changed for
    the sake of spreadsheets, or it would be another item when it comes back.
    """
    with store.read() as connection:
        items = taxonomy_items.every(connection, status=ItemStatus.LIVE)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["feature_area", "customer_need", "description", "examples"])
    for stored in items:
        item = stored.item
        examples = json.dumps(item.examples, ensure_ascii=False) if item.examples else ""
        writer.writerow([item.feature_area, item.customer_need, item.description, examples])
    return text.getvalue()
