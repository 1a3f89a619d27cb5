"""The address of a CSM's reports."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response

from service.dependencies import Services, ServicesOf, SightOf, is_https, may
from service.flows.loop import LoopQuery, loop, reporters
from service.masking import Sight
from service.rendering import plain_record
from service.security import Principal, Right, check_own
from service.web.answering import PageRoute, Text, draw
from service.web.reports.last_look import LOOK_COOKIE, last_look
from service.web.reports.page import HERE, chooser_page, matching, reports_page

router = APIRouter(route_class=PageRoute, include_in_schema=False)

ROWS = 25
_A_YEAR = 365 * 24 * 3600


@router.get(HERE)
def reports(
    request: Request,
    services: ServicesOf,
    who: Annotated[Principal, may(Right.READ_LOOP)],
    sight: SightOf,
    csm: Text = "",
    state: Text = "",
    since: Text = "",
    changed: Text = "",
    cursor: Text = "",
) -> Response:
    """What became of what a CSM reported; CS Ops chooses whose by typing a name."""
    query = {"state": state, "since": since, "changed": changed, "cursor": cursor}
    if who.csm_id is not None:
        check_own(who, csm or who.csm_id)
        return _own(request, services, who, sight, query)
    known = [plain_record(row) for row in reporters(services.store)]
    meant = matching(known, csm) if csm.strip() else []
    if len(meant) != 1:
        return draw("reporters.html", chooser_page(known, csm), who=who, here=HERE)
    answer = _answer(services, sight, meant[0]["csm_id"], query)
    return draw("reports.html", reports_page(answer, query, own=False), who=who, here=HERE)


def _own(
    request: Request, services: Services, who: Principal, sight: Sight, query: dict[str, str]
) -> Response:
    looked, kept = last_look(request.cookies.get(LOOK_COOKIE), services.today())
    dated = {**query, "since": query["since"] or (looked.isoformat() if looked else "")}
    answer = _answer(services, sight, who.csm_id or "", dated)
    page = draw("reports.html", reports_page(answer, query, own=True), who=who, here=HERE)
    page.set_cookie(
        LOOK_COOKIE,
        kept,
        max_age=_A_YEAR,
        path=HERE,
        secure=is_https(request, services),
        httponly=True,
        samesite="lax",
    )
    return page


def _answer(
    services: Services, sight: Sight, csm_id: str, query: dict[str, str]
) -> dict[str, object]:
    return plain_record(
        loop(
            services.store,
            LoopQuery(
                csm_id=csm_id,
                state=query["state"] or None,
                since=query["since"] or None,
                changed=bool(query["changed"]),
                cursor=query["cursor"],
                limit=ROWS,
            ),
            today=services.today(),
            calendar=services.settings.calendar,
            policy=services.settings.policy_called(None),
            sight=sight,
        )
    )
