"""Word an item anew; under another pair it keeps its theme, and with it all that was decided."""

from __future__ import annotations

from collections.abc import Mapping

from models.decisions import EditDecision
from models.errors import Conflict
from models.identity import item_id
from models.taxonomy import ItemStatus
from service.flows.decisions.context import Deciding
from service.flows.decisions.places import adopt_waiting
from service.storage import taxonomy_items, themes
from service.storage.tables import taxonomy_items as items_table
from service.storage.tables import themes as themes_table
from service.storage.themes import LiveItem


def edit(deciding: Deciding, decision: EditDecision) -> None:
    """The theme's item has these words from now on; what waits and fits them is put on it.

    An item is known by its pair: a new name is a new item with the old one's theme, and the
    old one is retired.

    Raises:
        Conflict: `not_an_item` where the theme has no live item; `item_exists`.
    """
    live = themes.live_items(deciding.connection)
    item = next((one for one in live if one.theme_id == deciding.theme.id), None)
    if item is None:
        raise Conflict(
            "This theme is no item of the taxonomy; accept it as one first.", code="not_an_item"
        )
    description = item.description if decision.description is None else decision.description
    examples = item.examples if decision.examples is None else list(decision.examples)
    words = {"description": description, "examples": examples}
    if (decision.feature_area, decision.customer_need) == (item.feature_area, item.customer_need):
        deciding.ledger.change(items_table, [item.item_id], **words)
    else:
        _under_another_name(deciding, decision, item, words)
    adopt_waiting(deciding)


def _under_another_name(
    deciding: Deciding, decision: EditDecision, item: LiveItem, words: Mapping[str, object]
) -> None:
    key = item_id(decision.feature_area, decision.customer_need)
    known = taxonomy_items.find(deciding.connection, [key]).get(key)
    if known is not None and known.status is ItemStatus.LIVE:
        raise Conflict(
            "There is a live item of this area and need already; merge the two instead.",
            code="item_exists",
            field="customer_need",
        )
    # Two live items never share a theme, not even in between.
    deciding.ledger.change(items_table, [item.item_id], status=ItemStatus.RETIRED.value)
    place = {"status": ItemStatus.LIVE.value, "theme_id": deciding.theme.id}
    if known is not None:
        deciding.ledger.change(items_table, [key], **place, **words)
    else:
        row = {
            "id": key,
            "feature_area": decision.feature_area,
            "customer_need": decision.customer_need,
            "created_at": deciding.now,
            "created_by": deciding.actor,
        }
        deciding.ledger.add(items_table, [{**row, **place, **words}])
    if deciding.theme.label_by != "person":
        deciding.ledger.change(themes_table, [deciding.theme.id], label=decision.customer_need)
