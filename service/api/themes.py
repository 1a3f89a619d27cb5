"""Themes: what lasts over clustering runs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response

from service.api.answers import READ_ERRORS, errors, tagged_answer
from service.api.queries import Cursor, Limit, Text
from service.api.schemas_read import ThemeAnswer, ThemesAnswer
from service.dependencies import ServicesOf, SightOf, may
from service.flows.themes import get_theme, list_themes
from service.security import Principal, Right

router = APIRouter(tags=["themes"])


@router.get(
    "/themes",
    summary="Themes",
    responses={200: {"model": ThemesAnswer}, **errors(*READ_ERRORS)},
)
def get_themes(
    request: Request,
    services: ServicesOf,
    _who: Annotated[Principal, may(Right.READ_SIGNALS)],
    sight: SightOf,
    status: Text = "",
    cursor: Cursor = "",
    limit: Limit = 100,
) -> Response:
    """`status`: proposed, accepted, rejected or merged."""
    page = list_themes(
        services.store,
        status=status or None,
        cursor=cursor,
        limit=limit,
        now=services.clock(),
        sight=sight,
    )
    return tagged_answer(request, page)


@router.get(
    "/themes/{theme_id}",
    summary="One theme, with its members, lineage and decisions",
    responses={200: {"model": ThemeAnswer}, **errors(*READ_ERRORS, 404)},
)
def get_one_theme(
    request: Request,
    services: ServicesOf,
    _who: Annotated[Principal, may(Right.READ_SIGNALS)],
    sight: SightOf,
    theme_id: str,
) -> Response:
    """An id that was merged away answers with the surviving theme and says so. `etag`, or the
    ETag header, goes into the If-Match of a decision."""
    theme = get_theme(services.store, theme_id, now=services.clock(), sight=sight)
    return tagged_answer(request, theme, version=theme["etag"])
