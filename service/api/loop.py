"""What became of what a CSM reported."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from models.errors import InvalidInput
from service.api.answers import READ_ERRORS, errors, tagged_answer
from service.api.queries import Cursor, Limit, Text
from service.api.schemas_reports import LoopAnswer
from service.dependencies import ServicesOf, SightOf, may
from service.flows.loop import LoopQuery, loop
from service.security import Principal, Right, check_own

router = APIRouter(tags=["reports"])


@router.get(
    "/loop",
    summary="What became of what one CSM reported",
    responses={200: {"model": LoopAnswer}, **errors(*READ_ERRORS, 404)},
)
def get_loop(
    request: Request,
    services: ServicesOf,
    who: Annotated[Principal, may(Right.READ_LOOP)],
    sight: SightOf,
    csm_id: Annotated[Text, Query(description="A csm key's own unless given.")] = "",
    state: Annotated[
        Text,
        Query(
            description="waiting, proposed, open, backlog, shipped, declined, closed or dismissed."
        ),
    ] = "",
    since: Annotated[
        Text, Query(description="The day since when `changes` are told; 30 days ago unless given.")
    ] = "",
    changed: Annotated[bool, Query(description="Only what was touched since then.")] = False,
    cursor: Cursor = "",
    limit: Limit = 100,
) -> Response:
    """Each request, newest first: where it went, and how its theme stands now."""
    whose = csm_id or who.csm_id
    if whose is None:
        raise InvalidInput(
            "Say whose reports: csm_id=ID, as GET /csms lists them.",
            code="missing_field",
            field="csm_id",
        )
    check_own(who, whose)
    found = loop(
        services.store,
        LoopQuery(
            csm_id=whose,
            state=state or None,
            since=since or None,
            changed=changed,
            cursor=cursor,
            limit=limit,
        ),
        today=services.today(),
        calendar=services.settings.calendar,
        policy=services.settings.policy_called(None),
        sight=sight,
    )
    return tagged_answer(request, found)
