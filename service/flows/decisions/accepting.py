"""Accept a theme as a taxonomy item, or reject it."""

from __future__ import annotations

from models.decisions import AcceptDecision, RejectDecision
from models.identity import item_id
from models.taxonomy import ItemStatus, TaxonomyItem
from service.flows.decisions.context import Deciding, members_of
from service.flows.decisions.joining import absorb, retire_item
from service.flows.decisions.places import adopt_waiting, as_theme, bind, close_proposal, free
from service.storage import taxonomy_items
from service.storage.tables import forbidden_groups, themes
from service.storage.tables import taxonomy_items as items_table
from service.storage.taxonomy_items import StoredItem


def accept(deciding: Deciding, decision: AcceptDecision) -> None:
    """The theme is this item: merged into the item's theme, or the theme of a new item.

    Waiting requests that fit the item now are put on it at once.
    """
    key = item_id(decision.feature_area, decision.customer_need)
    known = taxonomy_items.find(deciding.connection, [key]).get(key)
    if known is not None and known.status is ItemStatus.LIVE and known.theme_id is not None:
        absorb(deciding, deciding.theme, known.theme_id)
    else:
        _become_item(deciding, decision, known)
    adopt_waiting(deciding)


def reject(deciding: Deciding, decision: RejectDecision) -> None:
    """The theme is none: its members wait and never again form that same group.

    With an item's theme goes the item.
    """
    theme = deciding.theme
    members = members_of(deciding, theme)
    retire_item(deciding, theme.id)
    deciding.ledger.change(themes, [theme.id], status="rejected")
    close_proposal(deciding, theme.id)
    free(deciding, members)
    deciding.ledger.add(
        forbidden_groups,
        [{"theme_id": theme.id, "request_id": member.id} for member in members],
    )


def _become_item(deciding: Deciding, decision: AcceptDecision, known: StoredItem | None) -> None:
    theme = deciding.theme
    as_theme(deciding, theme)
    bind(deciding, members_of(deciding, theme), theme.id)
    label = theme.label if theme.label_by == "person" else decision.customer_need
    deciding.ledger.change(themes, [theme.id], status="accepted", label=label)
    close_proposal(deciding, theme.id)
    if known is not None:
        deciding.ledger.change(
            items_table, [known.id], status=ItemStatus.LIVE.value, theme_id=theme.id
        )
        return
    new = StoredItem(
        TaxonomyItem(decision.feature_area, decision.customer_need), ItemStatus.LIVE, theme.id
    )
    deciding.ledger.add(
        items_table,
        [
            {
                "id": new.id,
                "feature_area": decision.feature_area,
                "customer_need": decision.customer_need,
                "description": "",
                "examples": [],
                "status": ItemStatus.LIVE.value,
                "theme_id": theme.id,
                "created_at": deciding.now,
                "created_by": deciding.actor,
            }
        ],
    )
