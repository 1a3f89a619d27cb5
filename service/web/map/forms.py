"""What was chosen on the map, and what is to become of it."""

from __future__ import annotations

from collections.abc import Sequence

from models.errors import InvalidInput
from service.flows.map_selection import Part
from service.web.deciding.forms import Fields, Names, Press, known

# More than a person can mean by one line drawn around them.
MOST_CHOSEN = 2_000


def chosen_ids(fields: Fields) -> Sequence[str]:
    """The ids of the chosen requests, each once.

    Raises:
        InvalidInput: `nothing_chosen`, `too_many`.
    """
    ids = list(dict.fromkeys(fields.one.get("requests", "").split()))
    if not ids:
        raise InvalidInput(
            "Choose requests on the map first: draw a line around them.",
            code="nothing_chosen",
            field="requests",
        )
    if len(ids) > MOST_CHOSEN:
        raise InvalidInput(
            f"These are {len(ids):,} requests; choose at most {MOST_CHOSEN:,} at once.",
            code="too_many",
            field="requests",
        )
    return ids


def read_press(fields: Fields, names: Names, *, parts: Sequence[Part]) -> Press:
    """The decision on a part of the selection, or on two of its themes.

    Raises:
        InvalidInput: `nothing_chosen`, `unknown_item`, `unknown_theme`, `unknown_action`.
    """
    one, action, theme_id = fields.one, fields.action, fields.target
    if action == "typed":
        action, theme_id = "move", _typed_for(fields)
    if action == "merge":
        source, into = one.get("source", ""), one.get("target", "")
        return Press(source, one.get(f"etag:{source}", ""), {"action": "merge", "into": into})
    if action not in ("split", "move"):
        raise InvalidInput("The page knows no such button; reload it.", code="unknown_action")
    ids = [id_ for part in parts if (part.theme_id or "") == theme_id for id_ in part.request_ids]
    if not ids:
        raise InvalidInput(
            "None of these requests are on that theme any more.", code="nothing_chosen"
        )
    etag = one.get(f"etag:{theme_id}", "")
    if action == "split":
        return Press(theme_id, etag, {"action": "split", "requests": ids})
    to = known(one.get(f"item:{theme_id}", ""), names.themes, "theme")
    if not theme_id:
        # Those that wait are put on the theme that they are confirmed to belong to.
        return Press(to, "", {"action": "confirm", "requests": ids})
    return Press(theme_id, etag, {"action": "move", "requests": ids, "to": to})


def _typed_for(fields: Fields) -> str:
    """The theme beside which something was typed, when Enter was pressed in that field."""
    typed = [name for name, value in fields.one.items() if name.startswith("item:") and value]
    if len(typed) != 1:
        raise InvalidInput("Press one of the buttons.", code="unknown_action")
    return typed[0].removeprefix("item:")
