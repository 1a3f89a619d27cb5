"""Taking back a decision from the page that shows it."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import parse_qsl, urlsplit

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from service.dependencies import Services, ServicesOf, may
from service.flows.theme_names import decided_name
from service.flows.undo import take_back
from service.security import Principal, Right
from service.web.answering import PageRoute, Text
from service.web.contexts import Done
from service.web.decided import sentence
from service.web.figures import link

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.post("/desk/undo/{decision_id}")
def undo(
    services: ServicesOf,
    who: Annotated[Principal, may(Right.REVIEW)],
    decision_id: str,
    back: Text = "/",
) -> Response:
    """Undo a decision, and go back to the page that offered it."""
    take_back(services.store, decision_id, now=services.clock(), actor=who.name)
    return RedirectResponse(after(back, decision_id), status_code=303)


def after(back: str, decision_id: str) -> str:
    """The page to go back to, never another site's, told to show what was done there."""
    parts = urlsplit(back)
    ours = not parts.scheme and not parts.netloc and parts.path.startswith(("/desk/", "/board/"))
    kept = {name: value for name, value in parse_qsl(parts.query) if name != "done"} if ours else {}
    return link(parts.path if ours else "/", {**kept, "done": decision_id})


def done_line(services: Services, decision_id: str) -> Done | None:
    """What was decided a moment ago; None where the address names no decision."""
    found = decided_name(services.store, decision_id) if decision_id else None
    if found is None:
        return None
    made = f"/desk/themes/{found.split_off}" if found.split_off and not found.undone else ""
    return Done(found.decision_id, sentence(found), found.undone, made)
