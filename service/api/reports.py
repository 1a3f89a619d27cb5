"""The reports that go out: top themes, the sync's agenda, the month's digest."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from service.api.answers import (
    READ_ERRORS,
    WRITE_ERRORS,
    answer,
    errors,
    is_current,
    make_etag,
    not_modified,
    tagged_answer,
    validators,
)
from service.api.bodies import object_of
from service.api.queries import Text, preferred
from service.api.schemas_reports import DigestAnswer, SyncReportAnswer, TopReportAnswer
from service.api.schemas_write import AcknowledgementBody, documented
from service.dependencies import OneBody, Services, ServicesOf, may
from service.digests.html import POLICY, digest_html
from service.digests.markdown import digest_markdown
from service.flows.digest import digest
from service.flows.issue_digest import acknowledge_digest, issue_digest
from service.flows.sync_report import sync_report
from service.flows.top_report import top_report
from service.security import Principal, Right

router = APIRouter(tags=["reports"])

_JSON, _MARKDOWN, _HTML = "application/json", "text/markdown", "text/html"


@router.get(
    "/reports/top",
    summary="The five themes of a week or a month, by accounts",
    responses={200: {"model": TopReportAnswer}, **errors(*READ_ERRORS)},
)
def get_top_report(
    request: Request,
    services: ServicesOf,
    _who: Annotated[Principal, may(Right.READ_REPORTS)],
    period: Annotated[Text, Query(description="A month or a week: 2026-09 or 2026-W37.")],
) -> Response:
    """Ties go to the larger ARR, then to the name."""
    found = top_report(
        services.store,
        period,
        today=services.today(),
        calendar=services.settings.calendar,
        policy=services.settings.policy_called(None),
        mask=services.settings.quote_mask,
    )
    return tagged_answer(request, found)


@router.get(
    "/reports/sync",
    summary="The agenda of the CSMs' sync",
    responses={200: {"model": SyncReportAnswer}, **errors(*READ_ERRORS)},
)
def get_sync_report(
    request: Request,
    services: ServicesOf,
    _who: Annotated[Principal, may(Right.READ_REPORTS)],
    week: Annotated[Text, Query(description="Such as 2026-W37; this week unless given.")] = "",
    weeks: Annotated[
        int, Query(ge=1, le=2, description="1, or 2 for that week and the one before it.")
    ] = 1,
) -> Response:
    """What several CSMs heard, what one alone heard, and their pre-reads."""
    found = sync_report(
        services.store,
        week or None,
        weeks,
        today=services.today(),
        calendar=services.settings.calendar,
        policy=services.settings.policy_called(None),
        mask=services.settings.quote_mask,
    )
    return tagged_answer(request, found)


@router.get(
    "/digests/{month}",
    summary="The digest of a month",
    responses={
        200: {
            "model": DigestAnswer,
            "content": {kind: {"schema": {"type": "string"}} for kind in (_MARKDOWN, _HTML)},
        },
        304: {"description": "What you have under that ETag is current."},
        **errors(*READ_ERRORS),
    },
)
def get_digest(
    request: Request,
    services: ServicesOf,
    _who: Annotated[Principal, may(Right.READ_REPORTS)],
    month: str,
) -> Response:
    """As JSON, or with `Accept: text/markdown` or `text/html` as it is sent."""
    found = month_digest(services, month)
    kind = preferred(request.headers.get("accept", ""), (_JSON, _MARKDOWN, _HTML))
    if kind == _JSON:
        return tagged_answer(request, found)
    text = digest_markdown(found) if kind == _MARKDOWN else digest_html(found)
    etag = make_etag(kind, text)
    if is_current(request, etag):
        return not_modified(etag)
    policy = {"Content-Security-Policy": POLICY} if kind == _HTML else {}
    return Response(text, media_type=kind, headers={**validators(etag), **policy})


@router.post(
    "/digests/{month}/issue",
    status_code=201,
    summary="Issue the digest of a month",
    responses={
        200: {"model": DigestAnswer, "description": "It was issued before; this is that one."},
        201: {"model": DigestAnswer},
        **errors(401, 403, 409, 422, 503),
    },
)
def post_issue(
    services: ServicesOf, who: Annotated[Principal, may(Right.ISSUE_DIGEST)], month: str
) -> Response:
    """Once: from then on its figures and sentences stay, whatever comes."""
    issued = issue_digest(
        services.store,
        month,
        today=services.today(),
        calendar=services.settings.calendar,
        policy=services.settings.policy_called(None),
        mask=services.settings.quote_mask,
        now=services.clock(),
        actor=who.name,
    )
    return answer(issued.digest, status=201 if issued.now else 200)


@router.post(
    "/digests/{month}/acknowledgement",
    summary="Record product's answer to a digest",
    responses={200: {"model": DigestAnswer}, **errors(*WRITE_ERRORS, 404)},
    openapi_extra=documented(
        AcknowledgementBody, example={"by": "Sam Ortiz", "assessment": "Exports: P2, next quarter."}
    ),
)
def post_acknowledgement(
    services: ServicesOf,
    who: Annotated[Principal, may(Right.ACKNOWLEDGE)],
    month: str,
    body: OneBody,
) -> Response:
    """On an issued digest. Said again, the later one stands."""
    found = acknowledge_digest(
        services.store,
        month,
        object_of(body),
        mask=services.settings.quote_mask,
        now=services.clock(),
        actor=who.name,
    )
    return answer(found)


def month_digest(services: Services, month: str) -> dict[str, Any]:
    """The digest of a month by this service's settings."""
    return digest(
        services.store,
        month,
        today=services.today(),
        calendar=services.settings.calendar,
        policy=services.settings.policy_called(None),
        mask=services.settings.quote_mask,
    )
