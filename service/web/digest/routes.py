"""The addresses of the digest's page."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from models.errors import Conflict, GroundswellError, InvalidInput, NotFound
from service.dependencies import FormBody, Services, ServicesOf, may
from service.errors import status_of
from service.flows.digest import digest
from service.flows.issue_digest import acknowledge_digest, issue_digest
from service.security import ROLES_THAT, Principal, Right
from service.web.answering import PageRoute, Text, draw
from service.web.deciding.forms import read_fields
from service.web.digest.contexts import Answering
from service.web.digest.page import HERE, digest_page, month_to_send
from service.web.figures import link

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get(HERE)
def show_digest(
    services: ServicesOf,
    who: Annotated[Principal, may(Right.READ_REPORTS)],
    month: Text = "",
) -> Response:
    """The digest of a month as it will be sent; of the last whole one unless given."""
    return _drawn(services, who, month or str(month_to_send(services.today())))


@router.post(f"{HERE}/issue")
def issue(
    services: ServicesOf, who: Annotated[Principal, may(Right.ISSUE_DIGEST)], month: Text = ""
) -> Response:
    """Issue it, and come back to see it as it was issued."""
    try:
        issue_digest(
            services.store,
            month,
            today=services.today(),
            calendar=services.settings.calendar,
            policy=services.settings.policy_called(None),
            mask=services.settings.quote_mask,
            now=services.clock(),
            actor=who.name,
        )
    except Conflict as error:
        return _drawn(services, who, month, Answering(refused=error.message), error)
    return _back(month)


@router.post(f"{HERE}/acknowledgement")
def acknowledge(
    services: ServicesOf,
    who: Annotated[Principal, may(Right.ACKNOWLEDGE)],
    body: FormBody,
    month: Text = "",
) -> Response:
    """Record product's answer; refused, the page says why and keeps what was typed."""
    typed = read_fields(body.data).one
    try:
        acknowledge_digest(
            services.store,
            month,
            {"by": typed.get("by", ""), "assessment": typed.get("assessment", "")},
            mask=services.settings.quote_mask,
            now=services.clock(),
            actor=who.name,
        )
    except (InvalidInput, NotFound) as error:
        said = Answering(error.message, typed.get("by", ""), typed.get("assessment", ""))
        return _drawn(services, who, month, said, error)
    return _back(month)


def _back(month: str) -> Response:
    return RedirectResponse(link(HERE, {"month": month}), status_code=303)


def _drawn(
    services: Services,
    who: Principal,
    month: str,
    typed: Answering | None = None,
    error: GroundswellError | None = None,
) -> Response:
    found = digest(
        services.store,
        month,
        today=services.today(),
        calendar=services.settings.calendar,
        policy=services.settings.policy_called(None),
        mask=services.settings.quote_mask,
    )
    page = digest_page(
        found,
        may_issue=who.role in ROLES_THAT[Right.ISSUE_DIGEST],
        may_answer=who.role in ROLES_THAT[Right.ACKNOWLEDGE],
        typed=typed or Answering(),
        today=services.today(),
        calendar=services.settings.calendar,
    )
    status = status_of(error) if error else 200
    return draw("digest.html", page, who=who, here=HERE, status=status)
