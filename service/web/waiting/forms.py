"""What a person did with requests that wait, as the decision that the API takes."""

from __future__ import annotations

from models.errors import InvalidInput
from service.web.deciding.forms import Fields, Names, Press, known, on_requests


def read_waiting(fields: Fields, names: Names) -> Press:
    """The decision in a posted form of this page.

    A request that waits goes to an item by being confirmed there. What is decided on no theme
    (no request, on no item, a severity) is decided on that of its best candidate.

    Raises:
        InvalidInput: `nothing_chosen`, `unknown_item`, `unknown_action`.
    """
    action, target = fields.action, fields.target
    if action == "assign":
        theme_id, _, request_id = target.partition(":")
        return _confirmed(theme_id, Fields(fields.one, [request_id], action, target), names)
    if action in ("choose", "typed"):
        if not fields.one.get("item"):
            raise InvalidInput(
                "Type the item first that the ticked ones belong to.",
                code="unknown_item",
                field="item",
            )
        return _confirmed(known(fields.one["item"], names.themes, "item"), fields, names)
    if action not in ("dismiss", "hold", "severity"):
        raise InvalidInput("The page knows no such button; reload it.", code="unknown_action")
    raw = on_requests(action, target, fields, names)
    theme_id = fields.one.get(f"best:{fields.ticked[0]}", "")
    if not theme_id:
        raise InvalidInput(
            "There is no item yet that these could be held against; add one to the taxonomy.",
            code="unknown_item",
        )
    return Press(theme_id, "", raw)


def _confirmed(theme_id: str, fields: Fields, names: Names) -> Press:
    return Press(theme_id, "", on_requests("confirm", "", fields, names))
