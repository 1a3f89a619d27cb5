"""The answers that a question offers, as buttons: the likeliest first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from service.web.deciding.contexts import Answer
from service.web.deciding.items import item_path

Row = Mapping[str, Any]
# What is less likely than this only stands between.
_LEAST = 0.01


def answers(row: Row, paths: Mapping[str, str]) -> list[Answer]:
    """The buttons of a `DeskQuestion`, as plain JSON; `paths` are those of items, by theme.

    Of a proposed theme `kind`, `proposal` and `answers` will do.

    The keys stay with the kind of answer, wherever it stands: y for what is proposed, n to
    reject, x for no request, and q, w, e for the others in their order.
    """
    if row["kind"] == "theme":
        return [*_on_theme(row)]
    return [*_on_requests(row, paths)]


def _on_theme(row: Row) -> Iterator[Answer]:
    keys = iter("yqwe")
    proposal = row["proposal"]
    if proposal and proposal["customer_need"] and not proposal["feature_area"]:
        # The machine has a name, and no item that is near enough to guess an area from.
        path = item_path("Unclassified", proposal["customer_need"])
        yield Answer(f"accept:{path}", f"New item: {path}", None, next(keys))
    for place, offer in enumerate(row["answers"]):
        body, sure = offer["body"], offer["confidence"]
        if body["action"] == "reject":
            yield Answer("reject", "Not one need: reject", None, "n")
        elif place == 0 or sure >= _LEAST:
            path = item_path(body["feature_area"], body["customer_need"])
            own = proposal and (body["feature_area"], body["customer_need"]) == (
                proposal["feature_area"],
                proposal["customer_need"],
            )
            title = "New item" if own and proposal["is_new"] else "It is"
            yield Answer(f"accept:{path}", f"{title}: {path}", sure, next(keys))


def _on_requests(row: Row, paths: Mapping[str, str]) -> Iterator[Answer]:
    keys = iter("qwe")
    confirmed = False
    for place, offer in enumerate(row["answers"]):
        body, sure = offer["body"], offer["confidence"]
        if place and sure < _LEAST:
            continue
        if body["action"] == "confirm":
            confirmed = True
            yield Answer("confirm", "Ticked ones belong here", sure, "y")
        elif body["action"] == "dismiss":
            yield Answer("dismiss", "Ticked: not a request", sure, "x")
        elif key := next(keys, ""):
            path = paths.get(body["to"], "another theme")
            yield Answer(f"move:{body['to']}", f"Move ticked: {path}", sure, key)
    if not confirmed:
        yield Answer("confirm", "Ticked ones belong here", None, "y")
