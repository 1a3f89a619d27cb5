"""The addresses of the map: its page, its points, a quote, and what is done with a selection."""

from __future__ import annotations

import gzip
from dataclasses import asdict
from functools import partial
from hashlib import blake2b
from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from models.errors import InvalidInput
from service.dependencies import OneBody, Services, ServicesOf, SightOf, may
from service.flows.health import store_figures
from service.flows.map_selection import glance, selection
from service.flows.quarter_map import GRID, map_points_of, map_themes
from service.flows.theme_names import theme_names
from service.masking import Sight
from service.rendering import to_json
from service.security import ROLES_THAT, Principal, Right
from service.web.answering import PageRoute, Text, draw
from service.web.deciding.forms import Fields, read_fields
from service.web.deciding.items import typed_names
from service.web.deciding.taking import take
from service.web.figures import link
from service.web.map.forms import chosen_ids, read_press
from service.web.map.page import COLOURS, MAP, map_page
from service.web.map.selection import QUOTES, selection_page
from service.web.undoing import after, done_line

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get(MAP)
def quarter_map(
    services: ServicesOf,
    who: Annotated[Principal, may(Right.READ_SIGNALS)],
    quarter: Text = "",
    colour: Text = "",
    done: Text = "",
) -> Response:
    """The map of a quarter; which, and what its colours say, is in the address."""
    return _map(services, who, quarter, colour, done=done)


@router.get(f"{MAP}/points")
def points(
    request: Request,
    services: ServicesOf,
    _who: Annotated[Principal, may(Right.READ_SIGNALS)],
    quarter: Text = "",
) -> Response:
    """Where each request stands, as one document of lists."""
    found = map_points_of(
        services.store,
        quarter,
        today=services.today(),
        calendar=services.settings.calendar,
        policy=services.settings.policy_called(None),
    )
    themes = [
        {"id": theme.theme_id, "label": theme.label, "level": theme.level} for theme in found.themes
    ]
    document = {**asdict(found), "themes": themes, "grid": GRID}
    body = to_json(document).encode()
    tag = f'"{blake2b(body, digest_size=12).hexdigest()}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Accept-Encoding"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        body, headers = gzip.compress(body, 1), headers | {"Content-Encoding": "gzip"}
    return Response(body, media_type="application/json", headers=headers)


@router.get(f"{MAP}/quote")
def quote(
    services: ServicesOf,
    _who: Annotated[Principal, may(Right.READ_SIGNALS)],
    sight: SightOf,
    id: Text = "",
) -> Response:
    """One request in short, as the caller may see it."""
    found = glance(services.store, id, sight)
    shown = {
        "text": found.text,
        "account": found.account,
        "severity": found.severity,
        "day": services.settings.calendar.local_day(found.occurred_at),
        "theme": found.theme,
    }
    return Response(
        to_json(shown), media_type="application/json", headers={"Cache-Control": "no-store"}
    )


@router.post(f"{MAP}/selection")
def choose(
    services: ServicesOf,
    who: Annotated[Principal, may(Right.REVIEW)],
    sight: SightOf,
    body: OneBody,
) -> Response:
    """Show what was chosen, and ask what to do with it; nothing is stored."""
    fields = read_fields(body.data)
    try:
        chosen_ids(fields)
    except InvalidInput as refusal:
        one = fields.one
        return _map(
            services,
            who,
            one.get("quarter", ""),
            one.get("colour", ""),
            refused=refusal.message,
            status=422,
        )
    return _selection(services, who, sight, fields)


@router.post(f"{MAP}/decision")
def decide_on_selection(
    services: ServicesOf,
    who: Annotated[Principal, may(Right.REVIEW)],
    sight: SightOf,
    body: OneBody,
) -> Response:
    """Do what was confirmed, then back to the map; a refusal shows the selection anew."""
    fields = read_fields(body.data)
    parts = selection(services.store, chosen_ids(fields), sight, quotes=0)
    names = typed_names(theme_names(services.store))
    taken = take(services, who, fields, names, partial(read_press, parts=parts))
    if taken.refused:
        return _selection(services, who, sight, fields, taken.refused, taken.status)
    query = {"quarter": fields.one.get("quarter", ""), "colour": fields.one.get("colour", "")}
    return RedirectResponse(after(link(MAP, query), taken.decision_id), status_code=303)


def _map(
    services: Services,
    who: Principal,
    quarter: str,
    colour: str,
    *,
    done: str = "",
    refused: str = "",
    status: int = 200,
) -> Response:
    found = map_themes(
        services.store,
        quarter,
        today=services.today(),
        calendar=services.settings.calendar,
        policy=services.settings.policy_called(None),
    )
    page = map_page(
        found,
        colour=_colour(colour),
        may_decide=who.role in ROLES_THAT[Right.REVIEW],
        done=done_line(services, done),
        refused=refused,
        holds=None if found.requests else store_figures(services.store),
    )
    return draw("map.html", page, who=who, here=MAP, status=status)


def _colour(colour: str) -> str:
    if colour and colour not in COLOURS:
        raise InvalidInput(
            f"colour is {' or '.join(COLOURS)}.", code="unknown_colour", field="colour"
        )
    return colour or next(iter(COLOURS))


def _selection(
    services: Services,
    who: Principal,
    sight: Sight,
    fields: Fields,
    refused: str = "",
    status: int = 200,
) -> Response:
    ids = chosen_ids(fields)
    page = selection_page(
        selection(services.store, ids, sight, quotes=QUOTES),
        ids,
        typed_names(theme_names(services.store)),
        fields.one,
        refused=refused,
    )
    return draw("map_selection.html", page, who=who, here=MAP, status=status)
