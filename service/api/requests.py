"""Requests: what was read out of the notes, and where it was put."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response

from models.errors import InvalidInput
from models.window import parse_quarter
from service.api.answers import READ_ERRORS, WRITE_ERRORS, answer, errors, tagged_answer
from service.api.bodies import object_of
from service.api.queries import Cursor, Limit, Text
from service.api.schemas_read import DecidedRequestAnswer, RequestsAnswer
from service.api.schemas_write import MendedRequestBody, documented
from service.dependencies import OneBody, ServicesOf, SightOf, may
from service.flows.requests import RequestFilters, list_requests, mend_request
from service.security import Principal, Right
from service.settings import Settings

router = APIRouter(tags=["requests"])

_TRUTHS = {"": None, "true": True, "1": True, "false": False, "0": False}


def filters_of(
    settings: Settings,
    *,
    theme_id: str = "",
    note_id: str = "",
    source: str = "",
    external_id: str = "",
    quarter: str = "",
    tagged: str = "",
    language: str = "",
    q: str = "",
) -> RequestFilters:
    """Conditions from query text; an empty one is left out.

    Raises:
        InvalidInput: `unknown_quarter`, or `invalid_parameter` for `tagged`.
    """
    if tagged.lower() not in _TRUTHS:
        raise InvalidInput(
            "tagged is true or false, or left out.", code="invalid_parameter", field="tagged"
        )
    return RequestFilters(
        theme_id=theme_id or None,
        note_id=note_id or None,
        source=source or None,
        external_id=external_id or None,
        window=settings.calendar.window(parse_quarter(quarter)) if quarter else None,
        tagged=_TRUTHS[tagged.lower()],
        language=language.lower() or None,
        q=q or None,
    )


@router.get(
    "/requests",
    summary="Requests, newest first",
    responses={200: {"model": RequestsAnswer}, **errors(*READ_ERRORS)},
)
def get_requests(
    request: Request,
    services: ServicesOf,
    _who: Annotated[Principal, may(Right.READ_REQUESTS)],
    sight: SightOf,
    theme_id: Text = "",
    note_id: Text = "",
    source: Text = "",
    external_id: Text = "",
    quarter: Text = "",
    tagged: Text = "",
    language: Text = "",
    q: Text = "",
    cursor: Cursor = "",
    limit: Limit = 100,
) -> Response:
    """`text` is `note.text[start:end]` in code points; a key of role csm reads it so of its own
    CSM's notes, and masked (`text_masked`) of others'. `candidates` are live items, best first,
    whatever their confidence."""
    filters = filters_of(
        services.settings,
        theme_id=theme_id,
        note_id=note_id,
        source=source,
        external_id=external_id,
        quarter=quarter,
        tagged=tagged,
        language=language,
        q=q,
    )
    page = list_requests(services.store, filters, cursor=cursor, limit=limit, sight=sight)
    return tagged_answer(request, page)


@router.patch(
    "/requests/{request_id}",
    summary="Mend the span of a request",
    responses={200: {"model": DecidedRequestAnswer}, **errors(*WRITE_ERRORS, 404, 409)},
    openapi_extra=documented(MendedRequestBody, example={"start": 4, "end": 39}),
)
def patch_request(
    services: ServicesOf,
    who: Annotated[Principal, may(Right.REVIEW)],
    sight: SightOf,
    request_id: str,
    body: OneBody,
) -> Response:
    """A decision of CS Ops: kept over re-reading, undoable."""
    mended = mend_request(
        services.store,
        request_id,
        object_of(body),
        now=services.clock(),
        actor=who.name,
        language=services.language,
        sight=sight,
    )
    return answer(mended)
