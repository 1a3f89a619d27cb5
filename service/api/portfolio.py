"""Accounts and CSMs: uploaded from the CRM; those that are still incomplete."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from models.account import CSM, Account
from service.api.answers import READ_ERRORS, WRITE_ERRORS, answer, errors, tagged_answer
from service.api.bodies import lines_of
from service.api.queries import MAX_LIMIT, Cursor, Limit
from service.api.schemas_read import ListAnswer, UploadAnswer
from service.api.schemas_write import AccountBody, CSMBody, documented
from service.dependencies import BatchBody, ServicesOf, may
from service.flows.erase_account import erase_account
from service.flows.erase_csm import erase_csm
from service.flows.portfolio import (
    Known,
    list_accounts,
    list_csms,
    upsert_accounts,
    upsert_csms,
)
from service.security import Principal, Right

router = APIRouter(tags=["portfolio"])

_ACCOUNT = {
    "account_id": "a-1",
    "name": "Brightwater Utilities",
    "segment": "enterprise",
    "arr": 286000,
    "health": "yellow",
    "renewal_date": "2026-10-31",
    "at_risk": None,
    "csm_id": "c-1",
}
_CSM = {"csm_id": "c-1", "name": "Priya Raman", "email": "priya@example.com"}


@router.put(
    "/accounts",
    summary="Add or change accounts",
    responses={200: {"model": UploadAnswer}, **errors(*WRITE_ERRORS)},
    openapi_extra=documented(AccountBody, example=[_ACCOUNT], many=True, csv=True),
)
def put_accounts(
    services: ServicesOf, who: Annotated[Principal, may(Right.WRITE_PORTFOLIO)], body: BatchBody
) -> Response:
    """An absent column keeps what is stored, an empty or null one clears it."""
    lines = lines_of(body, services.settings.batch_lines, "account_id")
    return answer(upsert_accounts(services.store, lines, now=services.clock(), actor=who.name))


@router.put(
    "/csms",
    summary="Add or change CSMs",
    responses={200: {"model": UploadAnswer}, **errors(*WRITE_ERRORS)},
    openapi_extra=documented(CSMBody, example=[_CSM], many=True, csv=True),
)
def put_csms(
    services: ServicesOf, who: Annotated[Principal, may(Right.WRITE_PORTFOLIO)], body: BatchBody
) -> Response:
    """An absent column keeps what is stored, an empty or null one clears it."""
    lines = lines_of(body, services.settings.batch_lines, "csm_id")
    return answer(upsert_csms(services.store, lines, now=services.clock(), actor=who.name))


@router.get(
    "/accounts",
    summary="Accounts, by id",
    responses={200: {"model": ListAnswer}, **errors(*READ_ERRORS)},
)
def get_accounts(
    request: Request,
    services: ServicesOf,
    _who: Annotated[Principal, may(Right.READ_PORTFOLIO)],
    incomplete: bool = False,
    cursor: Cursor = "",
    limit: Limit = 100,
) -> Response:
    """`incomplete=true`: only those that a note has named and no upload has described; the
    first page then holds such CSMs too, as `csms`."""
    page = list_accounts(services.store, incomplete=incomplete, cursor=cursor, limit=limit)
    body: dict[str, Any] = {"data": _rows(page.data), "next_cursor": page.next_cursor}
    if incomplete and not cursor:
        unknown = list_csms(services.store, incomplete=True, limit=MAX_LIMIT)
        body["csms"] = _rows(unknown.data)
    return tagged_answer(request, body)


@router.get(
    "/csms",
    summary="CSMs, by id",
    responses={200: {"model": ListAnswer}, **errors(*READ_ERRORS)},
)
def get_csms(
    request: Request,
    services: ServicesOf,
    _who: Annotated[Principal, may(Right.READ_PORTFOLIO)],
    incomplete: bool = False,
    cursor: Cursor = "",
    limit: Limit = 100,
) -> Response:
    """`incomplete=true`: only those that a note or an account has named and no upload has
    described."""
    page = list_csms(services.store, incomplete=incomplete, cursor=cursor, limit=limit)
    return tagged_answer(request, {"data": _rows(page.data), "next_cursor": page.next_cursor})


@router.delete(
    "/accounts/{account_id:path}",
    status_code=204,
    summary="Erase an account with its notes",
    responses={
        204: {"description": "Its notes, requests, pre-reads, vectors and its record are gone."},
        **errors(401, 403, 404, 422, 503),
    },
)
def remove_account(
    services: ServicesOf, who: Annotated[Principal, may(Right.ERASE)], account_id: str
) -> Response:
    """Figures that were issued stay. Cut off in the middle, ask again."""
    erase_account(services.store, account_id, now=services.clock(), actor=who.name)
    return Response(status_code=204)


@router.delete(
    "/csms/{csm_id:path}",
    status_code=204,
    summary="Erase what is personal of a CSM",
    responses={
        204: {"description": "Name, address, id and keys are gone; the notes stay, nameless."},
        **errors(401, 403, 404, 422, 503),
    },
)
def remove_csm(
    services: ServicesOf, who: Annotated[Principal, may(Right.ERASE)], csm_id: str
) -> Response:
    """Each figure stays: the notes carry one id that says nothing. A repeat under the old id is
    taken under the new one."""
    erase_csm(services.store, csm_id, now=services.clock(), actor=who.name)
    return Response(status_code=204)


def _rows(found: Sequence[Known[Account]] | Sequence[Known[CSM]]) -> list[dict[str, Any]]:
    return [{**asdict(known.value), "incomplete": known.bare} for known in found]
