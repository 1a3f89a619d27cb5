"""The addresses of the backfill: a file in one piece, or in parts that a script cuts."""

from __future__ import annotations

from io import BytesIO
from typing import Annotated

from fastapi import APIRouter
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
from service.web.notes.search_page import NOTES
from service.web.notes.taking import take
from service.web.notes.uploads import FileForm, file_in, word_in

router = APIRouter(route_class=PageRoute, include_in_schema=False)
# What the script asks answers as the API does, refusals too.
parts = APIRouter(include_in_schema=False)


@router.get(BACKFILL)
def show(services: ServicesOf, who: Annotated[Principal, may(Right.WRITE_NOTES)]) -> Response:
    """The form alone: for who may send notes and not read them."""
    return _drawn(who, form_page(_panel(services)))


@router.post(BACKFILL)
def load(
    services: ServicesOf, who: Annotated[Principal, may(Right.WRITE_NOTES)], form: FileForm
) -> Response:
    """Take a whole file, and say what became of it. Nothing of it is kept here: so the answer
    is the page itself, and to load it again sends the file again, which changes nothing."""
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
        shown = form_page(_panel(services, kind, encoding), refusal.message, name)
        return _drawn(who, shown, refusal)
    return _drawn(who, result_page(_panel(services, kind, encoding), name, taken))


@parts.post(BACKFILL + "/part")
def load_part(
    services: ServicesOf,
    who: Annotated[Principal, may(Right.WRITE_NOTES)],
    body: BatchBody,
    kind: Text = "",
    ending: Text = "",
    encoding: Text = "",
    before: int = 0,
) -> Response:
    """Take whole lines out of a file, a CSV's under its header; `before` is how many lines
    more than in this part stand before them in the file."""
    taken = take(services, who, BytesIO(body.data), kind=kind, ending=ending, encoding=encoding)
    receipt = taken.receipt
    answer = {
        "accepted": receipt.accepted,
        "duplicate": receipt.duplicate,
        "updated": receipt.updated,
        "stale": receipt.stale,
        "deleted": receipt.deleted,
        "left_out": taken.left_out,
        "ignored_columns": receipt.ignored_columns,
        "rejected": [
            {
                "line": one.line + before,
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


def _panel(services: Services, kind: str = "notes", encoding: str = "") -> BackfillPanel:
    waiting, is_read = reading_progress(services.store, now=services.clock())
    return panel(waiting=waiting, is_read=is_read, is_open=True, kind=kind, encoding=encoding)


def _drawn(who: Principal, page: BackfillPage, refusal: GroundswellError | None = None) -> Response:
    status = 200 if refusal is None else status_of(refusal)
    headers = {} if refusal is None else headers_of(refusal)
    return draw("backfill.html", page, who=who, here=NOTES, status=status, headers=headers)
