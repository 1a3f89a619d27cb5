"""Taking back a decision from the page that shows it."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated
from urllib.parse import parse_qsl, urlsplit

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from models.errors import Conflict
from service.dependencies import Services, ServicesOf, may
from service.flows.moved_levels import moved_by
from service.flows.theme_names import DecidedName, decided_name
from service.flows.undo import take_back, why_it_stands
from service.security import Principal, Right
from service.web.answering import PageRoute, Text
from service.web.contexts import Done
from service.web.decided import also_moved, sentence
from service.web.figures import link

router = APIRouter(route_class=PageRoute, include_in_schema=False)

# Behind a decision's id in an address: somebody asked to take it back, and it was refused.
_KEPT = ".kept"


@router.post("/desk/undo/{decision_id}")
def undo(
    services: ServicesOf,
    who: Annotated[Principal, may(Right.REVIEW)],
    decision_id: str,
    back: Text = "/",
) -> Response:
    """Undo a decision, and go back to the page that offered it; it tells of a refusal too."""
    told = decision_id
    try:
        take_back(services.store, decision_id, now=services.clock(), actor=who.name)
    except Conflict:
        if not _is_ours(back):
            raise
        told += _KEPT
    return RedirectResponse(after(back, told), status_code=303)


def after(back: str, done: str) -> str:
    """The page to go back to, never another site's, told to show what was done there."""
    if not _is_ours(back):
        return link("/", {"done": done})
    parts = urlsplit(back)
    kept = {name: value for name, value in parse_qsl(parts.query) if name != "done"}
    return link(parts.path, {**kept, "done": done})


def _is_ours(back: str) -> bool:
    parts = urlsplit(back)
    return not parts.scheme and not parts.netloc and parts.path.startswith(("/desk/", "/board/"))


def decision_in(done: str) -> str:
    """The id of the decision that the `done` of an address names."""
    return done.removesuffix(_KEPT)


def done_line(services: Services, done: str) -> Done | None:
    """What was decided a moment ago, as it stands now; None where the address names no decision.

    Why taking it back was refused is found out anew: the address says no more than that it was.
    """
    found = decided_name(services.store, decision_in(done)) if done else None
    if found is None:
        return None
    mask = services.settings.quote_mask
    found = replace(found, label=mask(found.label), target=mask(found.target))
    made = f"/desk/themes/{found.split_off}" if found.split_off and not found.undone else ""
    kept, kept_link = _why_kept(services, found) if done.endswith(_KEPT) else ("", "")
    moved = () if found.undone else moved_by(services.store, found.decision_id)
    also = also_moved([replace(one, label=mask(one.label)) for one in moved])
    return Done(found.decision_id, sentence(found), found.undone, made, kept, kept_link, also)


def _why_kept(services: Services, found: DecidedName) -> tuple[str, str]:
    """Why a decision was not taken back, what to do, and where; empty where it can be by now."""
    why = why_it_stands(services.store, found.decision_id)
    if why is None:
        return "", ""
    said = sentence(found)
    there = f"/desk/themes/{why.theme_id}#decisions" if why.theme_id else ""
    if why.code == "already_undone":
        return f"{why.actor} had taken that back already; nothing was done now: {said}.", there
    if why.later is not None:
        since = (
            f"Since then {why.actor} has decided: {sentence(why.later)}. That stands; undo it"
            " first, or decide anew."
        )
    else:
        since = (
            "An upload or an edited note has changed the same thing since. Here it is as it"
            " stands now; decide anew instead."
        )
    return f"Not taken back: {said}. {since}", there
