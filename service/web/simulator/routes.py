"""The address of the simulator: every number is in it, and nothing is stored."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response

from models.window import parse_quarter
from service.dependencies import ServicesOf, may
from service.flows.simulation import simulate
from service.security import Principal, Right
from service.web.answering import PageRoute, Text, draw
from service.web.simulator.forms import tried_policy
from service.web.simulator.page import SIMULATOR, simulator_page

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get(SIMULATOR)
def simulator(
    request: Request,
    services: ServicesOf,
    who: Annotated[Principal, may(Right.READ_SIGNALS)],
    quarter: Text = "",
    policy: Text = "",
) -> Response:
    """Another policy over the four quarters up to `quarter` (today's where it is left out)."""
    calendar, today = services.settings.calendar, services.today()
    last = str(parse_quarter(quarter)) if quarter else str(calendar.quarter_of_day(today))
    in_force = services.settings.policy_called(None)
    base = services.settings.policy_called(policy or None)
    tried = tried_policy(base, dict(request.query_params))
    found = None
    if tried.policy is not None:
        found = simulate(
            services.store,
            last,
            in_force=in_force,
            tried=tried.policy,
            today=today,
            calendar=calendar,
        )
    refused = "" if found else "Some numbers can't be used; what they need is said beside them."
    page = simulator_page(
        found, tried, quarter=last, in_force=in_force, policy=base.name, refused=refused
    )
    return draw(
        "simulator.html", page, who=who, here=SIMULATOR, status=422 if tried.refused else 200
    )
