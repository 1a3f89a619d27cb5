"""Clustering runs and the jobs behind them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import Response

from service.api.answers import READ_ERRORS, answer, errors
from service.api.queries import Flag
from service.api.schemas_read import JobAnswer, JobQueuedAnswer
from service.dependencies import ServicesOf, may
from service.flows.jobs import get_job, start_run
from service.security import Principal, Right

router = APIRouter(tags=["jobs"])


@router.post(
    "/runs",
    status_code=202,
    summary="Start a clustering run",
    responses={202: {"model": JobQueuedAnswer}, **errors(401, 403, 422, 503)},
)
def post_run(
    services: ServicesOf, who: Annotated[Principal, may(Right.RUN)], reread: Flag = False
) -> Response:
    """The worker recomputes all machine assignments from the requests and the decisions. With
    `reread` it reads every note anew first, as corrections have taught it."""
    job_id = start_run(services.store, now=services.clock(), actor=who.name, reread=reread)
    return answer({"job_id": job_id}, status=202)


@router.get(
    "/jobs/{job_id}",
    summary="How far a job is",
    responses={200: {"model": JobAnswer}, **errors(*READ_ERRORS, 404)},
)
def job(services: ServicesOf, _who: Annotated[Principal, may(Right.RUN)], job_id: str) -> Response:
    """`error` says why a job failed, or what it waits for."""
    found = get_job(services.store, job_id)
    return answer(
        {
            "id": found.id,
            "kind": found.kind,
            "state": found.state,
            "done": found.done,
            "total": found.total,
            "error": found.error,
        },
        no_store=True,
    )
