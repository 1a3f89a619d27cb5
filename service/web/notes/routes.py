"""The addresses of notes: the search, and one note with what can be said of it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import RedirectResponse, Response

from models.errors import Conflict, InvalidInput, NotFound
from models.window import parse_quarter
from service.dependencies import FormBody, Services, ServicesOf, SightOf, may
from service.flows.note_search import NoteFilters, reading_progress, search_notes
from service.flows.note_view import NoteView, view_note
from service.flows.theme_names import theme_names
from service.security import ROLES_THAT, Principal, Right
from service.web import undoing
from service.web.answering import PageRoute, Text, draw
from service.web.deciding.items import item_path
from service.web.notes.backfill_page import panel
from service.web.notes.contexts import Typed
from service.web.notes.deciding import carry_out
from service.web.notes.forms import read_note_form
from service.web.notes.kept_uploads import kept_uploads
from service.web.notes.note_page import note_page
from service.web.notes.search_page import NOTES, notes_page

router = APIRouter(route_class=PageRoute, include_in_schema=False)

ROWS = 50
# Whatever somebody pastes into the search is looked for, or as much of it as makes sense.
AnyText = Annotated[str, Query()]


@router.get(NOTES)
def search(
    services: ServicesOf,
    who: Annotated[Principal, may(Right.READ_REQUESTS)],
    sight: SightOf,
    q: AnyText = "",
    account: Text = "",
    csm: Text = "",
    quarter: Text = "",
    source: Text = "",
    state: Text = "",
    language: Text = "",
    cursor: Text = "",
) -> Response:
    """Notes by their words, newest first; every filter is in the address."""
    query = {
        "q": q.strip()[:1_000],
        "account": account.strip(),
        "csm": csm,
        "quarter": quarter.strip().upper(),
        "source": source,
        "state": state,
        "language": language,
    }
    filters = NoteFilters(
        typed=q,
        account=account,
        csm_id=csm,
        window=services.settings.calendar.window(parse_quarter(query["quarter"]))
        if query["quarter"]
        else None,
        source=source,
        state=state,
        language=language,
    )
    found = search_notes(services.store, filters, cursor=cursor, limit=ROWS, sight=sight)
    backfill = None
    if who.role in ROLES_THAT[Right.WRITE_NOTES]:
        _, is_read = reading_progress(services.store, now=services.clock())
        backfill = panel(
            waiting=found.waiting,
            is_read=is_read,
            is_open=found.is_empty,
            kept=kept_uploads(services, who),
        )
    page = notes_page(found, query, cursor=cursor, backfill=backfill)
    return draw("notes.html", page, who=who, here=NOTES)


@router.get(NOTES + "/{note_id}")
def one_note(
    services: ServicesOf,
    who: Annotated[Principal, may(Right.READ_REQUESTS)],
    sight: SightOf,
    note_id: str,
    done: Text = "",
) -> Response:
    """One note with its requests, where each went, and why."""
    view = view_note(services.store, note_id, as_of=services.today(), sight=sight)
    return _drawn(services, who, view, Typed(), done=done)


@router.post(NOTES + "/{note_id}")
def decide_on_note(
    services: ServicesOf,
    who: Annotated[Principal, may(Right.REVIEW)],
    sight: SightOf,
    note_id: str,
    body: FormBody,
) -> Response:
    """Take one word of CS Ops on the note; a refusal shows it with what was typed."""
    view = view_note(services.store, note_id, as_of=services.today(), sight=sight)
    typed = Typed()
    try:
        form = read_note_form(body.data)
        typed = form.typed
        decision_id = carry_out(services, who, view, form, _items(services))
    except (Conflict, InvalidInput, NotFound) as refusal:
        again = view_note(services.store, note_id, as_of=services.today(), sight=sight)
        status = 409 if isinstance(refusal, Conflict) else 422
        return _drawn(services, who, again, typed, refused=refusal.message, status=status)
    back = undoing.after(f"{NOTES}/{note_id}", decision_id)
    return RedirectResponse(back, status_code=303)


def _drawn(
    services: Services,
    who: Principal,
    view: NoteView,
    typed: Typed,
    *,
    done: str = "",
    refused: str = "",
    status: int = 200,
) -> Response:
    may_review = who.role in ROLES_THAT[Right.REVIEW]
    page = note_page(
        view,
        may_review=may_review,
        items=sorted(_items(services)) if may_review else (),
        calendar=services.settings.calendar,
        typed=typed,
        refused=refused,
        done=undoing.done_line(services, done),
    )
    return draw("note.html", page, who=who, here=NOTES, status=status)


def _items(services: Services) -> dict[str, str]:
    known = theme_names(services.store).items
    return {item_path(item.feature_area, item.customer_need): item.theme_id for item in known}
