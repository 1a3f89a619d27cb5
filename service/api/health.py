"""Is it alive, is it ready, and what does it count."""

from __future__ import annotations

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import Response

from models.errors import Unavailable
from service.api.answers import answer, errors
from service.api.schemas_read import HealthAnswer, ReadinessAnswer
from service.dependencies import Services, ServicesOf
from service.errors import error_body, request_id_of
from service.flows.health import queue_depth

router = APIRouter(tags=["health"])


# Some load balancers ask by HEAD.
@router.head("/health/live", include_in_schema=False)
@router.get(
    "/health/live",
    summary="The process answers",
    responses={200: {"model": HealthAnswer}, **errors(500)},
)
def live() -> Response:
    """Always 200; touches neither the store nor the encoder."""
    return answer({"status": "alive"}, no_store=True)


@router.head("/health/ready", include_in_schema=False)
@router.get(
    "/health/ready",
    summary="The store answers and the worker can read notes",
    responses={200: {"model": ReadinessAnswer}, **errors(503)},
)
def ready(request: Request, services: ServicesOf) -> Response:
    """503 with every reason why not: the store, the encoder. The queue's depth is told too.

    While the encoder is missing or still loading, notes are taken in and wait.
    """
    checks, reasons = _checks(services)
    if not reasons:
        return answer({"ready": True, "checks": checks}, no_store=True)
    problem = error_body("not_ready", " ".join(reasons), request_id=request_id_of(request))
    return answer({**problem, "ready": False, "checks": checks}, status=503, no_store=True)


def _checks(services: Services) -> tuple[dict[str, object], list[str]]:
    checks: dict[str, object] = {}
    reasons: list[str] = []
    try:
        notes, jobs = queue_depth(services.store)
        checks["store"] = "ok"
        checks["queue"] = {"notes": notes, "jobs": jobs}
    except Unavailable as error:
        checks["store"] = error.code
        reasons.append(error.message)
    if services.worker is not None:
        status = services.worker.status
        checks["worker"] = status.state
        if not status.ready:
            reasons.append(status.reason)
    return checks, reasons


@router.get(
    "/metrics",
    summary="Counts for Prometheus",
    responses={200: {"content": {"text/plain": {}}}, **errors(500)},
)
def metrics(services: ServicesOf) -> Response:
    """The text format of Prometheus. Holds counts alone: no names, no texts."""
    return Response(
        generate_latest(services.telemetry.registry),
        headers={"Content-Type": CONTENT_TYPE_LATEST, "Cache-Control": "no-store"},
    )
