"""Items of the taxonomy as people read and type them."""

from __future__ import annotations

from service.flows.theme_names import ThemeNames
from service.web.deciding.forms import Names

PATH = " › "


def item_path(feature_area: str, customer_need: str) -> str:
    """An item as people read and type it."""
    return f"{feature_area}{PATH}{customer_need}"


def typed_names(known: ThemeNames) -> Names:
    """What people may type for an item or a theme."""
    paths = {item_path(i.feature_area, i.customer_need): i.theme_id for i in known.items}
    return Names(paths, {**known.open_themes, **paths})
