"""The review queue of CS Ops."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response

from service.api.answers import READ_ERRORS, errors, tagged_answer
from service.api.queries import Cursor, Limit
from service.api.schemas_read import ReviewAnswer
from service.dependencies import ServicesOf, SightOf, may
from service.flows.review import review_queue
from service.security import Principal, Right

router = APIRouter(tags=["review"])


@router.get(
    "/review",
    summary="What waits for a decision, most decisive first",
    responses={200: {"model": ReviewAnswer}, **errors(*READ_ERRORS)},
)
def get_review(
    request: Request,
    services: ServicesOf,
    _who: Annotated[Principal, may(Right.REVIEW)],
    sight: SightOf,
    cursor: Cursor = "",
    limit: Limit = 100,
) -> Response:
    """Kind `theme`: a proposed theme with its members. Kind `requests`: at most twelve doubtful
    or waiting requests, to confirm or to move."""
    queue = review_queue(
        services.store,
        now=services.clock(),
        today=services.today(),
        calendar=services.settings.calendar,
        policy=services.settings.policy_called(None),
        cursor=cursor,
        limit=limit,
        sight=sight,
    )
    return tagged_answer(request, queue)
