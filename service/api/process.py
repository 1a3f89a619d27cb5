"""The health of the process, by quarter."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from service.api.answers import READ_ERRORS, errors, tagged_answer
from service.api.queries import Text
from service.api.schemas_reports import ProcessMetricsAnswer
from service.dependencies import ServicesOf, may
from service.flows.process_metrics import process_metrics
from service.security import Principal, Right

router = APIRouter(tags=["reports"])


@router.get(
    "/process-metrics",
    summary="Five figures on the health of the process, with their targets",
    responses={200: {"model": ProcessMetricsAnswer}, **errors(*READ_ERRORS)},
)
def get_process_metrics(
    request: Request,
    services: ServicesOf,
    _who: Annotated[Principal, may(Right.READ_REPORTS)],
    quarter: Annotated[Text, Query(description="Such as 2026-Q3; today's unless given.")] = "",
) -> Response:
    """Each with value, target, status and what a miss points at."""
    found = process_metrics(
        services.store,
        quarter or None,
        today=services.today(),
        calendar=services.settings.calendar,
        policy=services.settings.policy_called(None),
    )
    return tagged_answer(request, found[-1])
