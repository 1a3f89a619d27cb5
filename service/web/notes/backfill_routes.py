"""The addresses of the backfill: a file in one piece, or in parts that a script cuts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Annotated
from urllib.parse import unquote

from fastapi import APIRouter, Depends, Header, Query
from starlette.responses import JSONResponse, Response

from models.errors import GroundswellError, InvalidInput, TooLarge, Unavailable
from service.dependencies import BatchBody, Services, ServicesOf, may
from service.errors import headers_of, status_of
from service.flows.note_search import reading_progress
from service.rendering import plain
from service.security import Principal, Right
from service.web.answering import PageRoute, Text, draw
from service.web.notes.backfill_page import BACKFILL, form_page, panel, result_page
from service.web.notes.contexts import BackfillPage, BackfillPanel
from service.web.notes.kept_uploads import FileSent, KeptUpload, keep_upload, kept_uploads
from service.web.notes.search_page import NOTES
from service.web.notes.taking import take
from service.web.notes.uploads import FileForm, file_in, word_in

router = APIRouter(route_class=PageRoute, include_in_schema=False)
# What the script asks answers as the API does, refusals too.
parts = APIRouter(include_in_schema=False)

_MOST_OF_A_NAME = 255
_Lines = Annotated[int, Query(ge=0, le=10**12)]


@dataclass(frozen=True, slots=True)
class Part:
    """Where a part of a file belongs.

    Attributes:
        name: of the file; in a header, since addresses are written into logs.
        upload: what the answer to the part before it said.
        before: how many lines more than in this part stand before them in the file.
        upto, total: how many lines of the file are sent with it, of how many.
    """

    name: str
    upload: str
    before: int
    upto: int
    total: int


def _part(
    x_file_name: Annotated[str, Header()] = "",
    upload: Text = "",
    before: _Lines = 0,
    upto: _Lines = 0,
    total: _Lines = 0,
) -> Part:
    return Part(unquote(x_file_name)[:_MOST_OF_A_NAME], upload, before, upto, total)


PartOf = Annotated[Part, Depends(_part)]


@router.get(BACKFILL)
def show(
    services: ServicesOf, who: Annotated[Principal, may(Right.WRITE_NOTES)], upload: Text = ""
) -> Response:
    """The form, for who may send notes and not read them; or what became of a file."""
    kept = kept_uploads(services, who)
    found = next((one for one in kept if one.token == upload), None)
    if found is None:
        return _drawn(who, form_page(_panel(services, kept), is_gone=bool(upload)))
    shown = _panel(services, kept, found.file.kind, found.file.encoding)
    return _drawn(who, result_page(shown, found))


@router.post(BACKFILL)
def load(
    services: ServicesOf, who: Annotated[Principal, may(Right.WRITE_NOTES)], form: FileForm
) -> Response:
    """Take a whole file, and say what became of it. The answer is the page itself, with the
    address where it can be read again: another process may be asked next, and keeps none of it."""
    kind, encoding, name = word_in(form, "kind"), word_in(form, "encoding"), ""
    try:
        chosen = file_in(form)
        name = chosen.filename or ""
        taken = take(
            services,
            who,
            chosen.file,
            kind=kind,
            ending=name.rpartition(".")[2],
            encoding=encoding,
        )
    except (InvalidInput, TooLarge, Unavailable) as refusal:
        shown = _panel(services, kept_uploads(services, who), kind, encoding)
        return _drawn(who, form_page(shown, refusal.message, name), refusal)
    kept = keep_upload(services, who, FileSent(name[:_MOST_OF_A_NAME], kind, encoding), taken)
    return _drawn(who, result_page(_panel(services, (), kind, encoding), kept))


@parts.post(BACKFILL + "/part")
def load_part(
    services: ServicesOf,
    who: Annotated[Principal, may(Right.WRITE_NOTES)],
    body: BatchBody,
    part: PartOf,
    kind: Text = "",
    ending: Text = "",
    encoding: Text = "",
) -> Response:
    """Take whole lines out of a file, a CSV's under its header; `upload` in the answer goes with
    the next part."""
    taken = take(services, who, BytesIO(body.data), kind=kind, ending=ending, encoding=encoding)
    kept = keep_upload(
        services,
        who,
        FileSent(part.name or f"A .{ending} file", kind, encoding),
        taken,
        token=part.upload,
        before=part.before,
        upto=part.upto,
        total=part.total,
    )
    receipt = taken.receipt
    answer = {
        "upload": kept.token,
        "accepted": receipt.accepted,
        "duplicate": receipt.duplicate,
        "updated": receipt.updated,
        "stale": receipt.stale,
        "deleted": receipt.deleted,
        "left_out": taken.left_out,
        "ignored_columns": receipt.ignored_columns,
        "rejected": [
            {
                "line": one.line + part.before,
                "code": one.code,
                "message": one.message,
                "raw": one.raw,
            }
            for one in taken.bad
        ],
    }
    return JSONResponse(plain(answer), headers={"Cache-Control": "no-store"})


@parts.get(BACKFILL + "/progress")
def progress(services: ServicesOf, who: Annotated[Principal, may(Right.WRITE_NOTES)]) -> Response:
    """How many notes wait to be read, and whether a worker reads some at this moment."""
    waiting, is_read = reading_progress(services.store, now=services.clock())
    answer = {"waiting": waiting, "is_read": is_read}
    return JSONResponse(answer, headers={"Cache-Control": "no-store"})


def _panel(
    services: Services, kept: Sequence[KeptUpload], kind: str = "notes", encoding: str = ""
) -> BackfillPanel:
    waiting, is_read = reading_progress(services.store, now=services.clock())
    return panel(
        waiting=waiting, is_read=is_read, is_open=True, kind=kind, encoding=encoding, kept=kept
    )


def _drawn(who: Principal, page: BackfillPage, refusal: GroundswellError | None = None) -> Response:
    status = 200 if refusal is None else status_of(refusal)
    headers = {} if refusal is None else headers_of(refusal)
    return draw("backfill.html", page, who=who, here=NOTES, status=status, headers=headers)
