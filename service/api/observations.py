"""Structured pre-reads: already tagged, in the signals at once."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header
from starlette.responses import Response

from service.api.answers import WRITE_ERRORS, answer, errors
from service.api.bodies import object_of
from service.api.schemas_read import IdAnswer
from service.api.schemas_write import ObservationBody, documented
from service.dependencies import OneBody, ServicesOf, may
from service.flows.observe import record_observation
from service.security import Principal, Right, check_own

router = APIRouter(tags=["notes"])

_OBSERVATION = {
    "csm_id": "c-1",
    "account_id": "a-1",
    "occurred_at": "2026-07-03T09:30:00Z",
    "feature_area": "Import & export",
    "customer_need": "Bulk export of records",
    "severity": "degraded",
    "accounts_count": 1,
    "verbatim": "We copy the list page by page.",
}


@router.post(
    "/observations",
    status_code=201,
    summary="Record a structured pre-read",
    responses={
        200: {"model": IdAnswer, "description": "A repeat: the id of the first."},
        201: {"model": IdAnswer},
        **errors(*WRITE_ERRORS, 409),
    },
    openapi_extra=documented(ObservationBody, example=_OBSERVATION),
)
def post_observation(
    services: ServicesOf,
    who: Annotated[Principal, may(Right.OBSERVE)],
    body: OneBody,
    idempotency_key: Annotated[str | None, Header(max_length=255)] = None,
) -> Response:
    """With `external_id`, or an `Idempotency-Key`, a repeat is 200 and the same id."""
    raw = object_of(body)
    check_own(who, raw.get("csm_id"))
    receipt = record_observation(
        services.store,
        raw,
        now=services.clock(),
        actor=who.name,
        idempotency_key=idempotency_key,
    )
    return answer({"id": receipt.id}, status=201 if receipt.created else 200)
