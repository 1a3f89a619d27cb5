"""API keys: made, listed and revoked by an administrator."""

from __future__ import annotations

from typing import Annotated, Any, cast

from fastapi import APIRouter, Request
from starlette.responses import Response

from models.access import parse_wish
from service.api.answers import READ_ERRORS, WRITE_ERRORS, answer, errors, tagged_answer
from service.api.bodies import object_of
from service.api.queries import Cursor, Limit
from service.api.schemas_access import KeyAnswer, KeyBody, KeysAnswer, NewKeyAnswer
from service.api.schemas_write import documented
from service.dependencies import OneBody, ServicesOf, may
from service.flows.keys import create_key, page_of_keys, revoke_key, view_of
from service.flows.pages import Page
from service.rendering import plain
from service.security import Principal, Right

router = APIRouter(tags=["keys"])

Admin = Annotated[Principal, may(Right.MANAGE_KEYS)]


@router.get(
    "/keys",
    summary="The API keys, oldest first",
    responses={200: {"model": KeysAnswer}, **errors(*READ_ERRORS)},
)
def get_keys(
    request: Request,
    services: ServicesOf,
    _who: Admin,
    cursor: Cursor = "",
    limit: Limit = 100,
) -> Response:
    """Expired and revoked ones too; never the keys themselves."""
    found = page_of_keys(services.store, cursor=cursor, limit=limit)
    now = services.clock()
    shown = Page([view_of(key, now=now) for key in found.data], found.next_cursor)
    return tagged_answer(request, shown)


@router.post(
    "/keys",
    status_code=201,
    summary="Make an API key",
    responses={201: {"model": NewKeyAnswer}, **errors(*WRITE_ERRORS)},
    openapi_extra=documented(KeyBody, example={"role": "cs_ops", "name": "Ana"}),
)
def post_key(services: ServicesOf, who: Admin, body: OneBody) -> Response:
    """`key` is in this answer and nowhere else: only a hash of it is kept."""
    now = services.clock()
    wish = parse_wish(object_of(body))
    made = create_key(
        services.store,
        role=wish.role,
        name=wish.name,
        csm_id=wish.csm_id,
        expires_at=wish.expires_at,
        now=now,
        actor=who.name,
    )
    shown = cast(dict[str, Any], plain(view_of(made.stored, now=now)))
    return answer({**shown, "key": made.key}, status=201, no_store=True)


@router.post(
    "/keys/{key_id}/revoke",
    summary="End a key's use, at once",
    responses={200: {"model": KeyAnswer}, **errors(401, 403, 404, 422, 503)},
)
def post_revoke(services: ServicesOf, who: Admin, key_id: str) -> Response:
    """Whoever is signed in by it is out too. Done twice, the first time stands."""
    now = services.clock()
    revoked = revoke_key(services.store, key_id, now=now, actor=who.name)
    return answer(view_of(revoked, now=now))
