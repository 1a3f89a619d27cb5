"""The addresses of what waits."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import RedirectResponse, Response

from service.dependencies import FormBody, Services, ServicesOf, SightOf, may
from service.flows.theme_names import theme_names
from service.flows.waiting import WaitingConditions, waiting_requests
from service.masking import Sight
from service.rendering import plain_record
from service.security import Principal, Right
from service.web.answering import PageRoute, Text, draw
from service.web.deciding.forms import Fields, read_fields
from service.web.deciding.items import item_path, typed_names
from service.web.deciding.taking import take
from service.web.figures import link
from service.web.undoing import after, done_line
from service.web.waiting.forms import read_waiting
from service.web.waiting.page import WAITING, waiting_page

router = APIRouter(route_class=PageRoute, include_in_schema=False)

ROWS = 20


def asked_for(
    order: Text = "oldest",
    area: Text = "",
    severity: Text = "",
    account: Text = "",
    csm: Text = "",
    held: Text = "",
    cursor: Text = "",
) -> dict[str, str]:
    """What the address asks for."""
    return {
        "order": order or "oldest",
        "area": area,
        "severity": severity,
        "account": account,
        "csm": csm,
        "held": "yes" if held else "",
        "cursor": cursor,
    }


Query = Annotated[dict[str, str], Depends(asked_for)]


@router.get(WAITING)
def waiting(
    services: ServicesOf,
    who: Annotated[Principal, may(Right.REVIEW)],
    sight: SightOf,
    query: Query,
    done: Text = "",
) -> Response:
    """Requests that fit no item, in the order and under the filters of the address."""
    return _drawn(services, who, sight, query, done=done)


@router.post(WAITING)
def answer(
    services: ServicesOf,
    who: Annotated[Principal, may(Right.REVIEW)],
    sight: SightOf,
    query: Query,
    body: FormBody,
) -> Response:
    """Put one or several where they belong, or away; a refusal keeps what was ticked."""
    fields = read_fields(body.data)
    names = typed_names(theme_names(services.store))
    taken = take(services, who, fields, names, read_waiting)
    if taken.refused:
        return _drawn(
            services, who, sight, query, fields, refused=taken.refused, status=taken.status
        )
    return RedirectResponse(after(link(WAITING, query), taken.decision_id), status_code=303)


def _drawn(
    services: Services,
    who: Principal,
    sight: Sight,
    query: dict[str, str],
    fields: Fields | None = None,
    *,
    done: str = "",
    refused: str = "",
    status: int = 200,
) -> Response:
    found = waiting_requests(
        services.store,
        WaitingConditions(
            area=query["area"],
            severity=query["severity"],
            account_id=query["account"],
            csm_id=query["csm"],
            held=bool(query["held"]),
        ),
        order=query["order"],
        cursor=query["cursor"],
        limit=ROWS,
        sight=sight,
    )
    known = theme_names(services.store)
    page = waiting_page(
        plain_record(found),
        query,
        today=services.today(),
        items=[item_path(item.feature_area, item.customer_need) for item in known.items],
        ticked=fields.ticked if fields else (),
        typed=fields.one.get("item", "") if fields else "",
        done=done_line(services, done),
        refused=refused,
    )
    return draw("waiting.html", page, who=who, here=WAITING, status=status)
