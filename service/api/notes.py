"""Notes: taken in one by one or in batches, deleted, and mended by hand."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import unquote

from fastapi import APIRouter, Request
from starlette.responses import Response

from models.errors import InvalidInput
from service.api.answers import WRITE_ERRORS, answer, errors
from service.api.bodies import lines_of, object_of
from service.api.schemas_read import BatchAnswer, DecidedRequestAnswer, NoteAnswer
from service.api.schemas_write import AddedRequestBody, NoteBody, documented
from service.dependencies import BatchBody, OneBody, Room, ServicesOf, SightOf, may
from service.flows.forget import delete_note
from service.flows.ingest import ingest_note, ingest_notes
from service.flows.receipts import Status
from service.flows.requests import add_request
from service.security import Principal, Right

router = APIRouter(tags=["notes"])

_NOTE = {
    "source": "manual",
    "external_id": "n-1",
    "account_id": "a-1",
    "csm_id": "c-1",
    "occurred_at": "2026-07-03T09:30:00Z",
    "text": "They need to export everything at once.",
}
_COLUMNS = ("source", "external_id", "account_id", "csm_id", "occurred_at", "text")
_TO_BE_READ = (Status.ACCEPTED, Status.UPDATED)


@router.post(
    "/notes",
    status_code=202,
    summary="Take in one note",
    responses={
        200: {"model": NoteAnswer, "description": "Nothing new: duplicate, stale or deleted."},
        202: {"model": NoteAnswer, "description": "Stored; it will be read."},
        **errors(*WRITE_ERRORS),
    },
    openapi_extra=documented(NoteBody, example=_NOTE),
)
def post_note(
    services: ServicesOf,
    who: Annotated[Principal, may(Right.WRITE_NOTES)],
    _room: Room,
    body: OneBody,
) -> Response:
    """The pair (source, external_id) is the note's identity; the note is stored when this
    answers."""
    receipt = ingest_note(services.store, object_of(body), now=services.clock(), actor=who.name)
    status = 202 if receipt.status in _TO_BE_READ else 200
    return answer({"id": receipt.id, "status": receipt.status}, status=status)


@router.post(
    "/notes/batch",
    summary="Take in many notes",
    responses={200: {"model": BatchAnswer}, **errors(*WRITE_ERRORS)},
    openapi_extra=documented(NoteBody, example=[_NOTE], many=True, lines=True, csv=True),
)
def post_notes(
    services: ServicesOf,
    who: Annotated[Principal, may(Right.WRITE_NOTES)],
    _room: Room,
    body: BatchBody,
) -> Response:
    """`application/x-ndjson`, a JSON array or `text/csv`. Good lines are kept, bad ones are
    named."""
    lines = lines_of(body, services.settings.batch_lines, *_COLUMNS)
    receipt = ingest_notes(services.store, lines, now=services.clock(), actor=who.name)
    return answer(receipt)


@router.delete(
    "/notes/{source}/{external_id:path}",
    status_code=204,
    summary="Forget a note",
    responses={
        204: {"description": "Text, requests and vectors are gone."},
        **errors(401, 403, 404, 422, 503),
    },
)
def remove_note(
    request: Request,
    services: ServicesOf,
    who: Annotated[Principal, may(Right.WRITE_NOTES)],
    source: str,
    external_id: str,
) -> Response:
    """Figures that were issued stay; a re-post is answered `deleted`. Percent-encode a slash
    within the source."""
    source, external_id = _identity(request, source, external_id)
    delete_note(services.store, source, external_id, now=services.clock(), actor=who.name)
    return Response(status_code=204)


@router.post(
    "/notes/{note_id}/requests",
    status_code=201,
    summary="Add a request that the reader missed",
    responses={201: {"model": DecidedRequestAnswer}, **errors(*WRITE_ERRORS, 404, 409)},
    openapi_extra=documented(
        AddedRequestBody,
        example={"start": 0, "end": 39, "severity": "degraded", "theme_id": None},
    ),
)
def post_request(
    services: ServicesOf,
    who: Annotated[Principal, may(Right.REVIEW)],
    sight: SightOf,
    note_id: str,
    body: OneBody,
) -> Response:
    """A decision of CS Ops: kept over re-reading, undoable."""
    added = add_request(
        services.store,
        note_id,
        object_of(body),
        now=services.clock(),
        actor=who.name,
        language=services.language,
        sight=sight,
    )
    return answer(added, status=201)


def _identity(request: Request, source: str, external_id: str) -> tuple[str, str]:
    """Source and external id as sent: cut at the slashes first, and only then decoded.

    The server decodes the whole path before it is routed, where '%2F' in a source can't be
    told from the slash behind it.
    """
    raw = request.scope.get("raw_path")
    if not raw:
        return source, external_id
    tail = raw.partition(b"?")[0].decode("ascii").split("/notes/", 1)[-1]
    first, _, rest = tail.partition("/")
    try:
        return unquote(first, errors="strict"), unquote(rest, errors="strict")
    except UnicodeDecodeError:
        raise InvalidInput(
            "The address holds bytes that are not UTF-8.", code="broken_utf8"
        ) from None
