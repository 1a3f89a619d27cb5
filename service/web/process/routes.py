"""The address of the process metrics."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import Response

from models.window import parse_quarter
from service.dependencies import ServicesOf, may
from service.flows.process_metrics import process_metrics
from service.rendering import plain_record
from service.security import Principal, Right
from service.web.answering import PageRoute, Text, draw
from service.web.process.page import HERE, QUARTERS, process_page

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get(HERE)
def process(
    services: ServicesOf,
    who: Annotated[Principal, may(Right.READ_REPORTS)],
    quarter: Text = "",
) -> Response:
    """The five metrics of a quarter, each with the three quarters before."""
    calendar, today = services.settings.calendar, services.today()
    found = process_metrics(
        services.store,
        quarter or None,
        today=today,
        calendar=calendar,
        policy=services.settings.policy_called(None),
        quarters=QUARTERS,
    )
    ends = calendar.days(parse_quarter(found[-1]["quarter"]))[1]
    page = process_page([plain_record(one) for one in found], today=today, ends=ends)
    return draw("process.html", page, who=who, here=HERE)
