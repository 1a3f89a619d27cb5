"""Decisions on themes, and undoing them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header
from starlette.responses import Response

from models.errors import Unavailable
from service.api.answers import WRITE_ERRORS, answer, errors, version_of
from service.api.bodies import object_of
from service.api.schemas_read import DecidedAnswer, UndoneAnswer
from service.api.schemas_write import DECISIONS, documented
from service.dependencies import OneBody, Services, ServicesOf, SightOf, may
from service.flows.decide import decide, undo
from service.flows.language import LanguageModels
from service.security import Principal, Right, check_action

router = APIRouter(tags=["review"])

_ACCEPT = {
    "action": "accept",
    "feature_area": "Import & export",
    "customer_need": "Bulk export of records",
}


@router.post(
    "/themes/{theme_id}/decisions",
    summary="Decide on a theme",
    responses={200: {"model": DecidedAnswer}, **errors(*WRITE_ERRORS, 404, 409)},
    openapi_extra=documented(*DECISIONS, example=_ACCEPT),
)
def post_decision(
    services: ServicesOf,
    who: Annotated[Principal, may(Right.DECIDE)],
    sight: SightOf,
    theme_id: str,
    body: OneBody,
    if_match: Annotated[
        str | None, Header(description="The theme's `etag`; a stale one is 409.")
    ] = None,
) -> Response:
    """The theme after it, with `decision_id`. Its effects are visible when this answers."""
    raw = object_of(body)
    check_action(who, raw.get("action"))
    decided = decide(
        services.store,
        theme_id,
        raw,
        now=services.clock(),
        actor=who.name,
        if_match=version_of(if_match),
        language=language_for(services, raw.get("action")),
        sight=sight,
    )
    return answer(decided)


@router.post(
    "/decisions/{decision_id}/undo",
    summary="Undo a decision",
    responses={200: {"model": UndoneAnswer}, **errors(401, 403, 404, 409, 422, 503)},
)
def post_undo(
    services: ServicesOf,
    who: Annotated[Principal, may(Right.REVIEW)],
    sight: SightOf,
    decision_id: str,
) -> Response:
    """A later decision that built on it is undone first. An undone merge stays undone."""
    undone = undo(services.store, decision_id, now=services.clock(), actor=who.name, sight=sight)
    return answer(undone)


def language_for(services: Services, action: object) -> LanguageModels | None:
    """The models, where the decision may bring an item whose words are to be embedded.

    Without them it is taken all the same, and the worker embeds the item when it can.
    """
    if action not in ("accept", "add"):
        return None
    try:
        return services.language()
    except Unavailable:
        return None
