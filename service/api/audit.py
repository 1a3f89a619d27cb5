"""Who did what to what, and when."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response

from service.api.answers import READ_ERRORS, errors, tagged_answer
from service.api.queries import Cursor, Limit, Text
from service.api.schemas_read import ListAnswer
from service.dependencies import ServicesOf, may
from service.flows.audit import list_audit
from service.security import Principal, Right

router = APIRouter(tags=["audit"])


@router.get(
    "/audit",
    summary="The audit trail, newest first",
    responses={200: {"model": ListAnswer}, **errors(*READ_ERRORS)},
)
def get_audit(
    request: Request,
    services: ServicesOf,
    _who: Annotated[Principal, may(Right.READ_AUDIT)],
    actor: Text = "",
    cursor: Cursor = "",
    limit: Limit = 100,
) -> Response:
    """Every write: intake, uploads, decisions, keys. Never a note's text."""
    page = list_audit(services.store, actor=actor or None, cursor=cursor, limit=limit)
    return tagged_answer(request, page)
