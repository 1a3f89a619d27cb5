"""The addresses of one theme."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from service.dependencies import FormBody, Services, ServicesOf, SightOf, may
from service.flows.theme_names import theme_names
from service.flows.theme_view import theme_view
from service.masking import Sight
from service.rendering import plain_record
from service.security import ROLES_THAT, Principal, Right
from service.web.answering import PageRoute, Text, draw
from service.web.deciding.contexts import Typed
from service.web.deciding.forms import Fields, read_fields, typed_in
from service.web.deciding.items import item_path, typed_names
from service.web.deciding.taking import take
from service.web.figures import link
from service.web.themes.page import path_of, theme_page
from service.web.undoing import after, done_line

router = APIRouter(route_class=PageRoute, include_in_schema=False)

# As many quotes as a person reads before the next page.
QUOTES = 25


@router.get("/desk/themes/{theme_id}")
def theme(
    services: ServicesOf,
    who: Annotated[Principal, may(Right.READ_SIGNALS)],
    sight: SightOf,
    theme_id: str,
    cursor: Text = "",
    done: Text = "",
    merged: Text = "",
) -> Response:
    """One theme; the address of one that was merged away leads to the survivor."""
    return _drawn(services, who, sight, theme_id, cursor=cursor, done=done, merged=merged)


@router.post("/desk/themes/{theme_id}")
def answer(
    services: ServicesOf,
    who: Annotated[Principal, may(Right.REVIEW)],
    sight: SightOf,
    theme_id: str,
    body: FormBody,
    cursor: Text = "",
) -> Response:
    """Take one decision on the theme, and show what became of it."""
    names = typed_names(theme_names(services.store))
    fields = read_fields(body.data)
    taken = take(services, who, fields, names)
    if taken.refused:
        return _drawn(
            services,
            who,
            sight,
            theme_id,
            fields,
            cursor=cursor,
            refused=taken.refused,
            status=taken.status,
        )
    back = link(path_of(theme_id), {"cursor": cursor})
    return RedirectResponse(after(back, taken.decision_id), status_code=303)


def _drawn(
    services: Services,
    who: Principal,
    sight: Sight,
    theme_id: str,
    fields: Fields | None = None,
    *,
    cursor: str = "",
    done: str = "",
    merged: str = "",
    refused: str = "",
    status: int = 200,
) -> Response:
    view = theme_view(
        services.store,
        theme_id,
        now=services.clock(),
        today=services.today(),
        calendar=services.settings.calendar,
        cursor=cursor,
        limit=QUOTES,
        sight=sight,
    )
    if view.asked_for and not refused:
        there = link(path_of(view.theme.id), {"merged": theme_id, "done": done})
        return RedirectResponse(there, status_code=303)
    may_decide = who.role in ROLES_THAT[Right.REVIEW]
    known = theme_names(services.store)
    shown = plain_record(view)
    page = theme_page(
        shown,
        came_from=view.asked_for or merged,
        cursor=cursor,
        items=[item_path(item.feature_area, item.customer_need) for item in known.items],
        themes=sorted(name for name, key in known.open_themes.items() if key != theme_id),
        may_decide=may_decide,
        reads_notes=who.role in ROLES_THAT[Right.READ_REQUESTS],
        done=done_line(services, done) if may_decide else None,
        refused=refused,
        typed=typed_in(fields) if fields else Typed(),
    )
    return draw("theme.html", page, who=who, here="", status=status)
